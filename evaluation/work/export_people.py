"""Rows of an export that belong to participants: iterators, a query for many people at a time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from evaluation.work.export_scope import Person, Scope
from study import agent_queries
from study.agent_queries import Use
from study.models import Participant, Response, Slot, StepRun, Submission

Rows = Iterator[Sequence[object]]
PEOPLE_AT_A_TIME = 100
NO_AGENTS = (None,) * 8  # the columns of participants that tell what agents did


def of_people(
    scope: Scope, rows: QuerySet[Any], person: str, fields: Sequence[str], size: int = 100
) -> Iterator[tuple[Person, tuple[Any, ...]]]:
    """The fields of each row beside whose it is, person by person in the order of the export;
    within a person as `rows` are ordered. `person`: the path to their primary key."""
    for people in scope.chunks(size):
        found: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
        chosen = rows.filter(**{f"{person}__in": list(people)})
        for owner, *values in chosen.values_list(person, *fields).iterator():
            found[owner].append(tuple(values))
        for pk, one in people.items():
            for values in found[pk]:
                yield one, values


def participants(scope: Scope) -> Rows:
    uses = agent_queries.uses(scope.study) if scope.unlocked else {}
    for people in scope.chunks(PEOPLE_AT_A_TIME):
        found = Participant.objects.select_related("protocol").in_bulk(list(people))
        for pk, person in people.items():
            yield _participant(scope, person, found[pk], uses.get(pk))


def _participant(scope: Scope, person: Person, row: Participant, use: Use | None) -> list[object]:
    unlocked = scope.unlocked
    return [
        person.name,
        row.condition if unlocked else None,
        row.code in scope.analysed if unlocked else None,
        row.kind,
        scope.study.simulated,
        row.state,
        row.stratum,
        row.withdrawal,
        row.excluded_at is not None,
        row.exclusion_reason,
        row.language,
        row.protocol.digest,
        row.protocol.read().derived is not None,
        *(scope.moment(at, person.origin) for at in (row.enrolled_at, row.assigned_at)),
        scope.moment(row.ended_at, person.origin),
        *(_of_agents(row, use) if unlocked else NO_AGENTS),
    ]


def _of_agents(row: Participant, use: Use | None) -> Sequence[int | None]:
    """Noughts say that the agents were asked nothing, and nothing that there were none."""
    if use is None and not (row.settings_json and row.settings_json["features"]["chat"]):
        return NO_AGENTS
    use = use or Use()
    spent = use.spent
    return [
        spent.calls,
        use.failed,
        use.stood_in,
        use.ceiling,
        spent.input_tokens,
        spent.output_tokens,
        spent.microusd,
        use.unpriced,
    ]


def steps(scope: Scope) -> Rows:
    moments = ("opened_at", "minimum_at", "closes_at", "closed_at")
    others = ("closed_by", "extra_seconds", "flags", "workspace_id", "workspace__shares_images")
    rows = StepRun.objects.order_by("participant_id", "index")
    rows = rows.exclude(key__in=scope.scrubbing.hidden_steps)
    fields = ("index", "key", *moments, *others)
    for person, (index, key, *values) in of_people(scope, rows, "participant", fields):
        times = [scope.moment(at, person.origin) for at in values[: len(moments)]]
        yield [person.name, index, key, *times, *values[len(moments) :]]


def responses(scope: Scope) -> Rows:
    rows = Response.objects.order_by("step__participant_id", "step__index", "item")
    rows = rows.exclude(step__key__in=scope.scrubbing.hidden_steps)
    fields = ("step__key", "item", "value", "at")
    hidden = frozenset() if scope.options.free_text else scope.scrubbing.text_items
    for person, (step, item, value, at) in of_people(scope, rows, "step__participant", fields):
        told = None if (step, item) in hidden else value
        yield [person.name, step, item, told, scope.moment(at, person.origin)]


def submissions(scope: Scope) -> Rows:
    fields = ("pk", "content", "frozen_at", "digest")
    rows = Submission.objects.order_by("participant_id")
    for person, (pk, content, at, digest) in of_people(scope, rows, "participant", fields):
        categories = content["categories"]
        yield [
            person.name,
            pk,
            content.get("task"),
            categories,
            len(categories),
            sum(len(category["images"]) for category in categories),
            scope.moment(at, person.origin),
            digest,
        ]


def allocation(scope: Scope) -> Rows:
    """`taken_at_seq` numbers all places of a sequence that were ever taken, also by those whose
    data were deleted since."""
    slots = Slot.objects.filter(study=scope.study)
    taken = slots.exclude(taken_at=None).order_by("sequence", "taken_at", "pk")
    order: dict[int, int] = {}
    counted: dict[str, int] = defaultdict(int)
    for pk, sequence in taken.values_list("pk", "sequence"):
        counted[sequence] += 1
        order[pk] = counted[sequence]
    fields = ("pk", "participant__pk", "sequence", "stratum", "position", "block", "condition")
    rows = slots.order_by("sequence", "stratum", "position")
    for pk, owner, *place, is_extra in rows.values_list(*fields, "is_extra").iterator():
        person = scope.people.get(owner) if owner else None
        yield [*place, is_extra, person and person.name, order.get(pk)]
