"""Whether everything that has to run does, in one sentence each (/readyz)."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _
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
        return Check(False, _("The database does not answer (%s): start it.") % problem)
    try:
        database_version.require_same()
    except (WrongVersionError, DatabaseError) as wrong:
        return Check(False, _first_line(wrong))
    return Check(True, _("The database answers and has this program's tables."))


def broker() -> Check:
    try:
        begun = time.perf_counter()
        shared.broker().ping()
    except (OSError, RedisError) as problem:
        return Check(
            False,
            _(
                "The broker does not answer (%s): start Redis, or see REDIS_URL. What people do is"
                " kept meanwhile."
            )
            % _first_line(problem),
        )
    took = (time.perf_counter() - begun) * 1000
    return Check(True, _("The broker answers in %.0f ms.") % took)


def workers(now: float) -> Check:
    try:
        serving = shared.living(shared.WORKERS, now).values()
    except (OSError, RedisError):
        return Check(False, _("No worker can be seen while the broker is away."))
    served = {queue for queues in serving for queue in queues.split(",")}
    if lacking := [queue.value for queue in Queue if queue.value not in served]:
        names = ", ".join(lacking)
        return Check(False, _("Nobody serves %s: start a worker for each of them.") % names)
    told = {"workers": len(serving), "queues": len(Queue)}
    return Check(True, _("Workers: %(workers)d, which serve all %(queues)d queues.") % told)


def beat(now: float) -> Check:
    try:
        last = shared.last_sweep()
    except (OSError, RedisError):
        return Check(False, _("Beat cannot be seen while the broker is away."))
    if last is None or now - last > SWEEP_WITHIN_SECONDS:
        since = _("never") if last is None else _("%.0f s ago") % (now - last)
        return Check(False, _("The last sweep was %s: start beat, and a worker for quick.") % since)
    return Check(True, _("The last sweep was %.0f s ago.") % max(0, now - last))


def disk() -> Check:
    free = shutil.disk_usage(settings.VAR).free
    if free < LEAST_FREE_BYTES:
        return Check(
            False,
            _(
                "%.1f GB are free under DUETML_VAR, less than 1 GB: delete old backups and exports,"
                " or move the folder to a larger disk."
            )
            % (free / 1e9),
        )
    return Check(True, _("%.0f GB are free.") % (free / 1e9))


def bucket() -> Check:
    try:
        begun = time.perf_counter()
        media.must_answer()
    except media.MediaError as problem:
        return Check(False, str(problem))
    took = (time.perf_counter() - begun) * 1000
    return Check(True, _("The bucket of the pictures answers in %.0f ms.") % took)


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0]
