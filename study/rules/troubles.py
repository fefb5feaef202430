"""What in a participant's course needs somebody of the staff, and how much."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

AWAY_AFTER = timedelta(minutes=2)
SILENT_AFTER = timedelta(minutes=5)
STUCK_AFTER = timedelta(minutes=30)
OVERDUE_AFTER = timedelta(seconds=30)  # the clock closes within a few seconds


class Trouble(StrEnum):
    """Most urgent first. Those from `BY_CLOCK` on tell what was, not what is."""

    OVERDUE = "overdue"  # should have been closed: is the worker that does it alive?
    OFFLINE = "offline"  # the clock runs, and nobody is there
    ATTENTION = "attention"
    SILENT = "silent"  # there, and doing nothing
    STUCK = "stuck"  # long on a page without a clock
    AGENTS = "agents"  # shown only when the results are unlocked
    BY_CLOCK = "by_clock"
    LATE = "late"


RANKS = {
    Trouble.OVERDUE: 5,
    Trouble.OFFLINE: 4,
    Trouble.ATTENTION: 3,
    Trouble.SILENT: 2,
    Trouble.STUCK: 1,
}


@dataclass(frozen=True)
class Here:
    """The open step of an active participant. `acted_at`: their last action in its workspace, None
    where it has none."""

    opened_at: datetime
    closes_at: datetime | None
    seen_at: datetime
    has_workspace: bool
    acted_at: datetime | None
    is_paused: bool


def troubles(here: Here, now: datetime) -> Iterator[Trouble]:
    if here.is_paused:
        return
    is_away = now - here.seen_at >= AWAY_AFTER
    if here.closes_at is not None and now - here.closes_at >= OVERDUE_AFTER:
        yield Trouble.OVERDUE
    elif here.closes_at is not None and is_away:
        yield Trouble.OFFLINE
    if here.has_workspace and not is_away and is_silent(here.opened_at, here.acted_at, now):
        yield Trouble.SILENT
    if here.closes_at is None and not is_away and now - here.opened_at >= STUCK_AFTER:
        yield Trouble.STUCK


def is_silent(opened_at: datetime, acted_at: datetime | None, now: datetime) -> bool:
    return now - (acted_at or opened_at) >= SILENT_AFTER
