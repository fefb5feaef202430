"""What a lost message or a dead worker left behind is picked up here, any number of times."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.utils import timezone

from duetml.jobs import Job, send
from duetml.media import MediaError
from duetml.workspace.models import (
    AgentCall,
    Claimable,
    Parcel,
    PictureMap,
    PoolImport,
    TestRun,
    TrainingRun,
)
from duetml.workspace.services import answers, imports, maps, parcels, proactive, testing, training

GAVE_UP = "gave_up"
log = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Claimable)


def sweep() -> None:
    now = timezone.now()
    _sweep(TrainingRun, training.fail, Job.TRAIN, "run", now)
    _sweep(TestRun, testing.fail, Job.TEST, "test", now)
    _sweep(PictureMap, maps.fail, Job.MAP, "map", now)
    _sweep(Parcel, parcels.fail, Job.PARCEL, "parcel", now)
    _sweep(AgentCall, answers.fail, Job.ANSWER, "call", now)
    _sweep(PoolImport, imports.fail, Job.IMPORT_POOL, "of", now)
    try:
        imports.clear_away(now)
    except MediaError as problem:  # every five seconds, until the bucket is back
        log.warning("%s", problem)


def speak_up() -> None:
    proactive.speak_up(timezone.now())


def _sweep(
    rows: type[Row], fail: Callable[[Row, str, datetime], bool], job: Job, key: str, now: datetime
) -> None:
    for row in rows.given_up(now):
        try:
            fail(row, GAVE_UP, now)
        except Exception:  # one row that cannot be failed keeps no other waiting
            log.exception("%s %s could not be given up", rows.__name__, row.pk)
    rows.requeue_expired(now)
    for row in rows.forgotten(now):
        send(job, **{key: str(row.pk)})
