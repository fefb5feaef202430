"""Every try of every task: a task that is begun anew leaves earlier ones, of which none counts."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from duetml.workspace.models import Workspace
from evaluation.work.export_scope import Scope
from study.models import Attempt, Participant, StepRun
from study.services.attempts import RESTARTED

PEOPLE_AT_A_TIME = 100


@dataclass(frozen=True, slots=True)
class Try:
    """`number`: from 1; the last one of a step is the one that `counts`."""

    index: int
    step: str
    number: int
    counts: bool
    workspace: UUID
    opened_at: datetime
    ended_at: datetime | None
    ended_by: str


def tries(scope: Scope, people: Collection[UUID] | None = None) -> dict[UUID, list[Try]]:
    """By participant (these, or everybody) in the order of their steps and tries, without the
    steps that are hidden. Two queries."""
    of_study, of_people = {"participant__study": scope.study}, {"participant__in": people}
    chosen: dict[str, Any] = of_study if people is None else of_people
    runs = StepRun.objects.filter(**chosen).exclude(workspace=None)
    runs = runs.exclude(key__in=scope.scrubbing.hidden_steps).order_by("index")
    earlier: dict[int, list[Attempt]] = defaultdict(list)
    given_up = Attempt.objects.filter(**{f"step__{path}": one for path, one in chosen.items()})
    for one in given_up.order_by("opened_at", "pk"):
        earlier[one.step_id].append(one)
    found: dict[UUID, list[Try]] = defaultdict(list)
    fields = ("participant_id", "pk", "index", "key", "workspace_id", "opened_at", "closed_at")
    for owner, pk, index, key, space, begun, ended, by in runs.values_list(*fields, "closed_by"):
        for number, one in enumerate(earlier[pk], 1):
            times = (one.opened_at, one.ended_at)
            found[owner].append(Try(index, key, number, False, one.workspace_id, *times, RESTARTED))
        found[owner].append(Try(index, key, len(earlier[pk]) + 1, True, space, begun, ended, by))
    return found


def attempts(scope: Scope) -> Iterator[Sequence[object]]:
    for people in scope.chunks(PEOPLE_AT_A_TIME):
        found = tries(scope, list(people))
        for pk, person in people.items():
            for one in found.get(pk, []):
                times = [scope.moment(at, person.origin) for at in (one.opened_at, one.ended_at)]
                place = (one.index, one.step, one.number, one.counts, one.workspace)
                yield [person.name, *place, *times, one.ended_by]


def spaces_of(people: QuerySet[Participant]) -> QuerySet[Workspace]:
    """The workspaces of all their tries."""
    whose = people.order_by().values("pk")
    now = Q(steprun__participant__in=whose)
    return Workspace.objects.filter(now | Q(attempt__step__participant__in=whose))
