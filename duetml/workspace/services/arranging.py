"""Setting the training data to what they were: undo, redo, and the data of an earlier run."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from duetml.live.models import Event
from duetml.workspace.models import Category, Placement
from duetml.workspace.queries import arrangement, moment
from duetml.workspace.rules import replay
from duetml.workspace.rules.replay import ARRANGING, Arrangement
from duetml.workspace.services.acting import Act
from duetml.workspace.services.refusal import Refused


def undo(act: Act) -> Event:
    """Take back the last step, whichever tab or device it was made in."""
    steps = moment(act.workspace, kinds=ARRANGING).undo
    if not steps:
        raise Refused("nothing_to_undo", _("There is nothing left to undo."))
    return _arrange(act, _after(act, steps[-1]), "undo")


def redo(act: Act) -> Event:
    steps = moment(act.workspace, kinds=ARRANGING).redo
    if not steps:
        raise Refused("nothing_to_redo", _("There is nothing to redo."))
    return _arrange(act, _after(act, steps[-1]), "redo")


def restore(act: Act, run: UUID) -> Event:
    """The data an earlier training run saw, names included. Categories keep their marks."""
    found = act.workspace.training_runs.defer("classifier").filter(pk=run).first()
    if found is None:
        raise Refused("unknown_run", _("This training run does not exist."))
    rows = act.workspace.categories.values_list("id", "mark")
    marks = {str(category): mark for category, mark in rows}
    wanted = {
        one["category"]: replay.Category(
            one["category"], one["name"], position, marks[one["category"]], tuple(one["images"])
        )
        for position, one in enumerate(found.data)
    }
    return _arrange(act, wanted, "restore")


def _after(act: Act, event: int) -> Arrangement:
    return moment(act.workspace, until=event, kinds=ARRANGING).arrangement


def _arrange(act: Act, wanted: Arrangement, by: str) -> Event:
    changed, gone = replay.difference(arrangement(act.workspace.id), wanted)
    # Gone for a moment, so that two names may change places without meeting.
    touched = [*gone, *(one.id for one in changed)]
    rows = Category.objects.filter(workspace=act.workspace, pk__in=touched)
    rows.update(deleted_at=act.now)
    Placement.objects.filter(category__in=rows).delete()
    for one in changed:
        facts = {"name": one.name, "position": one.position, "mark": one.mark}
        rows.filter(pk=one.id).update(deleted_at=None, **facts)
    Placement.objects.bulk_create(_placements(changed))
    told = [_told(one) for one in changed]
    return act.record("data.arranged", {"by": by, "categories": told, "gone": gone})


def _placements(categories: Iterable[replay.Category]) -> list[Placement]:
    return [
        Placement(category_id=one.id, image_id=image, position=position)
        for one in categories
        for position, image in enumerate(one.images)
    ]


def _told(one: replay.Category) -> dict[str, Any]:
    place = {"position": one.position, "mark": one.mark}
    return {"category": one.id, "name": one.name, **place, "images": list(one.images)}
