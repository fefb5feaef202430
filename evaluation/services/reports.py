"""Reports: asked for by whoever opens the results, made or failed by a worker, kept by digest.

Every attempt writes to a folder of its own, so that a worker that lost its lease spoils nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from django.db import transaction
from django.utils import timezone

from duetml import media
from duetml.jobs import Job, enqueue, send
from duetml.workspace.models import State
from evaluation.models import Report
from evaluation.services.lock import must_be_unlocked
from study.models import Study

FOLDER = "reports"
GAVE_UP = "gave_up"
KEPT = 3  # per study, with their files


class ReportFile(TypedDict):
    name: str
    bytes: int
    path: str  # default_storage's


@transaction.atomic
def wanted(study: Study, digest: str, now: datetime) -> Report:
    """The report of this state of the rows; asked for where it is not there. Asking twice does
    nothing twice. Raises Refused while the results are locked."""
    must_be_unlocked(study)
    row, created = Report.objects.get_or_create(
        study=study, digest=digest, defaults={"queued_at": now}
    )
    if created:
        enqueue(Job.REPORT, report=str(row.pk))
    return row


@transaction.atomic
def again(row: Report, now: datetime) -> bool:
    """Ask anew for one that failed."""
    failed = Report.objects.filter(pk=row.pk, state=State.FAILED)
    values = {"state": State.QUEUED, "attempt": 0, "queued_at": now, "error": "", "done": 0}
    asked = bool(failed.update(**values))
    if asked:
        enqueue(Job.REPORT, report=str(row.pk))
    return asked


def tell(row: Report, done: int, total: int) -> None:
    Report.objects.filter(pk=row.pk, attempt=row.attempt).update(done=done, total=total)


def finish(row: Report, files: Sequence[ReportFile], now: datetime) -> bool:
    """Save what was made once; False where somebody else does the work by now."""
    is_mine = row.finish(now, files=list(files))
    if not is_mine:
        media.remove(folder_of(row))
    clear_away(row.study_id)
    return is_mine


def fail(row: Report, reason: str, now: datetime) -> bool:
    """`reason` is a short code that the page words."""
    is_mine = row.fail(now, reason)
    media.remove(folder_of(row))
    return is_mine


def folder_of(row: Report) -> str:
    return f"{FOLDER}/{row.pk}/{row.attempt}"


def clear_away(study_id: int) -> None:
    """All but the newest that are done go, with their files: they can be made again."""
    done = Report.objects.filter(study=study_id, state=State.DONE).order_by("-queued_at")
    for row in done[KEPT:]:
        media.remove(f"{FOLDER}/{row.pk}")
        row.delete()


def newest_done(study: Study) -> Report | None:
    rows = Report.objects.filter(study=study, state=State.DONE)
    return rows.order_by("-queued_at").first()


def sweep() -> None:
    """What a lost message or a dead worker left behind, any number of times."""
    now = timezone.now()
    for row in Report.given_up(now):
        fail(row, GAVE_UP, now)
    Report.requeue_expired(now)
    for row in Report.forgotten(now):
        send(Job.REPORT, report=str(row.pk))
