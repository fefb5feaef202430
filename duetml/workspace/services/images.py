"""Pictures as rows and files: stored once per content, offered in workspaces."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from duetml.jobs import Job, enqueue
from duetml.live.log import ClientStamp, find
from duetml.live.models import Event
from duetml.vision.intake import Picture
from duetml.workspace.models import Category, Image, Workspace, WorkspaceImage
from duetml.workspace.queries import backbone_info
from duetml.workspace.services import categories
from duetml.workspace.services.acting import Act, Attempt, Done, act, is_on, not_available
from duetml.workspace.services.placements import place
from duetml.workspace.services.refusal import Refused

MOST_IMAGES = 6000
ASKED = timedelta(seconds=5)  # how long a message to look at uploads is trusted to arrive
ASKED_FOR_A_WHILE = 20 * ASKED  # older ones wait for the training that needs them
UPLOAD = "image.upload"


def store(picture: Picture, now: datetime) -> Image:
    """The row and the files of a picture, made where they are missing."""
    image, _made = Image.objects.get_or_create(
        sha256=picture.sha256,
        defaults={"width": picture.width, "height": picture.height, "created_at": now},
    )
    write_files(image, picture)
    return image


def write_files(image: Image, picture: Picture) -> None:
    _write(image.full_path, picture.full_jpeg)
    _write(image.thumb_path, picture.thumb_jpeg)


def _write(path: str, data: bytes) -> None:
    """A file of another length is what a killed process left behind."""
    with suppress(FileNotFoundError):
        if default_storage.size(path) == len(data):
            return
        default_storage.delete(path)
    default_storage.save(path, ContentFile(data))


def upload(
    workspace_id: UUID | str,
    picture: Picture,
    category: UUID | None,
    stamp: ClientStamp,
    now: datetime,
    batch: UUID | None = None,
) -> Done:
    """Offer a picture of the participant's own, in a category where one is named.

    The category may be named by the id of the action that made it: a page that was reloaded in
    between knows no other. `batch`: of files that came together from a folder or zip file. The same
    picture again is no error: it is the same image. Raises Refused.
    """
    if batch is not None:
        _check_folders(workspace_id)
    told = {"category": str(category) if category else None, "sha256": picture.sha256}
    attempt = Attempt(UPLOAD, told, "upload")
    return act(
        workspace_id, attempt, stamp, now, lambda doing: _take_in(doing, picture, category, batch)
    )


def _check_folders(workspace_id: UUID | str) -> None:
    """What a workspace has never changes, so that it can be asked without a lock."""
    row = Workspace.objects.filter(pk=workspace_id).first()
    if row is None or not is_on(row.settings.features, "folders"):
        raise not_available()


def _take_in(act: Act, picture: Picture, category: UUID | None, batch: UUID | None) -> Event:
    target = _category(act, category) if category else None
    _check_room(act, picture)  # before anything is written: files know no rollback
    image = store(picture, act.now)
    offer = _offer(act, image)
    if target is not None:
        came_from = place(act, target, [image.id])
        for was in filter(None, came_from):
            act.record_also(
                "images.moved", {"category": str(target.id), "images": [str(image.id)], "was": was}
            )
    _have_looked_at(act, image)
    told = {
        "image": str(image.id),
        "category": str(target.id) if target else None,
        "origin": offer.origin,
    }
    return act.record("image.uploaded", told | ({"batch": str(batch)} if batch else {}))


def _have_looked_at(act: Act, image: Image) -> None:
    """Ask a worker to look at the picture, unless it will anyway.

    Whoever looks at a picture also looks at those that came meanwhile; so while some wait since a
    moment only, a message is on its way. One may be lost: after a while each upload asks again.
    """
    waiting = WorkspaceImage.objects.filter(
        workspace=act.workspace,
        origin=WorkspaceImage.Origin.UPLOAD,
        image__created_at__gt=act.now - ASKED_FOR_A_WHILE,
    )
    waiting = waiting.exclude(image=image)
    waiting = waiting.exclude(image__features__backbone=backbone_info().digest)
    oldest = waiting.aggregate(oldest=Min("image__created_at"))["oldest"]
    if oldest is None or oldest < act.now - ASKED:
        enqueue(Job.EMBED, image=str(image.id))


def _category(act: Act, named: UUID) -> Category:
    made = find(act.workspace.stream, named)
    if made is not None and made.kind == "category.created":
        named = UUID(made.payload["category"])
    return categories.find(act, named)


def _check_room(act: Act, picture: Picture) -> None:
    offered = WorkspaceImage.objects.filter(workspace=act.workspace)
    if offered.filter(image__sha256=picture.sha256).exists() or offered.count() < MOST_IMAGES:
        return
    raise Refused(
        "too_many_images",
        _("A workspace can have at most %(most)s images.") % {"most": MOST_IMAGES},
    )


def _offer(act: Act, image: Image) -> WorkspaceImage:
    offered = WorkspaceImage.objects.filter(workspace=act.workspace)
    known = offered.filter(image=image).first()
    if known is not None:
        return known
    top = offered.aggregate(top=Max("position"))["top"]
    return WorkspaceImage.objects.create(
        workspace=act.workspace,
        image=image,
        origin=WorkspaceImage.Origin.UPLOAD,
        position=0 if top is None else int(top) + 1,
    )
