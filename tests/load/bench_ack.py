"""How long an action waits for its acknowledgement, next to a bare Channels echo.

python -m tests.load.bench_ack       (make bench)

Prints one table for BENCHMARKS.md: median and 95th percentile with 1 and with 12 browsers at once,
on this machine in this run. The echo consumer receives a frame and sends it back: no database, no
session, no log. What our path adds is the ratio.
"""

import asyncio
import os
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import aiohttp

from study.robots.browser import Browser
from study.robots.journal import Journal
from study.robots.socket import Socket
from tests.faults.bench import inside
from tests.services import free_port, running
from tests.stack import ROOT, answers, running_stack

ACTIONS = 60  # of each browser
CROWDS = (1, 12)
Act = Callable[[], Awaitable[object]]


def main() -> None:
    rows = {}
    with (
        TemporaryDirectory() as folder,
        echo_server() as echo,
        running_stack(Path(folder)) as stack,
    ):
        for crowd in CROWDS:
            rows["bare echo", crowd] = asyncio.run(time_echo(echo, crowd))
            opened = [inside(stack, "open") for _ in range(crowd)]
            rows["action", crowd] = asyncio.run(time_actions(stack.url, opened))
    say("| browsers | bare echo p50 | p95 | action p50 | p95 | ratio of p50 |")
    say("|---|---|---|---|---|---|")
    for crowd in CROWDS:
        (echo50, echo95), (ours50, ours95) = rows["bare echo", crowd], rows["action", crowd]
        cells = [f"{value:.1f} ms" for value in (echo50, echo95, ours50, ours95)]
        say(f"| {crowd} | {' | '.join(cells)} | {ours50 / echo50:.1f} |")


async def time_actions(url: str, opened: list[dict[str, str]]) -> tuple[float, float]:
    """Every browser creates and deletes categories in a workspace of its own."""
    async with AsyncExitStack() as held:
        journal = Journal()
        sockets = []
        for one in opened:
            cookies = {"sessionid": one["session"]}
            browser = await held.enter_async_context(Browser(url, cookies=cookies))
            socket = Socket(browser, f"/ws/workspace/{one['workspace']}/", "bench", journal)
            sockets.append(await held.enter_async_context(socket))
        await asyncio.gather(*(_act(socket) for socket in sockets))
    return percentiles(journal.ack_seconds)


async def _act(socket: Socket) -> None:
    for number in range(ACTIONS // 2):
        ack = await socket.do("category.create", {"name": f"category {number}"})
        await socket.do("category.delete", {"category": ack.result["category"]})


async def time_echo(url: str, crowd: int) -> tuple[float, float]:
    seconds: list[float] = []

    async def one(session: aiohttp.ClientSession) -> None:
        async with session.ws_connect(url) as line:
            for _ in range(ACTIONS):
                begun = time.perf_counter()
                await line.send_json({"type": "do", "id": str(uuid.uuid4()), "payload": {}})
                await line.receive_json()
                seconds.append(time.perf_counter() - begun)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(one(session) for _ in range(crowd)))
    return percentiles(seconds)


def percentiles(seconds: list[float]) -> tuple[float, float]:
    cuts = quantiles(seconds, n=20, method="inclusive")
    return 1000 * cuts[9], 1000 * cuts[18]


@contextmanager
def echo_server() -> Iterator[str]:
    """The same uvicorn with an application that only echoes; its socket's address."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.load.echo:application", "--port", str(port)]
    environment = [f"PYTHONPATH={ROOT}", "DJANGO_SETTINGS_MODULE=tests.load.echo"]
    with running(["env", *environment, *command], lambda: answers(f"http://127.0.0.1:{port}")):
        yield f"ws://127.0.0.1:{port}/"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
