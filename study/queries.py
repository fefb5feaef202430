"""Reads over several rows. Previews appear in none of them; the number of queries never depends on
the number of rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from study.models import Participant, Response, StepRun, Study, Submission

PRESENT_WITHIN = timedelta(seconds=30)
COUNTED = ~Q(kind=Participant.Kind.PREVIEW)


def participants(study: Study) -> QuerySet[Participant]:
    """Everybody who counts, in the order of enrolment."""
    rows = Participant.objects.filter(COUNTED, study=study)
    return rows.select_related("slot", "protocol", "study").order_by("enrolled_at", "code")


def steps(study: Study) -> QuerySet[StepRun]:
    rows = StepRun.objects.filter(participant__in=participants(study).values("pk"))
    return rows.select_related("participant").order_by("participant__enrolled_at", "index")


def responses(study: Study) -> QuerySet[Response]:
    rows = Response.objects.filter(step__participant__in=participants(study).values("pk"))
    order = ("step__participant__enrolled_at", "step__index", "pk")
    return rows.select_related("step__participant").order_by(*order)


def answers_of(participant: Participant) -> dict[tuple[str, str], object]:
    """What somebody answered, by (step, item)."""
    rows = Response.objects.filter(step__participant=participant)
    given = rows.values_list("step__key", "item", "value")
    return {(step, item): value for step, item, value in given}


def agreed_at(participant: Participant) -> datetime | None:
    """When they agreed to the consent; None for whoever has not, stopped there, or declined. One
    query."""
    closed = dict(participant.steps.values_list("index", "closed_at"))
    went_on = len(closed) > 1 or participant.state == Participant.State.TURNED_AWAY
    return closed.get(0) if went_on else None


def submissions(study: Study) -> QuerySet[Submission]:
    rows = Submission.objects.filter(study=study).exclude(
        participant__kind=Participant.Kind.PREVIEW
    )
    return rows.select_related("participant").order_by("frozen_at", "pk")


def shares_images(participant: Participant) -> bool:
    """Whether they ticked the box that lets pictures go to the model vendor. One query."""
    box = participant.protocol.read().image_consent()
    if box is None:
        return False
    step, item = box
    given = Response.objects.filter(step__participant=participant, step__key=step, item=item)
    return given.values_list("value", flat=True).first() is True


@dataclass(frozen=True)
class Totals:
    """How many participants are where; `places` is how many the study plans for. While a study is
    piloted it is about the pilots, from its opening on about everybody else; `pilots` and
    `pilots_active` are then those apart."""

    active: int
    completed: int
    screened_out: int
    turned_away: int
    places: int
    taken: int
    pilots: int = 0
    pilots_active: int = 0


def overview(those: QuerySet[Study] | None = None) -> list[tuple[Study, Totals]]:
    """Those studies, or every one, with their totals, the newest first. Two queries."""
    rows = Participant.objects.filter(COUNTED).values_list("study", "kind", "state")
    people: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for study, kind, state, number in rows.annotate(Count("pk")):
        people[study].append((kind, state, number))
    rows_of = Study.objects.all() if those is None else those
    studies = rows_of.select_related("protocol").annotate(
        places=Count("slots", filter=_is_meant("", "slots__sequence")),
        taken=Count("slots__taken_at", filter=_is_meant("", "slots__sequence")),
    )
    return [
        (study, _totals(study, people[study.pk], study.places, study.taken))
        for study in studies.order_by("-created_at")
    ]


def _is_meant(study: str, sequence: str) -> Q:
    """Pilots while a study is piloted, and the others otherwise."""
    pilots, piloting = Q(**{sequence: "pilot"}), Q(**{f"{study}state": Study.State.PILOT})
    return (pilots & piloting) | (~pilots & ~piloting)


def totals(study: Study) -> Totals:
    return overview(Study.objects.filter(pk=study.pk))[0][1]


def apart(
    study: Study, found: Iterable[tuple[str, str, int]]
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Of (kind, state, how many): by state those who count now, and by state the pilots apart from
    them, of whom there are none while the study is piloted."""
    meant: Counter[str] = Counter()
    pilots: Counter[str] = Counter()
    is_piloted = study.state == Study.State.PILOT
    for kind, state, number in found:
        is_meant = (kind == Participant.Kind.PILOT) == is_piloted
        if is_meant or not is_piloted:
            (meant if is_meant else pilots)[state] += number
    return meant, pilots


def _totals(study: Study, found: Iterable[tuple[str, str, int]], places: int, taken: int) -> Totals:
    states = Participant.State
    meant, pilots = apart(study, found)
    return Totals(
        active=meant.get(states.ACTIVE, 0),
        completed=meant.get(states.COMPLETED, 0),
        screened_out=meant.get(states.SCREENED_OUT, 0),
        turned_away=meant.get(states.TURNED_AWAY, 0),
        places=places,
        taken=taken,
        pilots=sum(pilots.values()),
        pilots_active=pilots.get(states.ACTIVE, 0),
    )
