"""The strata of a protocol: which there can be, and whose is whose."""

from collections.abc import Mapping

from study.rules import assignment
from study.rules.answers import likert_points, scale_points
from study.rules.phrase import Phrase, gettext_noop
from study.rules.protocol import Item, ProtocolFile, assignment_index

COUNTED = ("single", "check", "likert", "scale")  # kinds of items that have a few answers


def possible(protocol: ProtocolFile) -> list[str]:
    """Every stratum, [""] where nothing is stratified by.

    Raises ValueError for an item that cannot be stratified by, and for too many strata.
    """
    return assignment.strata([(item.key, _answers(item)) for _step, item in _items(protocol)])


def places_to_read(protocol: ProtocolFile) -> list[tuple[str, str]]:
    """(step, item) of what decides on the stratum, in the protocol's order of strata."""
    return [(step, item.key) for step, item in _items(protocol)]


def stratum_of(protocol: ProtocolFile, answers: Mapping[str, object]) -> str:
    """The stratum of somebody who gave these answers before the assignment."""
    return assignment.stratum_of(protocol.allocation.strata, answers)


def _items(protocol: ProtocolFile) -> list[tuple[str, Item]]:
    before = protocol.steps[: assignment_index(protocol.steps) + 1]
    there = {item.key: (step.key, item) for step in before for item in step.items}
    missing = [key for key in protocol.allocation.strata if key not in there]
    if missing:
        text = gettext_noop("no item %(key)s comes before the assignment")
        raise ValueError(Phrase(text, key=", ".join(missing)))
    return [there[key] for key in protocol.allocation.strata]


def _answers(item: Item) -> list[str]:
    """What an item may be answered with by somebody who is eligible."""
    if item.kind not in COUNTED:
        text = gettext_noop("item %(key)s: only %(kinds)s can be stratified by")
        raise ValueError(Phrase(text, key=item.key, kinds=", ".join(COUNTED)))
    if item.kind == "single":
        values = [choice.value for choice in item.choices]
    elif item.kind == "check":
        values = ["yes"] if item.required else ["yes", "no"]
    else:
        points = likert_points(item) if item.kind == "likert" else scale_points(item)
        values = [str(point) for point in points]
    if item.admits is not None:
        values = [value for value in values if value in item.admits]
    unanswered = [] if item.required or item.kind == "check" else [assignment.UNANSWERED]
    return [*values, *unanswered]
