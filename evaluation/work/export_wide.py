"""The rows of the wide table; a few queries for each hundred participants."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count

from duetml.workspace.models import Message, TestRun, TrainingRun
from evaluation.exports.columns import Table
from evaluation.exports.wide import answer_of, score_of, seconds_of, steps_of, wide_table
from evaluation.models import Rating
from evaluation.work.export_people import PEOPLE_AT_A_TIME
from evaluation.work.export_scope import Person, Scope
from study.models import Participant, Response, StepRun
from study.rules.scoring import scores

OWNER = "workspace__steprun__participant"
Cells = dict[str, object]


def table_of(scope: Scope) -> Table:
    criteria = [one.key for one in scope.study.protocol.read().rating.criteria]
    return wide_table(scope.protocols, criteria, frozenset(scope.scrubbing.hidden_steps))


def wide(scope: Scope) -> Iterator[Sequence[object]]:
    header = table_of(scope).header
    for people in scope.chunks(PEOPLE_AT_A_TIME):
        cells = _cells(scope, people)
        for pk in people:
            yield [cells[pk].get(name) for name in header]


def _cells(scope: Scope, people: Mapping[UUID, Person]) -> dict[UUID, Cells]:
    cells: dict[UUID, Cells] = {pk: {} for pk in people}
    for row in Participant.objects.filter(pk__in=people):
        cells[row.pk] = _whose(scope, people[row.pk], row)
    runs = StepRun.objects.filter(participant__in=people)
    for pk, step, begun, ended in runs.values_list(
        "participant_id", "key", "opened_at", "closed_at"
    ):
        if ended:
            cells[pk][seconds_of(step)] = round((ended - begun).total_seconds(), 3)
    _answer(scope, people, cells)
    _count(scope, people, cells)
    return cells


def _whose(scope: Scope, person: Person, row: Participant) -> Cells:
    return {
        "participant": person.name,
        "condition": row.condition if scope.unlocked else None,
        "analysed": row.code in scope.analysed if scope.unlocked else None,
        "kind": row.kind,
        "state": row.state,
        "language": row.language,
        "stratum": row.stratum,
        "excluded": row.excluded_at is not None,
    }


def _answer(scope: Scope, people: Mapping[UUID, Person], cells: dict[UUID, Cells]) -> None:
    given: dict[tuple[UUID, str], dict[str, Any]] = defaultdict(dict)
    rows = Response.objects.filter(step__participant__in=people)
    fields = ("step__participant_id", "step__key", "item", "value")
    for pk, step, item, value in rows.values_list(*fields).iterator():
        given[pk, step][item] = value
    hidden = frozenset() if scope.options.free_text else scope.scrubbing.text_items
    scored = {step.key: step for step in steps_of(scope.protocols) if step.scoring}
    for (pk, step), answers in given.items():
        for item, value in answers.items():
            if (step, item) not in hidden:
                cells[pk][answer_of(step, item)] = value
        if step in scored:
            for part, value in scores(scored[step], answers).items():
                cells[pk][score_of(step, part)] = value


def _count(scope: Scope, people: Mapping[UUID, Person], cells: dict[UUID, Cells]) -> None:
    counted: list[tuple[str, Any]] = [("training_runs", TrainingRun), ("test_runs", TestRun)]
    if scope.unlocked:
        counted.append(("messages", Message))
    for name, model in counted:
        for pk in people:
            cells[pk][name] = 0
        rows = model.objects.filter(**{f"{OWNER}__in": people}).order_by().values_list(OWNER)
        for pk, number in rows.annotate(Count("pk")):
            cells[pk][name] = number
    if scope.unlocked:
        path = "submission__participant"
        ratings = Rating.objects.filter(score__isnull=False, **{f"{path}__in": people}).order_by()
        for pk, criterion, mean in ratings.values_list(path, "criterion").annotate(Avg("score")):
            cells[pk][f"rating.{criterion}"] = float(mean)
