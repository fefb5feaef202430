"""When each participant was in which step, from their enrolment on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from evaluation.report.facts.people import Person
from study.models import StepRun


@dataclass(frozen=True, slots=True)
class Stay:
    """One step of one person: minutes since the enrolment. `ended_by`: participant or clock."""

    step: str
    begin: float
    end: float
    ended_by: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duration:
    """Of one step: minutes of those who closed it."""

    step: str
    people: int
    median: float
    shortest: float
    longest: float
    by_clock: int


def stays(people: Sequence[Person]) -> Mapping[str, tuple[Stay, ...]]:
    """By code, in order. Steps that nobody closed are left out."""
    by_pk = {one.pk: one for one in people}
    rows = StepRun.objects.filter(participant__in=by_pk).exclude(closed_at=None)
    found: dict[str, list[Stay]] = defaultdict(list)
    fields = ("participant_id", "key", "opened_at", "closed_at", "closed_by", "flags")
    for pk, key, opened, closed, by, flags in rows.order_by("participant", "index").values_list(
        *fields
    ):
        origin = by_pk[pk].enrolled_at
        begin, end = ((at - origin).total_seconds() / 60 for at in (opened, closed))
        found[by_pk[pk].code].append(Stay(key, begin, end, by, tuple(flags)))
    return {code: tuple(found[code]) for code in sorted(found)}


def durations(found: Mapping[str, Sequence[Stay]], steps: Sequence[str]) -> tuple[Duration, ...]:
    """In the protocol's order; steps that nobody closed are left out."""
    told = []
    for step in steps:
        own = [stay for stays in found.values() for stay in stays if stay.step == step]
        if own:
            minutes = [stay.end - stay.begin for stay in own]
            by_clock = sum(stay.ended_by == "clock" for stay in own)
            told.append(
                Duration(step, len(own), median(minutes), min(minutes), max(minutes), by_clock)
            )
    return tuple(told)
