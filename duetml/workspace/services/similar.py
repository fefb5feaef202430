"""Pictures like a picture: who may ask, and what was shown."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live.log import record
from duetml.workspace.models import Workspace, WorkspaceImage
from duetml.workspace.services.acting import not_available
from duetml.workspace.services.refusal import Refused
from duetml.workspace.services.workspaces import is_over, locked


def check(workspace: Workspace, image: UUID, now: datetime) -> None:
    """Raises Refused unless pictures like `image` may be shown here and now."""
    _check_open(workspace, now)
    if not WorkspaceImage.objects.filter(workspace=workspace, image=image).exists():
        raise Refused("unknown_image", _("This image is not part of this workspace."))


def note_shown(workspace_id: UUID, image: UUID, images: Sequence[str], now: datetime) -> None:
    """Record what is about to be shown. Raises Refused where it is too late by now."""
    with transaction.atomic():
        workspace = locked(workspace_id)
        _check_open(workspace, now)
        told = {"image": str(image), "images": list(images)}
        record(workspace.stream, "similar.shown", told, at=now)


def not_looked_at() -> Refused:
    return Refused("not_ready", _("This image has only just arrived. Try again in a moment."))


def _check_open(workspace: Workspace, now: datetime) -> None:
    if not workspace.settings.features.similar:
        raise not_available()
    if is_over(workspace, now):
        raise Refused("closed", _("This task is over."))
