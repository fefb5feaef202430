"""Test runs: pictures shown to the newest classifier."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.jobs import Job, enqueue
from duetml.live.log import record, workspace_stream
from duetml.live.models import Event
from duetml.workspace.models import TestRun
from duetml.workspace.queries import UNFINISHED
from duetml.workspace.services import proactive, training
from duetml.workspace.services.acting import Act
from duetml.workspace.services.placements import offered
from duetml.workspace.services.refusal import Refused

MOST_IMAGES = 24
MOST_WAITING = 3


def start(act: Act, images: Sequence[UUID]) -> Event:
    run = training.newest_done(act.workspace.id)
    if run is None:
        raise Refused("not_trained", _("Train first: there is nothing to test yet."))
    if not images:
        raise Refused("nothing_to_test", _("Choose at least one image to test."))
    wanted = offered(act, images)
    if len(wanted) > MOST_IMAGES:
        raise Refused(
            "too_many_images",
            _("A test can have at most %(most)s images.") % {"most": MOST_IMAGES},
        )
    waiting = TestRun.objects.filter(workspace=act.workspace, state__in=UNFINISHED).count()
    if waiting >= MOST_WAITING:
        raise Refused("busy", _("Tests are already under way. Wait until they have finished."))
    names = [str(image) for image in wanted]
    test = TestRun.objects.create(
        workspace=act.workspace, training_run=run, images=names, queued_at=act.now
    )
    enqueue(Job.TEST, test=str(test.id))
    return act.record("test.requested", {"test": str(test.id), "run": str(run.id), "images": names})


def finish(test: TestRun, results: list[dict[str, Any]], now: datetime) -> bool:
    """Save the scores once; False where somebody else does the work by now."""
    with transaction.atomic():
        if not test.finish(now, results=results):
            return False
        told = {"test": str(test.id), "run": str(test.training_run_id), "results": results}
        record(workspace_stream(test.workspace_id), "test.done", told, at=now)
        proactive.at_boundary(test.workspace, now)
        return True


def fail(test: TestRun, reason: str, now: datetime) -> bool:
    with transaction.atomic():
        if not test.fail(now, reason):
            return False
        told = {"test": str(test.id), "run": str(test.training_run_id), "reason": reason}
        record(workspace_stream(test.workspace_id), "test.failed", told, at=now)
        return True
