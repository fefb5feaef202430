"""How long a rater waits until a score is acknowledged, with 20 raters at once.

python -m tests.load.bench_rating       (make bench)

The embedded stack; every rater scores 12 submissions on five criteria, one second apart as a quick
person would, comments on some and submits each. Ends with an error where the 95th percentile is
above 100 ms or a score is not in the database.
"""

import asyncio
import json
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from study.robots.browser import Browser
from tests.load.bench_ack import percentiles
from tests.load.bench_sockets import say
from tests.stack import ROOT, Stack, running_stack

RATERS, SUBMISSIONS, CRITERIA = 20, 12, 5
SECONDS_APART = 1.0
MOST_MS = 100


def main() -> None:
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        running_stack(Path(folder)) as stack,
    ):
        raters = inside(stack, "make", str(RATERS), str(SUBMISSIONS))
        waits = asyncio.run(rate(stack.url, raters["raters"]))
        stored = inside(stack, "count")["scores"]
    half, most = percentiles(waits)
    say("| raters | scores, comments and submits | p50 | p95 | gate |")
    say("|---|---|---|---|---|")
    say(f"| {RATERS} | {len(waits)} | {half:.0f} ms | {most:.0f} ms | {MOST_MS} ms |")
    if most > MOST_MS or stored != RATERS * SUBMISSIONS * CRITERIA:
        sys.exit(f"bench_rating: missed ({stored} scores stored)")


def inside(stack: Stack, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.load.raters_inside", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=stack.env, stdout=subprocess.PIPE, check=True)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


async def rate(url: str, raters: Sequence[Mapping[str, object]]) -> list[float]:
    """Seconds until each acknowledgement."""
    waits: list[float] = []

    async def one(number: int, rater: Mapping[str, object]) -> None:
        rng = Random(number)
        await asyncio.sleep(rng.random() * SECONDS_APART)
        async with Browser(url, cookies={"sessionid": str(rater["session"])}) as browser:
            for showing in json.loads(str(rater["showings"])):
                await browser.get(f"/rating/{showing}/")
                for criterion in range(1, CRITERIA + 1):
                    body = {"criterion": f"eq{criterion}", "score": rng.randint(1, 5), "version": 0}
                    await send(browser, f"/rating/{showing}/score/", body, waits)
                    await asyncio.sleep(SECONDS_APART * rng.uniform(0.5, 1.5))
                await send(browser, f"/rating/{showing}/submit/", {}, waits)

    await asyncio.gather(*(one(number, rater) for number, rater in enumerate(raters)))
    return waits


async def send(
    browser: Browser, address: str, body: Mapping[str, object], waits: list[float]
) -> None:
    stamp = {"id": str(uuid.uuid4()), "at": datetime.now(UTC).isoformat()}
    begun = perf_counter()
    status, told = await browser.post_json(address, {**body, **stamp})
    waits.append(perf_counter() - begun)
    if status != 200:
        sys.exit(f"{address}: {status} {told}")


if __name__ == "__main__":
    main()
