"""A running platform whose model vendor is a stand-in, and a workspace of it with a socket."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from study.robots.browser import Browser
from study.robots.journal import Journal
from study.robots.socket import Socket
from tests.stack import ROOT, Stack
from tests.vendor import Vendor

POOL = "faults"
PICTURES = 300


def inside(stack: Stack, *arguments: str) -> dict[str, Any]:
    """Run tests.faults.inside on a stack's own database."""
    command = [sys.executable, "-m", "tests.faults.inside", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=stack.env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@dataclass
class Bench:
    """One stack with a vendor that can be told how to behave."""

    stack: Stack
    vendor: Vendor

    def inside(self, *arguments: str) -> dict[str, Any]:
        return inside(self.stack, *arguments)

    @asynccontextmanager
    async def workspace(self) -> AsyncIterator[Socket]:
        """A fresh workspace, as a browser holds it."""
        opened = self.inside("open", POOL)
        async with Browser(self.stack.url, cookies={"sessionid": opened["session"]}) as browser:
            address = f"/ws/workspace/{opened['workspace']}/"
            async with Socket(browser, address, "fault", Journal()) as socket:
                yield socket

    async def sorted_into_two(self, socket: Socket) -> None:
        """Two categories that share all the pictures."""
        halves = socket.view.offered[::2], socket.view.offered[1::2]
        for name, images in zip(("even", "odd"), halves, strict=True):
            ack = await socket.do("category.create", {"name": name})
            category = ack.result["category"]
            await socket.do("images.add", {"category": category, "images": images})

    @contextmanager
    def no_vendor(self) -> Iterator[None]:
        """Nobody listens at the vendor's address for the time of the block."""
        self.vendor.__exit__()
        try:
            yield
        finally:
            port = urlsplit(self.vendor.url).port
            self.vendor = Vendor(port or 0).__enter__()

    def kill(self, program: str) -> None:
        """End a program's processes the hard way; the supervisor starts them again."""
        for pid in self.stack.pids_of(program):
            os.kill(pid, signal.SIGKILL)


async def eventually(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is so; fails when it does not become so."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)
