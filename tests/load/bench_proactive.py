"""1,000 workspaces open, in each an agent that speaks every 60 seconds, and some people chatting.

python -m tests.load.bench_proactive       (make bench)

One agents worker, a stand-in vendor that needs FIRST_TOKEN seconds to its first word. People arrive
evenly over OPENING seconds and keep their pages open. How late is a turn: from its time to the
moment its request is ready to go. CHATTING of them ask, before the others come and when all are
there. Ends with an error where a workspace was left out, turns were more than LATEST_SECONDS late
or the worker ever held more than LIMIT_MB, or where a question among the crowd waited more than
SLOWER_MS longer than before it (each at the 95th percentile).
"""

import asyncio
import json
import os
import random
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from tests.load.bench_sockets import make_rooms, megabytes, say
from tests.load.crowd import Page, percentile
from tests.load.stand_in import answering
from tests.stack import ROOT, Stack

WORKSPACES, CHATTING = 1000, 10
IMAGES, IN_EACH = 60, 8
OPENING, WATCHED = 60.0, 130.0  # seconds; two turns each
FIRST_TOKEN = 3.0
THINKING = (3.0, 9.0)
LATEST_SECONDS, LIMIT_MB, SLOWER_MS = 2.0, 500, 150


def main() -> None:
    with (
        TemporaryDirectory() as folder,
        answering(Path(folder), FIRST_TOKEN) as (stack, _vendor),
    ):
        rooms = make_rooms(stack, "duetml", IMAGES, WORKSPACES, IN_EACH)
        before, among = asyncio.run(live(stack.url, rooms))
        found = turns(stack)
        most = megabytes(stack.pid_of("agents"), "VmHWM")
    late = found["late"]
    p50, p95 = percentile(late, 0.5), percentile(late, 0.95)
    say(f"| turns of {WORKSPACES} workspaces | without one | late p50 | p95 | most | worker |")
    say("|---|---|---|---|---|---|")
    say(
        f"| {len(late)} | {found['left_out']} | {p50:.2f} s | {p95:.2f} s | {max(late):.2f} s |"
        f" {most:.0f} MB |"
    )
    say(f"\n| a question, above the vendor's {FIRST_TOKEN:.0f} s | asked | p50 | p95 |")
    say("|---|---|---|---|")
    for name, waits in (("before the crowd", before), ("among it", among)):
        say(
            f"| {name} | {len(waits)} | {1000 * percentile(waits, 0.5):.0f} ms |"
            f" {1000 * percentile(waits, 0.95):.0f} ms |"
        )
    slower = 1000 * (percentile(among, 0.95) - percentile(before, 0.95))
    if found["left_out"] or p95 > LATEST_SECONDS or most > LIMIT_MB or slower > SLOWER_MS:
        sys.exit("bench_proactive: missed")


async def live(url: str, rooms: list[dict[str, str]]) -> tuple[list[float], list[float]]:
    """What questions waited for beyond the vendor's time, before the crowd came and among it."""
    rng = random.Random(1)
    connector = aiohttp.TCPConnector(limit=0)
    async with AsyncExitStack() as held:
        session = await held.enter_async_context(aiohttp.ClientSession(connector=connector))

        async def enter(room: dict[str, str], after: float) -> Page:
            await asyncio.sleep(after)
            return await held.enter_async_context(Page(session, url, room))

        asking = [await enter(room, 0) for room in rooms[:CHATTING]]
        before = await talk(asking, 45, rng)
        step = OPENING / (len(rooms) - CHATTING)
        crowd = [enter(room, number * step) for number, room in enumerate(rooms[CHATTING:])]
        await asyncio.gather(*crowd)
        return before, await talk(asking, WATCHED, rng)


async def talk(pages: list[Page], seconds: float, rng: random.Random) -> list[float]:
    until = asyncio.get_running_loop().time() + seconds
    waits = []

    async def one(page: Page) -> None:
        while asyncio.get_running_loop().time() < until:
            await asyncio.sleep(rng.uniform(*THINKING))
            first, _last = await page.ask("What of this?")
            waits.append(first - FIRST_TOKEN)

    await asyncio.gather(*(one(page) for page in pages))
    return waits


def turns(stack: Stack) -> dict[str, list[float]]:
    """What the rows say: {"late": [seconds, …], "left_out": how many were never spoken to}."""
    script = (
        "import json; from duetml.workspace.models import *; "
        "calls = AgentCall.objects.filter(agent='proactive', sent_at__isnull=False); "
        "late = [(c.sent_at - c.due_at).total_seconds() for c in calls]; "
        "left = Workspace.objects.exclude(pk__in=calls.values('workspace')).count(); "
        "print('found', json.dumps({'late': late, 'left_out': left}))"
    )
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", script]
    done = subprocess.run(
        command, cwd=ROOT, env=stack.env, stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, list[float]] = json.loads(done.stdout.split("found ", 1)[1])
    return found


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
