"""Training runs: requested by a person, finished or failed by a worker."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from duetml.jobs import Job, enqueue
from duetml.live.log import record, workspace_stream
from duetml.live.models import Event
from duetml.workspace.models import TrainingRun
from duetml.workspace.queries import UNFINISHED, category_data
from duetml.workspace.services import proactive
from duetml.workspace.services.acting import Act
from duetml.workspace.services.refusal import Refused


def start(act: Act) -> Event:
    runs = TrainingRun.objects.filter(workspace=act.workspace)
    if runs.filter(state__in=UNFINISHED).exists():
        raise Refused("busy", _("Training is already under way. Wait until it has finished."))
    data = category_data(act.workspace.id)
    if len(data) < 2:
        raise Refused("too_few_categories", _("Training needs at least two categories."))
    empty = next((category["name"] for category in data if not category["images"]), None)
    if empty is not None:
        raise Refused(
            "empty_category",
            _("“%(name)s” has no images yet. Add some, or delete the category.") % {"name": empty},
        )
    number = (runs.aggregate(top=Max("number"))["top"] or 0) + 1
    run = TrainingRun.objects.create(
        workspace=act.workspace, number=number, data=data, queued_at=act.now
    )
    enqueue(Job.TRAIN, run=str(run.id))
    return act.record(
        "training.requested", {"run": str(run.id), "number": number, "data": list(data)}
    )


def finish(run: TrainingRun, classifier: bytes, report: Mapping[str, Any], now: datetime) -> bool:
    """Save a fitted classifier once; False where somebody else does the work by now."""
    with transaction.atomic():
        if not run.finish(now, classifier=classifier, report=dict(report)):
            return False
        told = {"run": str(run.id), "number": run.number, "report": dict(report)}
        record(workspace_stream(run.workspace_id), "training.done", told, at=now)
        proactive.at_boundary(run.workspace, now)
        return True


def fail(run: TrainingRun, reason: str, now: datetime) -> bool:
    """`reason` is a short code that the page words."""
    with transaction.atomic():
        if not run.fail(now, reason):
            return False
        told = {"run": str(run.id), "number": run.number, "reason": reason}
        record(workspace_stream(run.workspace_id), "training.failed", told, at=now)
        return True


def newest_done(workspace_id: UUID) -> TrainingRun | None:
    runs = TrainingRun.objects.filter(workspace_id=workspace_id, state="done")
    return runs.defer("classifier").order_by("-number").first()
