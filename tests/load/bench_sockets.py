"""200 workspaces open, each with its page and its socket: what the web process weighs.

python -m tests.load.bench_sockets       (make bench)

Every browser loads its page, opens its socket and is told the state; then all of them act. Ends
with an error where the web process ever held more than LIMIT_MB, or an action was not answered.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from study.robots.browser import Browser
from study.robots.journal import Journal
from study.robots.socket import Socket
from tests.load.bench_ack import percentiles
from tests.stack import ROOT, Stack, running_stack

WORKSPACES = 200
IMAGES = 120  # as many as the study's larger task offers
ACTIONS = 4  # of each browser
AT_ONCE = 20  # pages loaded side by side
LIMIT_MB = 400


def main() -> None:
    with (
        TemporaryDirectory() as folder,
        running_stack(Path(folder), DUETML_STUDIO="1") as stack,
    ):
        rooms = make_rooms(stack, "duetml", IMAGES, WORKSPACES)
        web = stack.pid_of("web")
        before = megabytes(web, "VmRSS")
        seconds, opened, acks = asyncio.run(use(stack.url, rooms, web))
        most = megabytes(web, "VmHWM")
    half, most_waited = percentiles(acks)
    say(f"| at rest | {WORKSPACES} open | the most it ever held | limit |")
    say("|---|---|---|---|")
    say(f"| {before:.0f} MB | {opened:.0f} MB | {most:.0f} MB | {LIMIT_MB} MB |")
    say(
        f"\n{len(acks)} actions acknowledged, p50 {half:.0f} ms, p95 {most_waited:.0f} ms; all open"
        f" after {seconds:.0f} s"
    )
    if most > LIMIT_MB or len(acks) != WORKSPACES * ACTIONS:
        sys.exit("bench_sockets: missed")


def make_rooms(
    stack: Stack, preset: str, images: int, number: int, in_each: int = 0
) -> list[dict[str, str]]:
    """See tests.load.rooms."""
    wanted = [preset, str(images), str(number), str(in_each)]
    command = [sys.executable, "-m", "tests.load.rooms", *wanted]
    done = subprocess.run(command, cwd=ROOT, env=stack.env, stdout=subprocess.PIPE, check=True)
    rooms: list[dict[str, str]] = json.loads(done.stdout)
    return rooms


async def use(
    url: str, rooms: Sequence[dict[str, str]], web: int
) -> tuple[float, float, list[float]]:
    """(seconds until all were open, megabytes then, seconds until each acknowledgement)"""
    journal = Journal()
    gate = asyncio.Semaphore(AT_ONCE)
    begun = perf_counter()
    async with AsyncExitStack() as held:

        async def enter(room: dict[str, str]) -> Socket:
            async with gate:
                cookies = {"sessionid": room["session"]}
                browser = await held.enter_async_context(Browser(url, cookies=cookies))
                await browser.get(f"/studio/{room['workspace']}/")
                socket = Socket(browser, f"/ws/workspace/{room['workspace']}/", "load", journal)
                return await held.enter_async_context(socket)

        sockets = await asyncio.gather(*(enter(room) for room in rooms))
        seconds = perf_counter() - begun
        opened = megabytes(web, "VmRSS")
        await asyncio.gather(*(act(socket) for socket in sockets))
    return seconds, opened, journal.ack_seconds


async def act(socket: Socket) -> None:
    for number in range(ACTIONS // 2):
        ack = await socket.do("category.create", {"name": f"category {number}"})
        category = ack.result["category"]
        images = socket.view.offered[: 10 * (number + 1)]
        await socket.do("images.add", {"category": category, "images": images})


def megabytes(pid: int, what: str) -> float:
    """VmRSS (now) or VmHWM (the most so far) of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
