"""Maps of all pictures: asked for by a person, finished or failed by a worker."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.jobs import Job, enqueue
from duetml.live.log import record, workspace_stream
from duetml.live.models import Event
from duetml.workspace.models import PictureMap, WorkspaceImage
from duetml.workspace.queries import UNFINISHED
from duetml.workspace.services.acting import Act
from duetml.workspace.services.refusal import Refused

KEPT = 3


def start(act: Act) -> Event:
    maps = PictureMap.objects.filter(workspace=act.workspace)
    if maps.filter(state__in=UNFINISHED).exists():
        raise Refused("busy", _("The map is already being drawn. Wait until it has finished."))
    offered = WorkspaceImage.objects.filter(workspace=act.workspace).order_by("position", "pk")
    images = [str(image) for image in offered.values_list("image_id", flat=True)]
    if not images:
        raise Refused("no_images", _("There are no images yet that a map could show."))
    row = PictureMap.objects.create(workspace=act.workspace, images=images, queued_at=act.now)
    old = list(maps.order_by("-queued_at").values_list("pk", flat=True)[KEPT:])
    maps.filter(pk__in=old).delete()
    enqueue(Job.MAP, map=str(row.id))
    return act.record("map.requested", {"map": str(row.id), "images": len(images)})


def finish(row: PictureMap, points: Sequence[Sequence[float]], now: datetime) -> bool:
    """Save the points once; False where somebody else does the work by now."""
    with transaction.atomic():
        if not row.finish(now, points=list(points)):
            return False
        record(workspace_stream(row.workspace_id), "map.done", {"map": str(row.id)}, at=now)
        return True


def fail(row: PictureMap, reason: str, now: datetime) -> bool:
    """`reason` is a short code that the page words."""
    with transaction.atomic():
        if not row.fail(now, reason):
            return False
        told = {"map": str(row.id), "reason": reason}
        record(workspace_stream(row.workspace_id), "map.failed", told, at=now)
        return True
