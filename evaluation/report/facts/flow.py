"""How many people were where: the counts of a CONSORT flow."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from evaluation.report.facts.people import Person
from study.models import Participant

States = Participant.State


@dataclass(frozen=True, slots=True)
class Arm:
    """One condition. `lost`: those who did not complete the study, by state. `excluded`: of those
    with data, by reason. `rated`: their submission has a score that counts; `compared`: their
    questionnaires and logs count."""

    condition: str
    assigned: int
    completed: int
    lost: Mapping[str, int]
    handed_in: int
    deleted: int
    excluded: Mapping[str, int]
    rated: int
    compared: int


@dataclass(frozen=True, slots=True)
class Flow:
    """`left`: enrolled, and gone or still there before they were assigned."""

    enrolled: int
    screened_out: int
    turned_away: int
    left: int
    assigned: int
    arms: tuple[Arm, ...]


def flow(people: Sequence[Person], conditions: Sequence[str], rated: Collection[str]) -> Flow:
    """`rated`: the codes of participants with a score that counts."""
    states = Counter(one.state for one in people if not one.condition)
    screened_out, turned_away = states[States.SCREENED_OUT], states[States.TURNED_AWAY]
    arms = tuple(
        _arm([one for one in people if one.condition == condition], condition, rated)
        for condition in conditions
    )
    return Flow(
        enrolled=len(people),
        screened_out=screened_out,
        turned_away=turned_away,
        left=sum(states.values()) - screened_out - turned_away,
        assigned=sum(arm.assigned for arm in arms),
        arms=arms,
    )


def _arm(own: Sequence[Person], condition: str, rated: Collection[str]) -> Arm:
    here = [one for one in own if one.has_data]
    return Arm(
        condition=condition,
        assigned=len(own),
        completed=sum(one.state == States.COMPLETED for one in own),
        lost=dict(sorted(Counter(o.state for o in own if o.state != States.COMPLETED).items())),
        handed_in=sum(one.handed_in for one in own),
        deleted=len(own) - len(here),
        excluded=dict(
            sorted(Counter(o.excluded or "?" for o in here if o.excluded_at is not None).items())
        ),
        rated=sum(one.code in rated for one in own),
        compared=sum(one.is_analysed for one in own),
    )
