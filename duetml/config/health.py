"""Whether everything that has to run does, in one sentence each (/readyz)."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from redis.exceptions import RedisError

from duetml import media
from duetml.config import database_version
from duetml.config.database_version import WrongVersionError
from duetml.config.metrics import shared
from duetml.jobs import Queue

SWEEP_WITHIN_SECONDS = 30  # beat sends one every 5 s
LEAST_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Check:
    ok: bool
    says: str


def checks(now: float) -> dict[str, Check]:
    """`now`: seconds since 1970."""
    asked: dict[str, Callable[[], Check]] = {
        "database": database,
        "broker": broker,
        "workers": lambda: workers(now),
        "beat": lambda: beat(now),
        "disk": disk,
    }
    if media.is_in_bucket():
        asked["bucket"] = bucket
    return {name: check() for name, check in asked.items()}


def database() -> Check:
    if problem := database_version.unreachable():
        return Check(False, f"The database does not answer ({problem}): start it.")
    try:
        database_version.require_same()
    except (WrongVersionError, DatabaseError) as wrong:
        return Check(False, _first_line(wrong))
    return Check(True, "The database answers and has this program's tables.")


def broker() -> Check:
    try:
        begun = time.perf_counter()
        shared.broker().ping()
    except (OSError, RedisError) as problem:
        return Check(
            False,
            f"The broker does not answer ({_first_line(problem)}): start Redis, or see REDIS_URL."
            " What people do is kept meanwhile.",
        )
    return Check(True, f"The broker answers in {(time.perf_counter() - begun) * 1000:.0f} ms.")


def workers(now: float) -> Check:
    try:
        serving = shared.living(shared.WORKERS, now).values()
    except (OSError, RedisError):
        return Check(False, "No worker can be seen while the broker is away.")
    served = {queue for queues in serving for queue in queues.split(",")}
    if lacking := [queue.value for queue in Queue if queue.value not in served]:
        names = ", ".join(lacking)
        return Check(False, f"Nobody serves {names}: start a worker for each of them.")
    return Check(True, f"{len(serving)} workers serve all {len(Queue)} queues.")


def beat(now: float) -> Check:
    try:
        last = shared.last_sweep()
    except (OSError, RedisError):
        return Check(False, "Beat cannot be seen while the broker is away.")
    if last is None or now - last > SWEEP_WITHIN_SECONDS:
        since = "never" if last is None else f"{now - last:.0f} s ago"
        return Check(False, f"The last sweep was {since}: start beat, and a worker for quick.")
    return Check(True, f"The last sweep was {max(0, now - last):.0f} s ago.")


def disk() -> Check:
    free = shutil.disk_usage(settings.VAR).free
    if free < LEAST_FREE_BYTES:
        return Check(
            False,
            f"{free / 1e9:.1f} GB are free under DUETML_VAR, less than 1 GB: delete old backups and"
            " exports, or move the folder to a larger disk.",
        )
    return Check(True, f"{free / 1e9:.0f} GB are free.")


def bucket() -> Check:
    try:
        begun = time.perf_counter()
        media.must_answer()
    except media.MediaError as problem:
        return Check(False, str(problem))
    took = (time.perf_counter() - begun) * 1000
    return Check(True, f"The bucket of the pictures answers in {took:.0f} ms.")


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0]
