"""Images in categories. One image is in one category at most."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from duetml.live.models import Event
from duetml.workspace.models import Category, Placement, WorkspaceImage
from duetml.workspace.services import categories
from duetml.workspace.services.acting import Act
from duetml.workspace.services.refusal import Refused


def add(act: Act, category: UUID, images: Sequence[UUID]) -> Event:
    """Put images into a category; those of other categories move.

    Events: images.moved per category they came from, images.added for those that were in none
    (also where nothing changed, so that the action is recorded). The last one carries the stamp.
    """
    target = categories.find(act, category)
    wanted = offered(act, images)
    came_from = place(act, target, wanted)
    moved = [
        {"category": str(target.id), "images": names, "was": was}
        for was, names in came_from.items()
        if was
    ]
    added = came_from.get("", [])
    if added or not moved:
        for payload in moved:
            act.record_also("images.moved", payload)
        return act.record("images.added", {"category": str(target.id), "images": added})
    for payload in moved[:-1]:
        act.record_also("images.moved", payload)
    return act.record("images.moved", moved[-1])


def remove(act: Act, category: UUID, images: Sequence[UUID]) -> Event:
    """Take images out of a category; those that are not in it are passed over."""
    row = categories.find(act, category)
    wanted = offered(act, images)
    placements = row.placements.filter(image__in=wanted).order_by("position")
    removed = [str(image) for image in placements.values_list("image_id", flat=True)]
    placements.delete()
    return act.record("images.removed", {"category": str(row.id), "images": removed})


def offered(act: Act, images: Sequence[UUID]) -> list[UUID]:
    """The images without repetition. Refused unless the workspace offers every one of them."""
    wanted = list(dict.fromkeys(images))
    if not wanted:
        raise Refused("no_images", _("Choose at least one image."))
    there = WorkspaceImage.objects.filter(workspace=act.workspace, image__in=wanted).count()
    if there != len(wanted):
        raise Refused("unknown_image", _("This image is not part of this workspace."))
    return wanted


def place(act: Act, target: Category, images: Sequence[UUID]) -> dict[str, list[str]]:
    """Write the placements. Returns which image came from which category id ("" for none)."""
    rows = Placement.objects.filter(
        image__in=images, category__workspace=act.workspace, category__deleted_at=None
    )
    placed = dict(rows.values_list("image_id", "category_id"))
    coming = [image for image in images if placed.get(image) != target.id]
    rows.filter(image__in=coming).delete()
    top = target.placements.aggregate(top=Max("position"))["top"]
    first = 0 if top is None else int(top) + 1
    Placement.objects.bulk_create(
        Placement(category=target, image_id=image, position=first + number)
        for number, image in enumerate(coming)
    )
    came_from: dict[str, list[str]] = {}
    for image in coming:
        came_from.setdefault(str(placed.get(image, "")), []).append(str(image))
    return came_from
