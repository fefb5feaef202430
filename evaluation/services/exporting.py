"""Exports of a study: asked for, made or failed by a worker, kept for a while, on record."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from duetml import media
from duetml.jobs import Job, enqueue
from duetml.live import log
from duetml.workspace.models import State
from duetml.workspace.services.imports import KEPT_FREE_BYTES, free_bytes
from duetml.workspace.services.refusal import Refused
from evaluation.exports.options import Options
from evaluation.models import ExportJob
from study.models import Participant, Study

KEPT = 3  # of a study, with their files
FOLDER = "exports"
UNFINISHED = (State.QUEUED, State.RUNNING)


@transaction.atomic
def exported(study: Study, by: str, what: str, now: datetime) -> None:
    """Note in the study's record who took data out."""
    payload = {"by": by, "what": what}
    log.record(log.study_stream(study.slug), "study.exported", payload, at=now)


@transaction.atomic
def ask(study: Study, options: Options, by: str, now: datetime) -> ExportJob:
    """Have a worker make an export. Raises Refused while another one of the study is made."""
    locked = Study.objects.select_for_update(of=("self",), no_key=True).get(pk=study.pk)
    if locked.state == Study.State.DRAFT:
        raise Refused("draft", _("Nobody has taken part yet: there is nothing to export."))
    if free_bytes() < KEPT_FREE_BYTES:
        raise Refused("disk_full", _("The disk is nearly full: no export can be made."))
    if ExportJob.objects.filter(study=study, state__in=UNFINISHED).exists():
        raise Refused("busy", _("An export is being made already. Wait until it is ready."))
    row = ExportJob.objects.create(study=study, by=by, options=options.as_json(), queued_at=now)
    enqueue(Job.EXPORT, export=str(row.pk))
    return row


def is_another_running(row_id: str, now: datetime) -> bool:
    """One at a time: exports share their worker with jobs that must not wait."""
    running = ExportJob.objects.filter(state=State.RUNNING, lease_until__gte=now)
    return running.exclude(pk=row_id).exists()


def finish(row: ExportJob, now: datetime, **found: Any) -> bool:
    """Save what was made, once; False where somebody else does the work by now. `found`: path,
    bytes, sha256, rows, withheld, small_cells."""
    with transaction.atomic():
        is_mine = row.finish(now, **found)
        if is_mine:
            words = Options.from_json(row.options).in_words()
            exported(row.study, row.by, f"{words}, sha256 {found['sha256']}", now)
    if not is_mine:
        media.remove(f"{FOLDER}/{row.pk}/{row.attempt}")
    clear_away(row.study)
    return is_mine


def fail(row: ExportJob, reason: str, now: datetime) -> bool:
    """`reason` is a short code that the page words."""
    is_mine = row.fail(now, reason)
    if is_mine:
        _remove_draft(folder_of(row))
        media.remove(f"{FOLDER}/{row.pk}")
        clear_away(row.study)
    return is_mine


def folder_of(row: ExportJob) -> Path:
    """Where its files are made; the same for every worker of a machine, so that one goes on where
    another was killed."""
    return _drafts() / str(row.pk)


def keep(row: ExportJob, file: Path, name: str) -> str:
    """Put what was made where downloads find it; its path there. Every attempt has a folder of its
    own, so that a worker that lost its lease spoils nothing."""
    path = media.take(file, f"{FOLDER}/{row.pk}/{row.attempt}/{name}")
    _remove_draft(folder_of(row))
    return path


def clear_away(study: Study) -> None:
    """Delete the files of all but the newest exports, and of those made before somebody had their
    data deleted: they hold them still."""
    over = ExportJob.objects.filter(study=study).exclude(state__in=UNFINISHED)
    erased = Participant.objects.filter(study=study).aggregate(at=Max("erased_at"))["at"]
    done = over.filter(state=State.DONE).exclude(path="").order_by("-queued_at")
    kept = [
        row.pk
        for row in done[:KEPT]
        if erased is None or (row.started_at and row.started_at > erased)
    ]
    gone = over.exclude(pk__in=kept).exclude(path="")
    for row in gone:
        media.remove(f"{FOLDER}/{row.pk}")
    gone.update(path="")


def clear_drafts() -> None:
    """Delete what this machine began and nobody goes on with, here or elsewhere."""
    rows = ExportJob.objects.filter(state__in=UNFINISHED)
    under_way = {str(pk) for pk in rows.values_list("pk", flat=True)}
    for folder in _drafts().glob("*"):
        if folder.name not in under_way:
            _remove_draft(folder)


def _drafts() -> Path:
    return Path(settings.VAR) / FOLDER


def _remove_draft(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
