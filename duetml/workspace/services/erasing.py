"""Deleting what a person left in a workspace: the row stays, its contents do not."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction

from duetml import media
from duetml.live import log
from duetml.workspace.models import (
    AgentCall,
    Category,
    Image,
    Message,
    Parcel,
    PictureMap,
    Placement,
    PoolImage,
    TestRun,
    TrainingRun,
    Workspace,
    WorkspaceImage,
)


def erase(workspace_id: UUID | str) -> Counter[str]:
    """Delete names, pictures of their own, chat, calls, models and payloads of events, in the
    caller's transaction; returns how many of each. Doing it twice deletes nothing twice.

    A picture goes with its files, unless another workspace or a pool has the same one.
    """
    media.must_answer()  # rows that are gone name no files any more
    workspace = Workspace.objects.select_for_update().get(pk=workspace_id)
    counted: Counter[str] = Counter()
    for name, model in (("messages", Message), ("maps", PictureMap), ("tests", TestRun)):
        counted[name] = (
            model.objects.filter(workspace=workspace).delete()[1].get(model._meta.label, 0)
        )
    counted["agent calls"] = _calls(workspace)
    counted["parcels"] = _parcels(workspace)
    counted["trainings"] = (
        TrainingRun.objects.filter(workspace=workspace).delete()[1].get(TrainingRun._meta.label, 0)
    )
    placed = Placement.objects.filter(category__workspace=workspace)
    counted["placements"], _ = placed.delete()
    counted["categories"], _ = Category.objects.filter(workspace=workspace).delete()
    counted["pictures"] = _pictures(workspace)
    counted["events"] = log.purge(workspace.stream)
    return counted


def _calls(workspace: Workspace) -> int:
    """The words go; what was used stays, for the sums of the study."""
    texts = AgentCall.objects.filter(workspace=workspace)
    return texts.update(request=[], received="", reply="", images=[])


def _parcels(workspace: Workspace) -> int:
    rows = Parcel.objects.filter(workspace=workspace)
    for parcel in rows:
        _remove_after_commit([str(file["path"]) for file in parcel.files])
    return rows.delete()[1].get(Parcel._meta.label, 0)


def _pictures(workspace: Workspace) -> int:
    """Those of their own that nobody else has."""
    own = WorkspaceImage.objects.filter(workspace=workspace, origin=WorkspaceImage.Origin.UPLOAD)
    ids = list(own.values_list("image_id", flat=True))
    own.delete()
    number = 0
    for image in Image.objects.filter(pk__in=ids):
        elsewhere = (
            WorkspaceImage.objects.filter(image=image).exists()
            or PoolImage.objects.filter(image=image).exists()
            or Placement.objects.filter(image=image).exists()
        )
        if not elsewhere:
            _remove_after_commit([image.full_path, image.thumb_path])
            image.delete()
        number += 1
    return number


def _remove_after_commit(paths: Sequence[str]) -> None:
    """Files know no rollback. A picture that somebody added again meanwhile keeps its files."""

    def remove() -> None:
        again = {Path(path).name.split(".")[0] for path in paths}
        if Image.objects.filter(sha256__in=again).exists():
            return
        for path in paths:
            default_storage.delete(path)

    transaction.on_commit(remove)
