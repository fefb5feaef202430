"""Images in categories. Without the feature `copies`, one image is in one category at most."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from duetml.live.models import Event
from duetml.workspace.models import Category, Placement, WorkspaceImage
from duetml.workspace.queries import live_categories
from duetml.workspace.services import categories
from duetml.workspace.services.acting import Act
from duetml.workspace.services.refusal import Refused


def add(act: Act, category: UUID, images: Sequence[UUID], source: UUID | None = None) -> Event:
    """Put images into a category. They leave `source`, or every other category where none is named
    or where an image is in one category at most: what a page believes to be the source may not be
    so any more.

    Events: images.moved per category they came from, images.added for those that were in none
    (also where nothing changed, so that the action is recorded). The last one carries the stamp.
    """
    target = categories.find(act, category)
    has_copies = act.workspace.settings.features.copies
    left = categories.find(act, source) if source and has_copies else None
    wanted = offered(act, images)
    came_from = place(act, target, wanted, left)
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


def copy(act: Act, category: UUID, images: Sequence[UUID]) -> Event:
    """Put images into a category and leave them in the others."""
    target = categories.find(act, category)
    added = categories.append(target, offered(act, images))
    told = {"category": str(target.id), "images": [str(image) for image in added]}
    return act.record("images.copied", told)


def remove(act: Act, category: UUID | None, images: Sequence[UUID]) -> Event:
    """Take images out of a category, or of every one where none is named; those that are not in it
    are passed over.

    Events: images.removed per category left, the last with the stamp (also where none was left).
    """
    named = [categories.find(act, category)] if category else live_categories(act.workspace.id)
    wanted = offered(act, images)
    left = [(row, _take(row, wanted)) for row in named]
    told = [
        {"category": str(row.id), "images": [str(image) for image in taken]} for row, taken in left
    ]
    if not told:
        raise categories.unknown()
    changed = [one for one in told if one["images"]] or told[:1]
    for payload in changed[:-1]:
        act.record_also("images.removed", payload)
    return act.record("images.removed", changed[-1])


def _take(category: Category, images: Sequence[UUID]) -> list[UUID]:
    placements = category.placements.filter(image__in=images).order_by("position")
    taken = list(placements.values_list("image_id", flat=True))
    placements.delete()
    return taken


def offered(act: Act, images: Sequence[UUID]) -> list[UUID]:
    """The images without repetition. Refused unless the workspace offers every one of them."""
    wanted = list(dict.fromkeys(images))
    if not wanted:
        raise Refused("no_images", _("Choose at least one image."))
    there = WorkspaceImage.objects.filter(workspace=act.workspace, image__in=wanted).count()
    if there != len(wanted):
        raise Refused("unknown_image", _("This image is not part of this workspace."))
    return wanted


def place(
    act: Act, target: Category, images: Sequence[UUID], source: Category | None = None
) -> dict[str, list[str]]:
    """Write the placements. Returns which image came from which category id ("" for none), in the
    order in which they now stand in the target.

    A copy left behind elsewhere is told as removed: of an image that is in the target already, and
    of one that came from several categories.
    """
    homes = _homes(act, target, images, source)
    there = categories.positions(target)
    came_from: dict[str, list[str]] = {}
    removed: dict[str, list[str]] = {}
    for image in images:
        left = homes.get(image, [])
        if image not in there:
            came_from.setdefault(left[0] if left else "", []).append(str(image))
            left = left[1:]
        for home in left:
            removed.setdefault(home, []).append(str(image))
    came_from = dict(sorted(came_from.items(), key=lambda group: not group[0]))  # "" comes last
    elsewhere = Placement.objects.filter(image__in=homes)
    elsewhere.filter(category__in={home for left in homes.values() for home in left}).delete()
    coming = [UUID(image) for group in came_from.values() for image in group]
    categories.append(target, coming, there)
    for home, names in removed.items():
        act.record_also("images.removed", {"category": home, "images": names})
    return came_from


def _homes(
    act: Act, target: Category, images: Sequence[UUID], source: Category | None
) -> dict[UUID, list[str]]:
    """Image → the categories it is to leave."""
    rows = Placement.objects.filter(
        image__in=images, category__workspace=act.workspace, category__deleted_at=None
    ).exclude(category=target)
    if source is not None:
        rows = rows.filter(category=source)
    homes: dict[UUID, list[str]] = {}
    for image, home in rows.order_by("category__position").values_list("image_id", "category_id"):
        homes.setdefault(image, []).append(str(home))
    return homes
