"""An export of a large study: how fast, how much memory, and whether participants notice it.

python -m tests.load.bench_export [--events N] [--ratings N]      (make bench)

PostgreSQL and Redis. The same rows by PostgreSQL's own COPY … TO are the limit. Then BROWSERS act
in workspaces of their own, without an export and while a worker makes one (CSV and Parquet). Ends
with an error below ROWS_A_SECOND, from LIMIT_MB on, or where an acknowledgement's 95th percentile
grew by more than SLOWER. With fewer events than ALL only the memory is held against its limit.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from study.robots.browser import Browser
from study.robots.journal import Journal
from study.robots.socket import Socket
from tests import services
from tests.faults.bench import inside
from tests.load.crowd import percentile
from tests.stack import ROOT, Stack, running_stack

ALL, RATINGS = 1_000_000, 100_000
BROWSERS, ACTIONS, PAUSE = 12, 10, 0.5  # each acts about twice a second
ROWS_A_SECOND, LIMIT_MB, SLOWER = 60_000, 300, 0.2
ASK = (
    "from django.utils import timezone; from evaluation.services import exporting; "
    "from evaluation.exports.options import Options; from study.models import Study; "
    "exporting.ask(Study.objects.get(slug='big'), Options(formats=('csv', 'parquet')), 'bench',"
    " timezone.now())"
)
STATE = "SELECT state FROM evaluation_exportjob"


def main() -> None:
    asked = arguments()
    with (
        TemporaryDirectory() as folder,
        services.postgres() as database,
        services.redis() as broker,
    ):
        own = {"DATABASE_URL": database, "REDIS_URL": broker, "SECRET_KEY": "bench-" + "x" * 50}
        var = Path(folder) / "var"
        var.mkdir()
        with running_stack(var, **own) as stack:
            python(stack, "tests.load.export_study", str(asked.events), str(asked.ratings))
            (Path(folder) / "once").mkdir()
            once = json.loads(
                python(stack, "tests.load.export_once", "big", str(Path(folder) / "once"))
            )
            without, during = asyncio.run(participants(stack, database))
    report(once, without, during)
    slower = percentile(during, 0.95) / percentile(without, 0.95) - 1
    is_slow = once["rows"] / once["seconds"] < ROWS_A_SECOND or slower > SLOWER
    if once["all_mb"] >= LIMIT_MB or (is_slow and asked.events >= ALL):
        sys.exit("bench_export: missed")


def report(once: dict[str, float], without: list[float], during: list[float]) -> None:
    rows, copied = once["rows"] / once["seconds"], once["copied"] / once["copy_seconds"]
    say("| rows | CSV | of it own CPU | rows/s | COPY … TO, rows/s | memory, CSV | all formats |")
    say("|---|---|---|---|---|---|---|")
    say(
        f"| {once['rows']:,} | {once['seconds']:.1f} s | {once['cpu_seconds']:.1f} s |"
        f" {rows:,.0f} | {copied:,.0f} | {once['mb']} MB | {once['all_mb']} MB |"
    )
    say(f"\n| an action of {BROWSERS} participants | actions | p50 | p95 |")
    say("|---|---|---|---|")
    for name, seconds in (("without an export", without), ("during one", during)):
        p50, p95 = (1000 * percentile(seconds, share) for share in (0.5, 0.95))
        say(f"| {name} | {len(seconds)} | {p50:.1f} ms | {p95:.1f} ms |")


async def participants(stack: Stack, database: str) -> tuple[list[float], list[float]]:
    """Seconds until acknowledgements, before an export and while one is made."""
    opened = [inside(stack, "open") for _ in range(BROWSERS)]
    until = time.monotonic() + 30
    without = await act(stack.url, opened, lambda: time.monotonic() < until)
    stack.manage("shell", "--no-imports", "-c", ASK)
    during = await act(stack.url, opened, lambda: is_unfinished(database))
    return without, during


def is_unfinished(database: str) -> bool:
    with psycopg.connect(database) as connection:
        (state,) = connection.execute(STATE).fetchone() or ("",)
    if state == "failed":
        sys.exit("bench_export: the export failed")
    return str(state) != "done"


async def act(url: str, opened: list[dict[str, str]], goes_on: Callable[[], bool]) -> list[float]:
    journal = Journal()
    async with AsyncExitStack() as held:
        sockets = []
        for one in opened:
            cookies = {"sessionid": one["session"]}
            browser = await held.enter_async_context(Browser(url, cookies=cookies))
            socket = Socket(browser, f"/ws/workspace/{one['workspace']}/", "bench", journal)
            sockets.append(await held.enter_async_context(socket))
        while await asyncio.to_thread(goes_on):
            await asyncio.gather(*(some_actions(socket) for socket in sockets))
    return journal.ack_seconds


async def some_actions(socket: Socket) -> None:
    for number in range(ACTIONS // 2):
        await asyncio.sleep(PAUSE)
        ack = await socket.do("category.create", {"name": f"category {number}"})
        await asyncio.sleep(PAUSE)
        await socket.do("category.delete", {"category": ack.result["category"]})


def python(stack: Stack, *module: str) -> str:
    command = [sys.executable, "-m", *module]
    return subprocess.run(
        command, cwd=ROOT, env=stack.env, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=ALL)
    parser.add_argument("--ratings", type=int, default=RATINGS)
    return parser.parse_args()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
