"""The event log told as lines an agent can read, in the workspace's language."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from duetml.agents.context import LogLine
from duetml.live.models import Event

Names = Mapping[str, str]
# One step of a person, told as one operation: they only ever come in numbers.
COUNTED = ("images.added", "images.copied", "images.moved", "images.removed", "image.uploaded")

OTHER_MARKS = str.maketrans("“”「」", "‘’『』")
TOLD = (
    "category.created",
    "category.renamed",
    "category.deleted",
    "category.merged",
    "categories.ordered",
    "data.arranged",
    "images.added",
    "images.moved",
    "images.copied",
    "images.removed",
    "image.uploaded",
    "training.requested",
    "training.done",
    "training.failed",
    "test.requested",
    "proactive.toggled",
)


@dataclass(frozen=True)
class Operation:
    """`key`: operations in a row that share it are told as one, with their pictures added up."""

    key: tuple[object, ...]
    event: Event
    count: int


def tell(events: Iterable[Event], names: Names) -> tuple[LogLine, ...]:
    """`names`: category id → name, deleted ones included. Events without a telling are left out;
    the same done again and again becomes one line, with the time it began."""
    operations = (_operation(event) for event in events if _text_of(event))
    grouped = (list(group) for _key, group in groupby(operations, key=lambda one: one.key))
    return tuple(_lines(grouped, names))


def _lines(grouped: Iterable[list[Operation]], names: Names) -> Iterator[LogLine]:
    for group in grouped:
        first = group[0].event
        count = sum(one.count for one in group)
        text = _text_of(first) % _values(first.payload, names, count)
        yield LogLine(first.at.strftime("%H:%M"), text)


def _operation(event: Event) -> Operation:
    if event.kind not in COUNTED:
        return Operation((event.seq,), event, len(event.payload.get("images", [])))
    place = (event.payload.get("category"), event.payload.get("was"))
    minute = event.at.replace(second=0, microsecond=0)
    return Operation((event.kind, *place, minute), event, len(event.payload.get("images", [0])))


def _text_of(event: Event) -> str:
    payload = event.payload
    kind = event.kind
    if kind == "data.arranged":
        kind += f".{payload['by']}"
    if kind == "proactive.toggled":
        kind += ".on" if payload["on"] else ".off"
    if kind == "image.uploaded" and payload["category"]:
        kind += ".into"
    return _texts().get(kind, "")


def _texts() -> dict[str, str]:
    return {
        "category.created": _("Made the category “%(name)s”."),
        "category.renamed": _("Renamed the category “%(was)s” to “%(name)s”."),
        "category.deleted": _("Deleted the category “%(name)s” with %(count)s images."),
        "category.merged": _("Merged the category “%(name)s” into “%(into)s”."),
        "categories.ordered": _("Put the categories into another order."),
        "data.arranged.undo": _("Took the last change back."),
        "data.arranged.redo": _("Made the change again that was taken back."),
        "data.arranged.restore": _("Brought back the images of an earlier training."),
        "images.copied": _("Copied %(count)s images into “%(category)s”."),
        "images.added": _("Put %(count)s images into “%(category)s”."),
        "images.moved": _("Moved %(count)s images from “%(was)s” to “%(category)s”."),
        "images.removed": _("Took %(count)s images out of “%(category)s”."),
        "image.uploaded": _("Uploaded %(count)s images."),
        "image.uploaded.into": _("Uploaded %(count)s images into “%(category)s”."),
        "training.requested": _("Started training."),
        "training.done": _("Training finished."),
        "training.failed": _("Training failed."),
        "test.requested": _("Tested %(count)s images."),
        "proactive.toggled.on": _("Switched the assistant's own remarks on."),
        "proactive.toggled.off": _("Switched the assistant's own remarks off."),
    }


def _values(payload: Mapping[str, Any], names: Names, count: int) -> dict[str, object]:
    def named(key: str) -> str:
        value = str(payload.get(key, ""))
        return _closed(names.get(value, value))

    told = {key: named(key) for key in ("was", "into", "category")}
    return told | {"name": _closed(payload.get("name", "")), "count": count}


def _closed(name: str) -> str:
    """A name that cannot end the quotation it is told in and go on as another operation."""
    return name.translate(OTHER_MARKS)
