"""The event log told as lines an agent can read, in the workspace's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from duetml.agents.context import LogLine
from duetml.live.models import Event

Names = Mapping[str, str]


def tell(events: Iterable[Event], names: Names) -> tuple[LogLine, ...]:
    """`names`: category id → name, deleted ones included. Events without a telling are left out."""
    told = ((event.at.strftime("%H:%M"), _line(event, names)) for event in events)
    return tuple(LogLine(at, text) for at, text in told if text)


def _line(event: Event, names: Names) -> str:
    arranged = f".{event.payload['by']}" if event.kind == "data.arranged" else ""
    text = _texts().get(event.kind + arranged)
    if event.kind == "agent.answered" and event.payload["agent"] != "proactive":
        return ""  # the dialogue has it
    return text % _values(event.payload, names) if text else ""


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
        "image.uploaded": _("Uploaded an image."),
        "training.requested": _("Started training."),
        "training.done": _("Training finished."),
        "training.failed": _("Training failed."),
        "test.requested": _("Tested %(count)s images."),
        "proactive.toggled": _("Switched the assistant's own remarks on or off."),
        "agent.answered": _("The assistant remarked by itself: %(text)s"),
    }


def _values(payload: Mapping[str, Any], names: Names) -> dict[str, object]:
    def named(key: str) -> str:
        value = str(payload.get(key, ""))
        return names.get(value, value)

    return {
        "name": payload.get("name", ""),
        "was": named("was"),
        "into": named("into"),
        "category": named("category"),
        "count": len(payload.get("images", [])),
        "text": payload.get("text", ""),
    }
