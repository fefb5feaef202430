"""What comes next, and when: the steps of a condition and their deadlines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from study.rules.answers import Value
from study.rules.protocol import ProtocolFile, Step, assignment_index, duration


@dataclass(frozen=True)
class Deadlines:
    """When a step may be left and when it closes by itself; None where there is no limit."""

    minimum_at: datetime | None
    closes_at: datetime | None


def deadlines(step: Step, now: datetime, *, waive_minimum: bool = False) -> Deadlines:
    if step.minutes is None:
        return Deadlines(None, None)
    minimum_at = None if waive_minimum else now + duration(step.minutes.minimum)
    return Deadlines(minimum_at, now + duration(step.minutes.maximum))


def may_leave(now: datetime, minimum_at: datetime | None) -> bool:
    return minimum_at is None or now >= minimum_at


def is_late(now: datetime, closes_at: datetime | None, grace: timedelta = timedelta(0)) -> bool:
    """Whether the maximum has passed, and the grace after it. Within the grace what arrives counts,
    with a flag."""
    return closes_at is not None and now >= closes_at + grace


def grace(protocol: ProtocolFile) -> timedelta:
    return timedelta(seconds=protocol.time.grace_seconds)


def has_been_away(step: Step, now: datetime, seen_at: datetime) -> bool:
    """Whether somebody who comes back was gone for so long that the resume policy applies."""
    return now - seen_at > duration(step.away_minutes)


def is_taken(step: Step, condition: str) -> bool:
    """Whether somebody of this condition gets the step."""
    return not step.only or condition in step.only


def next_index(protocol: ProtocolFile, index: int, condition: str) -> int | None:
    """The step after `index`; None after the last one."""
    later = range(index + 1, len(protocol.steps))
    return next((i for i in later if is_taken(protocol.steps[i], condition)), None)


def assigns_after(protocol: ProtocolFile, index: int) -> bool:
    """Whether the condition is drawn when this step has been left."""
    return index == assignment_index(protocol.steps)


def progress(protocol: ProtocolFile, index: int) -> tuple[int, int]:
    """(number, total) for "step 4 of 9".

    Counts only the steps everybody gets: a total that differed between conditions would give them
    away. A step of one condition shares the number of the common step after it.
    """
    common = [i for i, step in enumerate(protocol.steps) if not step.only]
    return sum(i < index for i in common) + 1, len(common)


def unmet(step: Step, answers: Mapping[str, Value]) -> list[str]:
    """The items whose answers make a person ineligible. Of several choices each has to admit."""
    return [
        item.key
        for item in step.items
        if item.admits is not None and not _admit(item.admits, answers.get(item.key))
    ]


def _admit(admitted: Sequence[str], value: Value) -> bool:
    chosen = value if isinstance(value, list) else [str(value)]
    return bool(chosen) and set(chosen) <= set(admitted)
