"""Categories: made, renamed, deleted."""

from uuid import UUID, uuid4

from django.db.models import Max
from django.utils.translation import gettext as _

from duetml.live.models import Event
from duetml.workspace.models import Category
from duetml.workspace.queries import live_categories
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
        position=_next_position(act),
        created_at=act.now,
    )
    return act.record(
        "category.created",
        {"category": str(category.id), "name": category.name, "position": category.position},
    )


def rename(act: Act, category: UUID, name: str) -> Event:
    row = find(act, category)
    others = [other for other in live_categories(act.workspace.id) if other.id != row.id]
    was, row.name = row.name, _checked(name, others)
    row.save(update_fields=["name"])
    return act.record("category.renamed", {"category": str(row.id), "name": row.name, "was": was})


def delete(act: Act, category: UUID) -> Event:
    """The category goes, its images are free again."""
    row = find(act, category)
    placements = row.placements.order_by("position")
    images = [str(image) for image in placements.values_list("image_id", flat=True)]
    placements.delete()
    row.deleted_at = act.now
    row.save(update_fields=["deleted_at"])
    return act.record(
        "category.deleted", {"category": str(row.id), "name": row.name, "images": images}
    )


def find(act: Act, category: UUID) -> Category:
    row = Category.objects.filter(pk=category, workspace=act.workspace, deleted_at=None).first()
    if row is None:
        raise Refused("unknown_category", _("This category no longer exists."))
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


def _next_position(act: Act) -> int:
    live = Category.objects.filter(workspace=act.workspace, deleted_at=None)
    highest = live.aggregate(top=Max("position"))["top"]
    return 0 if highest is None else int(highest) + 1
