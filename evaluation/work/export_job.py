"""The job: an export that somebody asked for on the study's page, into a zip file."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import get_native_id
from typing import TypeVar

from django.db import connections
from django.utils import timezone

from duetml.jobs import Job, send
from duetml.workspace.models import LeaseLostError
from duetml.workspace.work.failing import failing
from duetml.workspace.work.lease import kept
from evaluation.exports.files import clear_parts
from evaluation.exports.names import data_file
from evaluation.exports.options import Options
from evaluation.exports.zipping import zip_folder
from evaluation.models import ExportJob
from evaluation.services import exporting
from evaluation.work.export_ledger import opened
from evaluation.work.export_progress import Progress, told
from evaluation.work.export_read import read_tables
from evaluation.work.export_write import file_facts, write_others
from study.models import Study

T = TypeVar("T")
LAST = 15  # of 19: how nice
GAVE_UP = "gave_up"


def make(export_id: str) -> None:
    """Claim the export and do it; nothing happens where it is not to be had."""
    now = timezone.now()
    if exporting.is_another_running(export_id, now):
        return  # the sweep sends it again
    row = ExportJob.claim(export_id, now)
    if row is None:
        return
    with failing(row, exporting.fail), kept(row) as lost:
        progress = Progress(lost)
        with told(row, progress):
            found = _behind_others(lambda: _make(row, progress))
        if lost.is_set():
            raise LeaseLostError
        exporting.finish(row, timezone.now(), **found)


def _behind_others(work: Callable[[], T]) -> T:
    """In a thread that takes the processor last. A worker cannot take such a thing back for itself,
    and does what people wait for next; where threads have no priority of their own, as usual."""

    def run() -> T:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), LAST)
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as one:
        return one.submit(run).result()


def _make(row: ExportJob, progress: Progress) -> dict[str, object]:
    """What is there already, from a worker that was killed, stays as it is (see Ledger)."""
    study = Study.objects.select_related("protocol").get(pk=row.study_id)
    ledger = opened(exporting.folder_of(row))
    clear_parts(ledger.folder)
    read = read_tables(study, Options.from_json(row.options), ledger, progress)
    write_others(read.told, ledger, progress)
    name = f"{study.slug}.zip"
    for left in ledger.folder.glob(f"{name}.*"):  # by a worker that was killed while it packed
        left.unlink(missing_ok=True)
    packed = ledger.folder / f"{name}.{row.attempt}"
    zip_folder(ledger.draft, packed, study.slug)
    progress.tick(0)
    size, sha256 = file_facts(packed)
    return {
        "path": exporting.keep(row, packed, name),
        "bytes": size,
        "sha256": sha256,
        "rows": {
            one.name: ledger.rows[data_file(study.slug, one.name)] for one in read.told.tables
        },
        "withheld": list(read.told.withheld),
        "small_cells": list(read.told.small_cells),
        "done": progress.total,
        "total": progress.total,
    }


def sweep() -> None:
    """What a lost message or a dead worker left behind, any number of times; and files that must
    not stay."""
    now = timezone.now()
    for row in ExportJob.given_up(now):
        exporting.fail(row, GAVE_UP, now)
    ExportJob.requeue_expired(now)
    for row in ExportJob.forgotten(now):
        send(Job.EXPORT, export=str(row.pk))
    for study in Study.objects.filter(exports__path__gt="").distinct():
        exporting.clear_away(study)
    exporting.clear_drafts()
