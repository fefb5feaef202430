"""A workspace rebuilt from its events alone: what it was after any of them, and what can be undone.

Plain values in, plain values out. An arrangement that a person can go back to is named by the
event after which it was: thousands of them would not fit into memory.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

Payload = Mapping[str, Any]


class Happened(NamedTuple):
    """One event. `is_step`: an action of a person ends with it (it carries a browser's id)."""

    kind: str
    payload: Payload
    is_step: bool = False
    seq: int = 0


@dataclass(frozen=True)
class Category:
    id: str
    name: str
    position: int
    mark: int
    images: tuple[str, ...] = ()


Arrangement = Mapping[str, Category]  # by id


@dataclass(frozen=True)
class Moment:
    """What a workspace was after some event.

    offered: image → where it came from, in the order offered. runs, tests: by id, as their rows
    tell. messages: author, text and whether the offline advisor spoke, by id. undo, redo: the
    numbers of the events whose arrangements a step back or forth leads to, the next one last.
    """

    arrangement: Arrangement = field(default_factory=dict)
    offered: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, Payload] = field(default_factory=dict)
    tests: Mapping[str, Payload] = field(default_factory=dict)
    messages: Mapping[str, Payload] = field(default_factory=dict)
    proactive_on: bool = True
    closed: bool = False
    undo: tuple[int, ...] = ()
    redo: tuple[int, ...] = ()
    _settled: Arrangement = field(default_factory=dict)  # as the last step left it
    _settled_by: int = 0  # that step; 0: nothing was done yet
    batch: str | None = None  # of that step: what follows from the same folder belongs to it


def rebuild(events: Iterable[Happened]) -> Moment:
    """The moment after the last of the events, which begin with the workspace's first."""
    moment = Moment()
    for event in events:
        moment = after(moment, event)
    return moment


def after(moment: Moment, event: Happened) -> Moment:
    """The moment after one more event. Kinds that change nothing told here are passed over, and so
    are events whose payload was purged."""
    change = CHANGES.get(event.kind) if event.payload else None
    changed = change(moment, event.payload) if change else moment
    return _stepped(changed, event) if event.is_step and event.payload else changed


def in_order(arrangement: Arrangement) -> list[Category]:
    return sorted(arrangement.values(), key=lambda category: category.position)


def difference(now: Arrangement, wanted: Arrangement) -> tuple[list[Category], list[str]]:
    """(categories to set, ids to delete) that lead from one arrangement to another."""
    changed = [one for one in in_order(wanted) if now.get(one.id) != one]
    return changed, [one for one in now if one not in wanted]


def _stepped(moment: Moment, event: Happened) -> Moment:
    """A step that changed the arrangement can be taken back; only undo and redo keep `redo`.

    Pictures that came together from a folder are one step.
    """
    before, batch = moment._settled_by, None
    by = event.payload.get("by") if event.kind == "data.arranged" else None
    if by == "undo":
        undo, redo = moment.undo[:-1], (*moment.redo, before)
    elif by == "redo":
        undo, redo = (*moment.undo, before), moment.redo[:-1]
    elif moment.arrangement != moment._settled:
        batch = event.payload.get("batch")
        goes_on = batch is not None and batch == moment.batch
        undo, redo = moment.undo if goes_on else (*moment.undo, before), ()
    else:
        return moment
    now = moment.arrangement
    settled = replace(moment, _settled=now, _settled_by=event.seq)
    return replace(settled, undo=undo, redo=redo, batch=batch)


def _opened(moment: Moment, told: Payload) -> Moment:
    images = told["images"] if isinstance(told["images"], list) else []  # once it was their number
    return replace(moment, offered=dict.fromkeys(images, "pool"))


def _created(moment: Moment, told: Payload) -> Moment:
    mark = told.get("mark", told["position"])  # once they were the same
    return _with(moment, Category(told["category"], told["name"], told["position"], mark))


def _renamed(moment: Moment, told: Payload) -> Moment:
    return _with(moment, replace(moment.arrangement[told["category"]], name=told["name"]))


def _deleted(moment: Moment, told: Payload) -> Moment:
    return _without(moment, told["category"])


def _merged(moment: Moment, told: Payload) -> Moment:
    into = moment.arrangement[told["into"]]
    grown = replace(into, images=into.images + tuple(told["images"]))
    return _with(_without(moment, told["category"]), grown)


def _ordered(moment: Moment, told: Payload) -> Moment:
    places = {category: position for position, category in enumerate(told["order"])}
    moved = (replace(one, position=places[one.id]) for one in moment.arrangement.values())
    return _with(moment, *moved)


def _arranged(moment: Moment, told: Payload) -> Moment:
    gone = _without(moment, *told["gone"])
    return _with(gone, *(_category(one) for one in told["categories"]))


def _added(moment: Moment, told: Payload) -> Moment:
    into = moment.arrangement[told["category"]]
    return _with(moment, replace(into, images=into.images + tuple(told["images"])))


def _removed(moment: Moment, told: Payload) -> Moment:
    return _with(moment, _left_by(moment.arrangement[told["category"]], told["images"]))


def _moved(moment: Moment, told: Payload) -> Moment:
    left = _with(moment, _left_by(moment.arrangement[told["was"]], told["images"]))
    return _added(left, told)


def _uploaded(moment: Moment, told: Payload) -> Moment:
    image, category = told["image"], told["category"]
    if image not in moment.offered:
        moment = replace(moment, offered={**moment.offered, image: told["origin"]})
    if category is None or image in moment.arrangement[category].images:
        return moment
    return _added(moment, {"category": category, "images": [image]})


def _left_by(category: Category, images: Iterable[str]) -> Category:
    leaving = set(images)
    return replace(category, images=tuple(one for one in category.images if one not in leaving))


def _with(moment: Moment, *categories: Category) -> Moment:
    changed = {category.id: category for category in categories}
    return replace(moment, arrangement={**moment.arrangement, **changed})


def _without(moment: Moment, *categories: str) -> Moment:
    kept = {key: one for key, one in moment.arrangement.items() if key not in categories}
    return replace(moment, arrangement=kept)


def _category(told: Payload) -> Category:
    return Category(
        told["category"], told["name"], told["position"], told["mark"], tuple(told["images"])
    )


def _training(moment: Moment, told: Payload, **values: Any) -> Moment:
    run = {**moment.runs.get(told["run"], {}), **values}
    return replace(moment, runs={**moment.runs, told["run"]: run})


def _training_requested(moment: Moment, told: Payload) -> Moment:
    return _training(
        moment,
        told,
        number=told["number"],
        data=told["data"],
        report={},
        reason="",
        state="unfinished",
    )


def _training_done(moment: Moment, told: Payload) -> Moment:
    return _training(moment, told, state="done", report=told["report"])


def _training_failed(moment: Moment, told: Payload) -> Moment:
    return _training(moment, told, state="failed", reason=told["reason"])


def _test(moment: Moment, told: Payload, **values: Any) -> Moment:
    test = {**moment.tests.get(told["test"], {}), **values}
    return replace(moment, tests={**moment.tests, told["test"]: test})


def _test_requested(moment: Moment, told: Payload) -> Moment:
    return _test(
        moment,
        told,
        run=told["run"],
        images=told["images"],
        results=[],
        reason="",
        state="unfinished",
    )


def _test_done(moment: Moment, told: Payload) -> Moment:
    return _test(moment, told, state="done", results=told["results"])


def _test_failed(moment: Moment, told: Payload) -> Moment:
    return _test(moment, told, state="failed", reason=told["reason"])


def _greeted(moment: Moment, told: Payload) -> Moment:
    return _said(moment, told, "reactive", told["offline"])


def _posted(moment: Moment, told: Payload) -> Moment:
    return _said(moment, told, "participant", False)


def _answered(moment: Moment, told: Payload) -> Moment:
    return _said(moment, told, told["agent"], told["offline"])


def _said(moment: Moment, told: Payload, author: str, offline: bool) -> Moment:
    message = {"author": author, "text": told["text"], "offline": offline}
    return replace(moment, messages={**moment.messages, told["message"]: message})


Change = Callable[[Moment, Payload], Moment]

# The kinds that change who is where; all that undoing needs to read.
ARRANGING: dict[str, Change] = {
    "category.created": _created,
    "category.renamed": _renamed,
    "category.deleted": _deleted,
    "category.merged": _merged,
    "categories.ordered": _ordered,
    "data.arranged": _arranged,
    "images.added": _added,
    "images.moved": _moved,
    "images.copied": _added,
    "images.removed": _removed,
    "image.uploaded": _uploaded,
}
CHANGES: dict[str, Change] = ARRANGING | {
    "workspace.opened": _opened,
    "workspace.closed": lambda moment, _told: replace(moment, closed=True),
    "training.requested": _training_requested,
    "training.done": _training_done,
    "training.failed": _training_failed,
    "test.requested": _test_requested,
    "test.done": _test_done,
    "test.failed": _test_failed,
    "chat.greeted": _greeted,
    "chat.posted": _posted,
    "agent.answered": _answered,
    "proactive.toggled": lambda moment, told: replace(moment, proactive_on=told["on"]),
}
