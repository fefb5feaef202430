"""How many participants at once: each in a workspace with its socket, acting every 2 s.

python -m tests.load.bench_capacity [PEOPLE …]       (make bench)

Embedded stack, then PostgreSQL and Redis, the client on the same machine. Of every crowd: actions
acknowledged (p50, p95), the web processes' time on a processor for each, and what was lost:
acknowledged actions without an event, events that never arrived. Ends with an error where 300 wait
longer than 150 ms (p95) or anything is lost.
"""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from study.robots.browser import Browser
from study.robots.journal import Journal
from study.robots.socket import Socket
from tests.load.bench_ack import percentiles
from tests.load.bench_sockets import AT_ONCE, make_rooms, say
from tests.load.bench_walk import cpu_seconds
from tests.services import postgres, redis
from tests.stack import ROOT, Stack, running_stack

CROWDS = (100, 200, 300, 400)
GATED, MOST_MS = 300, 150
IMAGES = 120
EVERY_SECONDS, FOR_SECONDS = 2.0, 30.0


def main(crowds: Sequence[int] = CROWDS) -> None:
    wrong: list[str] = []
    say("| participants | database | actions | p50 | p95 | processor per action | lost |")
    say("|---|---|---|---|---|---|---|")
    for database in ("SQLite", "PostgreSQL"):
        with ExitStack() as held, TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            own = {"DUETML_STUDIO": "1"}
            if database == "PostgreSQL":
                own |= {"DATABASE_URL": held.enter_context(postgres()), "SECRET_KEY": "k" * 60}
                own["REDIS_URL"] = held.enter_context(redis())
            stack = held.enter_context(running_stack(Path(folder), **own))
            for people in crowds:
                wrong += measured(stack, database, people)
    if wrong:
        sys.exit("bench_capacity: missed: " + "; ".join(wrong))


def measured(stack: Stack, database: str, people: int) -> list[str]:
    rooms = make_rooms(stack, "duetml", IMAGES, people)
    journal = Journal()
    lost, seconds = asyncio.run(crowd(stack, rooms, journal))
    lost += unrecorded(stack, [entry.client for entry in journal.entries])
    half, most = percentiles(journal.ack_seconds)
    row = f"{people} | {database} | {len(journal.entries)} | {half:.0f} ms | {most:.0f} ms"
    say(f"| {row} | {1000 * seconds / max(1, len(journal.entries)):.1f} ms | {lost} |")
    is_slow = people == GATED and most > MOST_MS
    return [f"{row}, {lost} lost"] if is_slow or lost else []


async def crowd(
    stack: Stack, rooms: Sequence[dict[str, str]], journal: Journal
) -> tuple[int, float]:
    """All come in, then all act for a while. Returns how many events never arrived, and seconds of
    the web processes on a processor while they acted."""
    gate = asyncio.Semaphore(AT_ONCE)
    async with AsyncExitStack() as held:

        async def enter(room: dict[str, str]) -> Socket:
            async with gate:
                cookies = {"sessionid": room["session"]}
                browser = await held.enter_async_context(Browser(stack.url, cookies=cookies))
                await browser.get(f"/studio/{room['workspace']}/")
                address = f"/ws/workspace/{room['workspace']}/"
                return await held.enter_async_context(Socket(browser, address, "load", journal))

        sockets = await asyncio.gather(*(enter(room) for room in rooms))
        before = cpu_seconds(stack.pids_of("web"))
        await asyncio.gather(*(act(socket, Random(n)) for n, socket in enumerate(sockets)))
        seconds = cpu_seconds(stack.pids_of("web")) - before
        await asyncio.sleep(2)  # for the last events
        return sum(missing(socket) for socket in sockets), seconds


async def act(socket: Socket, rng: Random) -> None:
    """What people do: a few categories, then one picture after the other."""
    await asyncio.sleep(EVERY_SECONDS * rng.random())
    loop = asyncio.get_running_loop()
    until, hands = loop.time() + FOR_SECONDS, list[str]()
    left = list(socket.view.offered)
    while loop.time() < until:
        begun = loop.time()
        if len(hands) < 3:
            ack = await socket.do("category.create", {"name": f"category {len(hands)}"})
            hands.append(str(ack.result["category"]))
        else:
            payload = {"category": rng.choice(hands), "images": [left.pop()]}
            await socket.do("images.add", payload)
        await asyncio.sleep(max(0.0, EVERY_SECONDS - (loop.time() - begun)))


def missing(socket: Socket) -> int:
    seen = {int(event["seq"]) for kind in KINDS for event in socket.events(kind)}
    return len(set(range(socket.view.first + 1, socket.view.seq + 1)) - seen)


KINDS = ("category.created", "images.added")


def unrecorded(stack: Stack, clients: Sequence[str]) -> int:
    """How many of these actions have no event of their own."""
    command = [sys.executable, "-m", "tests.load.recorded"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=stack.env,
        input="\n".join(clients),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return int(done.stdout)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or CROWDS)
