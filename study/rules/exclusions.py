"""Whom the analysis plan leaves out: decided from what happened, never from what was scored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from study.rules.protocol import ProtocolFile


@dataclass(frozen=True)
class Course:
    """How somebody went through the study, so far as a rule can ask.

    late: keys of steps flagged so. failed_checks: as "step.item". minutes: by key of each rated
    task they finished, without pauses. to_rate: keys of the rated tasks they should have handed in.
    unanswered: keys of rated tasks in which the agents were asked and answered nothing.
    """

    late: Sequence[str] = ()
    failed_checks: Sequence[str] = ()
    minutes: Mapping[str, float] = field(default_factory=dict)
    to_rate: Sequence[str] = ()
    unanswered: Sequence[str] = ()
    completed: bool = True


def reasons(protocol: ProtocolFile, course: Course) -> list[str]:
    """Each rule of the plan that fits, as "rule: step" (attention: "rule: step.item"), in the
    plan's order. `incomplete` fits whoever left before a rated task was over, or before the end
    where nothing is rated; `under_minutes` whoever took less in any rated task."""
    return list(_reasons(protocol, course))


def _reasons(protocol: ProtocolFile, course: Course) -> Iterator[str]:
    for one in protocol.analysis.exclusions if protocol.analysis else ():
        places = {
            "late": course.late,
            "attention": course.failed_checks,
            "incomplete": _missing(course),
            "agents_failed": course.unanswered,
            "under_minutes": [
                k for k, spent in course.minutes.items() if spent < (one.minutes or 0)
            ],
        }[one.rule]
        yield from (f"{one.rule}: {place}" for place in places)


def _missing(course: Course) -> list[str]:
    if not course.to_rate:
        return [] if course.completed else ["end"]
    return [key for key in course.to_rate if key not in course.minutes]
