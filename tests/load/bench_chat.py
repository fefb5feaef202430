"""From sending a message to the first word of its answer, with 50 workspaces chatting.

python -m tests.load.bench_chat       (make bench)

The stand-in vendor needs FIRST_TOKEN seconds to its first word; what a message takes longer than
that is ours: an action, a queue, a look at the workspace with its pictures, a request, a frame.
Next to it a bare client that sends such requests to the same server, as many side by side. Ends
with an error where more than LIMIT_MS are ours at the 95th percentile.
"""

import asyncio
import base64
import os
import random
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import aiohttp

from tests.load.bench_sockets import make_rooms, say
from tests.load.crowd import Page, percentile
from tests.load.pictures import photograph
from tests.load.stand_in import answering
from tests.stack import ROOT

WORKSPACES = 50
IMAGES, IN_EACH = 120, 15
ROUNDS = 6
FIRST_TOKEN, PIECE = 3.0, 0.02
THINKING = (1.0, 7.0)  # seconds between an answer and the next message
LIMIT_MS = 150


def main() -> None:
    with (
        TemporaryDirectory() as folder,
        answering(Path(folder), FIRST_TOKEN, PIECE) as (stack, vendor),
    ):
        rooms = make_rooms(stack, "duetml", IMAGES, WORKSPACES, IN_EACH)
        bare = asyncio.run(ask_barely(vendor))
        ours = asyncio.run(chat(stack.url, rooms))
    say("| 50 workspaces chatting, above the server's own 3 s | p50 | p95 | most |")
    say("|---|---|---|---|")
    for name, waits in (("a bare client", bare), ("the platform", ours)):
        p50, p95, most = (1000 * percentile(waits, share) for share in (0.5, 0.95, 1))
        say(f"| {name} ({len(waits)} answers) | {p50:.0f} ms | {p95:.0f} ms | {most:.0f} ms |")
    if len(ours) != WORKSPACES * ROUNDS or 1000 * percentile(ours, 0.95) > LIMIT_MS:
        sys.exit("bench_chat: missed")


async def chat(url: str, rooms: list[dict[str, str]]) -> list[float]:
    rng = random.Random(1)
    async with AsyncExitStack() as held:
        session = await held.enter_async_context(aiohttp.ClientSession())
        pages = [await held.enter_async_context(Page(session, url, room)) for room in rooms]

        async def talk(page: Page) -> list[float]:
            waits = []
            for number in range(ROUNDS):
                await asyncio.sleep(rng.uniform(*THINKING))
                first, _last = await page.ask(f"What of this, number {number}?")
                waits.append(first - FIRST_TOKEN)
            return waits

        found = await asyncio.gather(*(talk(page) for page in pages))
    return [wait for waits in found for wait in waits]


async def ask_barely(url: str) -> list[float]:
    """Requests of the same size, one after another from as many clients."""
    pictures = [base64.b64encode(photograph(seed, 256)).decode() for seed in range(8)]
    content = [
        {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{one}"}}
        for one in pictures
    ]
    body = {
        "model": "gpt-4o-2024-08-06",
        "stream": True,
        "messages": [{"role": "user", "content": [*content, {"type": "text", "text": "What?"}]}],
    }
    headers = {"Authorization": "Bearer any"}
    rng = random.Random(2)

    async def ask(session: aiohttp.ClientSession) -> list[float]:
        waits = []
        for _number in range(2):
            await asyncio.sleep(rng.uniform(*THINKING))
            begun = perf_counter()
            async with session.post(
                f"{url}/chat/completions", json=body, headers=headers
            ) as answer:
                await answer.content.readline()
                waits.append(perf_counter() - begun - FIRST_TOKEN)
                await answer.read()
        return waits

    async with aiohttp.ClientSession() as session:
        found = await asyncio.gather(*(ask(session) for _ in range(WORKSPACES)))
    return [wait for waits in found for wait in waits]


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
