"""Classifiers to take home: asked for by a person, packed or failed by a worker, kept for a while.

Every attempt writes to a folder of its own, so that a worker that lost its lease spoils nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from duetml import media
from duetml.jobs import Job, enqueue
from duetml.live.log import record, workspace_stream
from duetml.live.models import Event
from duetml.workspace.models import Parcel, State
from duetml.workspace.queries import UNFINISHED
from duetml.workspace.services import training
from duetml.workspace.services.acting import Act
from duetml.workspace.services.refusal import Refused

KEPT = 2  # with their files
FOLDER = "parcels"


class PackedFile(TypedDict):
    name: str
    bytes: int
    path: str  # default_storage's


def start(act: Act) -> Event:
    run = training.newest_done(act.workspace.id)
    if run is None:
        raise Refused("not_trained", _("Train first: there is nothing to take home yet."))
    if Parcel.objects.filter(workspace=act.workspace, state__in=UNFINISHED).exists():
        raise Refused("busy", _("Your files are already being made. Wait until they are ready."))
    row = Parcel.objects.create(workspace=act.workspace, training_run=run, queued_at=act.now)
    enqueue(Job.PARCEL, parcel=str(row.id))
    return act.record(
        "parcel.requested", {"parcel": str(row.id), "run": str(run.id), "number": run.number}
    )


def finish(row: Parcel, files: Sequence[PackedFile], now: datetime) -> bool:
    """Save what was packed once; False where somebody else does the work by now."""
    told = [{"name": file["name"], "bytes": file["bytes"]} for file in files]
    with transaction.atomic():
        is_mine = row.finish(now, files=list(files))
        if is_mine:
            payload = {"parcel": str(row.id), "files": told}
            record(workspace_stream(row.workspace_id), "parcel.done", payload, at=now)
    if not is_mine:
        media.remove(folder_of(row))
    clear_away(row.workspace_id)
    return is_mine


def fail(row: Parcel, reason: str, now: datetime) -> bool:
    """`reason` is a short code that the page words."""
    with transaction.atomic():
        is_mine = row.fail(now, reason)
        if is_mine:
            payload = {"parcel": str(row.id), "reason": reason}
            record(workspace_stream(row.workspace_id), "parcel.failed", payload, at=now)
    media.remove(folder_of(row))
    clear_away(row.workspace_id)
    return is_mine


def folder_of(row: Parcel) -> str:
    return f"{FOLDER}/{row.id}/{row.attempt}"


def clear_away(workspace_id: UUID) -> None:
    """Delete the files of all but the newest parcels, and what attempts cut short have left."""
    over = Parcel.objects.filter(workspace=workspace_id).exclude(state__in=UNFINISHED)
    done = over.filter(state=State.DONE).order_by("-queued_at")
    kept = set(done.values_list("pk", flat=True)[:KEPT])
    for row in over:
        if row.pk not in kept:
            media.remove(f"{FOLDER}/{row.pk}")
            continue
        for attempt in media.inside(f"{FOLDER}/{row.pk}")[0]:
            if attempt != str(row.attempt):
                media.remove(f"{FOLDER}/{row.pk}/{attempt}")
