"""Categories: made, renamed, put in order, merged, deleted."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from duetml.live.models import Event
from duetml.workspace.models import Category, Placement
from duetml.workspace.queries import live_categories
from duetml.workspace.services import proactive
from duetml.workspace.services.acting import Act
from duetml.workspace.services.refusal import Refused
from duetml.workspace.services.wording import clipped, is_blank, one_line, sameness

MOST_CATEGORIES = 40
LONGEST_NAME = 80


def create(act: Act, name: str) -> Event:
    there = live_categories(act.workspace.id)
    if len(there) >= MOST_CATEGORIES:
        raise Refused(
            "too_many_categories",
            _("There can be at most %(most)s categories.") % {"most": MOST_CATEGORIES},
        )
    category = Category.objects.create(
        id=uuid4(),
        workspace=act.workspace,
        name=_checked(name, there),
        position=_next(there, "position"),
        mark=_next(there, "mark"),
        created_at=act.now,
    )
    proactive.at_boundary(act.workspace, act.now)
    told = {"name": category.name, "position": category.position, "mark": category.mark}
    return act.record("category.created", {"category": str(category.id), **told})


def rename(act: Act, category: UUID, name: str) -> Event:
    row = find(act, category)
    others = [other for other in live_categories(act.workspace.id) if other.id != row.id]
    was, row.name = row.name, _checked(name, others)
    row.save(update_fields=["name"])
    return act.record("category.renamed", {"category": str(row.id), "name": row.name, "was": was})


def delete(act: Act, category: UUID) -> Event:
    """The category goes, its images are free again."""
    row = find(act, category)
    images = [str(image) for image in image_ids(row)]
    _drop(act, row)
    return act.record(
        "category.deleted", {"category": str(row.id), "name": row.name, "images": images}
    )


def move(act: Act, category: UUID, to: int) -> Event:
    """Put a category at index `to` among the others; beyond the end means last."""
    row = find(act, category)
    order = [one for one in live_categories(act.workspace.id) if one.id != row.id]
    order.insert(to, row)
    for position, one in enumerate(order):
        one.position = position
    Category.objects.bulk_update(order, ["position"])
    return act.record("categories.ordered", {"order": [str(one.id) for one in order]})


def merge(act: Act, category: UUID, into: UUID) -> Event:
    """The images of one category join another's, behind them; the emptied category goes."""
    row, target = find(act, category), find(act, into)
    if row.id == target.id:
        raise Refused("same_category", _("Choose another category to merge with."))
    joined = append(target, image_ids(row))
    _drop(act, row)
    told = {"name": row.name, "into": str(target.id), "images": [str(one) for one in joined]}
    return act.record("category.merged", {"category": str(row.id), **told})


def image_ids(category: Category) -> list[UUID]:
    return list(category.placements.order_by("position").values_list("image_id", flat=True))


def positions(category: Category) -> dict[UUID, int]:
    return dict(category.placements.values_list("image_id", "position"))


def append(
    category: Category, images: Sequence[UUID], there: Mapping[UUID, int] | None = None
) -> list[UUID]:
    """Put images behind those that are there; those that are there already stay. Returns the
    new ones. `there`: the positions, where the caller knows them."""
    there = positions(category) if there is None else there
    coming = [image for image in images if image not in there]
    first = max(there.values(), default=-1) + 1
    Placement.objects.bulk_create(
        Placement(category=category, image_id=image, position=first + number)
        for number, image in enumerate(coming)
    )
    return coming


def _drop(act: Act, row: Category) -> None:
    row.placements.all().delete()
    row.deleted_at = act.now
    row.save(update_fields=["deleted_at"])


def find(act: Act, category: UUID) -> Category:
    row = Category.objects.filter(pk=category, workspace=act.workspace, deleted_at=None).first()
    if row is None:
        raise unknown()
    return row


def _checked(name: str, others: list[Category]) -> str:
    clean = one_line(name)
    if is_blank(clean):
        raise Refused("empty_name", _("Give the category a name."))
    if len(clean) > LONGEST_NAME:
        raise Refused(
            "too_long",
            _("A category name can have at most %(most)s characters.") % {"most": LONGEST_NAME},
        )
    # Compared here: the database's LOWER() folds only ASCII letters in SQLite.
    if any(sameness(other.name) == sameness(clean) for other in others):
        raise Refused(
            "duplicate_name",
            _("There is already a category called “%(name)s”.") % {"name": clipped(clean, 40)},
        )
    return clean


def unknown() -> Refused:
    return Refused("unknown_category", _("This category no longer exists."))


def _next(there: Iterable[Category], field: str) -> int:
    return max((getattr(category, field) for category in there), default=-1) + 1
