"""How robots behave: each profile is one way of being a participant, and what must come of it."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

Outcome = Literal["completed", "gone", "screened_out"]


@dataclass(frozen=True)
class Profile:
    """What a robot does beside the plain way through.

    hurry: the chance, per task, of leaving as soon as everything was seen once.
    waits: the chance, per task, that the clock ends it instead of the button.
    drops_at: the step, by its number on the way from 1, at which the browser is closed for good.
    """

    name: str
    outcome: Outcome = "completed"
    hurry: float = 0.4
    waits: float = 0.3
    gaps: float = 0.3  # the chance that a form is sent with a question left out first
    works: bool = True  # does something in the tasks
    talks: int = 0  # questions asked in a row, beside the ordinary ones
    drops_at: int = 0
    two_tabs: bool = False
    refreshes: bool = False
    loses_network: bool = False
    clock_error: timedelta = timedelta()
    answers_badly: bool = False
    comes_late: bool = False
    is_eligible: bool = True


PROFILES = {
    one.name: one
    for one in (
        Profile("careful"),
        Profile("hasty", hurry=1.0, waits=0.0, gaps=0.0),
        Profile("silent", works=False, waits=0.7),
        Profile("chatty", talks=4),
        Profile("dropout", outcome="gone", drops_at=6),
        Profile("two-tabs", two_tabs=True),
        Profile("refresh", refreshes=True),
        Profile("network-loss", loses_network=True),
        Profile("fast-clock", clock_error=timedelta(hours=3)),
        Profile("slow-clock", clock_error=timedelta(days=-400)),
        Profile("bad-answers", answers_badly=True, gaps=1.0),
        Profile("late", comes_late=True, waits=1.0),
        Profile("ineligible", outcome="screened_out", is_eligible=False),
    )
}


def read(text: str) -> list[Profile]:
    """The profiles that robots take in turn: names with commas, "mixed" for all of them,
    "dropout@N" for one that leaves at its Nth step.

    Raises ValueError with a sentence for a name that is not there.
    """
    if text.strip() == "mixed":
        return list(PROFILES.values())
    return [_one(name.strip()) for name in text.split(",")]


def _one(name: str) -> Profile:
    left = re.fullmatch(r"dropout@([1-9][0-9]?)", name)
    if left:
        return replace(PROFILES["dropout"], name=name, drops_at=int(left.group(1)))
    if name not in PROFILES:
        known = ", ".join(PROFILES)
        raise ValueError(f"There is no profile “{name}”. There are: {known}; mixed; dropout@N.")
    return PROFILES[name]
