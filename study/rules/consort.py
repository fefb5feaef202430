"""The flow of people through a study, after CONSORT 2010 (Schulz et al., BMJ 2010;340:c332), from
what the log says of each of them.

Plain values in, plain values out. Payloads of somebody whose data were deleted are empty, except
those that tell how the study went: the counts stay right.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

ALL = ""  # stands for every condition while nobody may know which
UNKNOWN = "?"
Key = TypeVar("Key")


class Told(NamedTuple):
    """One event of a participant's log."""

    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """How far one participant came. `before`: why they were never assigned (a state), "" while
    they may be yet. `lost`: how they left after it (withdrawn, blocked), at step `step`.
    `excluded`: the reason, where they are left out of the analysis."""

    before: str = ""
    condition: str | None = None  # assigned to
    received: bool = False
    completed: bool = False
    lost: str = ""
    step: str = ""
    excluded: str = ""
    deleted: bool = False


@dataclass(frozen=True)
class Arm:
    """One condition, or all of them together.

    assigned = received + not_received; every one of these is analysed, lost, excluded, deleted or
    under_way: the first that applies of deleted, excluded, lost. `lost`: by (how, step).
    """

    condition: str
    assigned: int
    received: int
    not_received: int
    under_way: int
    lost: Mapping[tuple[str, str], int]
    excluded: Mapping[str, int]
    deleted: int
    analysed: int


@dataclass(frozen=True)
class Flow:
    """enrolled = under_way + the sum of `before` + assigned."""

    enrolled: int
    under_way: int
    before: Mapping[str, int]
    assigned: int
    arms: tuple[Arm, ...]


def flow(facts: Iterable[Fact], conditions: Sequence[str], *, is_blind: bool) -> Flow:
    """`is_blind`: the conditions are one box, since counts of each could be told apart as people
    come in one by one."""
    people = list(facts)
    assigned = [one for one in people if one.condition is not None]
    before = Counter(one.before for one in people if one.condition is None)
    under_way = before.pop("", 0)
    if is_blind:
        arms: tuple[Arm, ...] = (_arm(ALL, assigned),)
    else:
        named = [*conditions, *sorted({str(one.condition) for one in assigned} - {*conditions})]
        arms = tuple(_arm(key, [one for one in assigned if one.condition == key]) for key in named)
    return Flow(len(people), under_way, _sorted(before), len(assigned), arms)


def fact(events: Iterable[Told], condition: str = "") -> Fact:
    """What one participant's events come to. `condition`: theirs by the rows, for the case that the
    log no longer says it."""
    found = Fact()
    for event in events:
        change = CHANGES.get(event.kind)
        found = change(found, event.payload) if change else found
    if found.condition == "":
        found = replace(found, condition=condition or UNKNOWN)
    return found


def _arm(condition: str, own: Sequence[Fact]) -> Arm:
    deleted = [one for one in own if one.deleted]
    here = [one for one in own if not one.deleted]
    excluded = Counter(one.excluded for one in here if one.excluded)
    counted = [one for one in here if not one.excluded]
    lost = Counter((one.lost, one.step) for one in counted if one.lost)
    received = sum(one.received for one in own)
    return Arm(
        condition=condition,
        assigned=len(own),
        received=received,
        not_received=len(own) - received,
        under_way=sum(not one.lost and not one.completed for one in counted),
        lost=_sorted(lost),
        excluded=_sorted(excluded),
        deleted=len(deleted),
        analysed=sum(one.completed and not one.lost for one in counted),
    )


def _sorted(counts: Counter[Key]) -> dict[Key, int]:
    """The most frequent first."""
    return dict(sorted(counts.items(), key=lambda one: (-one[1], str(one[0]))))


def _assigned(found: Fact, told: Mapping[str, Any]) -> Fact:
    return replace(found, condition=str(told.get("condition", "")), before="")


def _opened(found: Fact, told: Mapping[str, Any]) -> Fact:
    has_begun = found.received or (found.condition is not None and bool(told.get("workspace")))
    return replace(found, step=str(told.get("step", "")), received=has_begun)


def _returned(found: Fact, _told: Mapping[str, Any]) -> Fact:
    """They left before any task, and the next person got their place."""
    return replace(found, condition=None, before=found.lost or "withdrawn", lost="")


def _left(how: str) -> Any:
    def change(found: Fact, _told: Mapping[str, Any]) -> Fact:
        if found.condition is None:
            return replace(found, before=how)
        return found if found.completed else replace(found, lost=how)

    return change


# After completing, somebody may still have their data deleted: then they are deleted, not lost.
CHANGES: dict[str, Any] = {
    "participant.assigned": _assigned,
    "participant.screened_out": _left("screened_out"),
    "participant.turned_away": _left("turned_away"),
    "participant.withdrew": _left("withdrawn"),
    "participant.blocked": _left("blocked"),
    "slot.returned": _returned,
    "step.opened": _opened,
    "participant.completed": lambda found, _told: replace(found, completed=True),
    "participant.excluded": lambda found, told: replace(
        found, excluded=str(told.get("reason") or UNKNOWN)
    ),
    "participant.readmitted": lambda found, _told: replace(found, excluded=""),
    "participant.erased": lambda found, _told: replace(found, deleted=True),
}
KINDS = tuple(CHANGES)
