"""What the worker that holds the model weighs, after 500 photographs and a training.

python -m tests.load.bench_worker_memory       (make bench)

The compute worker of a running stack. Ends with an error where it ever held more than LIMIT_MB.
"""

import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from study.robots.browser import Browser
from study.robots.journal import Journal
from study.robots.socket import Socket
from tests.faults.bench import inside
from tests.load.bench_sockets import megabytes
from tests.load.photographs import files, or_leave, say, weights
from tests.stack import ROOT, Stack, running_stack

PHOTOGRAPHS = 500
TRAININGS = 3
LIMIT_MB = 700


def main() -> None:
    or_leave()
    photographs = files("animals")[:PHOTOGRAPHS]
    with (
        TemporaryDirectory() as folder,
        running_stack(Path(folder), DUETML_BACKBONE=str(weights())) as stack,
    ):
        opened = inside(stack, "open")
        worker = stack.pid_of("compute")
        say("| after | the worker holds | the most it ever held |")
        say("|---|---|---|")
        tell("starting", worker)
        asyncio.run(use(stack, opened, photographs, worker))
        most = megabytes(worker, "VmHWM")
    if most > LIMIT_MB:
        sys.exit(f"bench_worker_memory: {most:.0f} MB, more than {LIMIT_MB}")


async def use(stack: Stack, opened: dict[str, str], photographs: list[Path], worker: int) -> None:
    cookies = {"sessionid": opened["session"], "csrftoken": "b" * 32}
    async with Browser(stack.url, cookies=cookies) as browser:
        address = f"/ws/workspace/{opened['workspace']}/"
        async with Socket(browser, address, "bench", Journal()) as socket:
            await upload(browser, socket, opened["workspace"], photographs)
            for number in range(1, TRAININGS + 1):
                await socket.do("training.start")
                await until_trained(socket, number)
                tell(f"training {number} on {len(photographs)} photographs", worker)


async def until_trained(socket: Socket, times: int) -> None:
    if not await socket.until(lambda: len(socket.events("training.done")) == times, 300):
        sys.exit("bench_worker_memory: no result after 5 minutes")


async def upload(browser: Browser, socket: Socket, workspace: str, photographs: list[Path]) -> None:
    """Each kind into a category of its own."""
    categories: dict[str, str] = {}
    for photograph in photographs:
        kind = photograph.parent.name
        if kind not in categories:
            ack = await socket.do("category.create", {"name": kind})
            categories[kind] = str(ack.result["category"])
        address = f"/workspace/{workspace}/upload/"
        fields = {"id": str(uuid4()), "category": categories[kind]}
        await browser.upload(address, photograph.read_bytes(), photograph.name, fields)


def tell(after: str, worker: int) -> None:
    now, most = megabytes(worker, "VmRSS"), megabytes(worker, "VmHWM")
    say(f"| {after} | {now:.0f} MB | {most:.0f} MB |")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
