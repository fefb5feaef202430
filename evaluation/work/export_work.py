"""Rows of an export that come from workspaces: messages, calls, runs and pictures."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import FilteredRelation, Model, Q, QuerySet

from duetml.live.models import Event, Stream
from duetml.workspace.models import (
    AgentCall,
    Image,
    Message,
    PoolImage,
    TestRun,
    TrainingRun,
    WorkspaceImage,
)
from evaluation.exports import schema
from evaluation.exports.columns import Table
from evaluation.work.export_scope import Scope, present
from evaluation.work.export_streams import Named, streams
from evaluation.work.export_tries import spaces_of, tries
from study import queries

Rows = Iterator[Sequence[object]]
WHOSE = ("participant", "step", "attempt")  # the columns that tell whose workspace it was
FEW = 10  # people at a time, where a row may hold a whole conversation
# Where a column is called otherwise than its field.
FIELDS = {
    "call": "pk",
    "message": "pk",
    "run": "pk",
    "test": "pk",
    "taken_up": "attempt",
    "useful": "answer__useful",
    "dismissed_at": "answer__dismissed_at",
}


def messages(scope: Scope) -> Rows:
    rows = Message.objects.order_by("at", "pk")
    own = {"call": "call_id", "useful": "useful", "dismissed_at": "dismissed_at"}
    fields = {**FIELDS, **own, "characters": "text"}
    characters = schema.MESSAGES.header.index("characters")
    for row in _rows(scope, rows, schema.MESSAGES, fields, FEW):
        row[characters] = len(str(row[characters]))
        yield row


def agent_calls(scope: Scope) -> Rows:
    is_answer = Q(message__author__in=[Message.Author.REACTIVE, Message.Author.PROACTIVE])
    rows = AgentCall.objects.annotate(answer=FilteredRelation("message", condition=is_answer))
    rows = rows.order_by("queued_at", "pk")
    return _rows(scope, rows, schema.AGENT_CALLS, FIELDS, FEW)


def agent_skips(scope: Scope) -> Rows:
    named = [one for one in streams(scope) if one.kind == "workspace"]
    for one, event in _skips(named):
        told = event.payload
        moment = scope.moment(event.at, one.origin)
        facts = [told.get(name) for name in ("agent", "trigger", "reason")]  # none where purged
        yield [one.code, one.step, one.attempt, *facts, moment]


def _skips(named: Sequence[Named]) -> Iterator[tuple[Named, Event]]:
    by_key = {one.key: one for one in named}
    keys = list(by_key)
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        pks = dict(Stream.objects.filter(key__in=part).values_list("key", "pk"))
        events = Event.objects.filter(stream__in=pks.values(), kind="agent.skipped").order_by("seq")
        found: dict[int, list[Event]] = {}
        for event in events:
            found.setdefault(event.stream_id, []).append(event)
        for key in part:
            for event in found.get(pks.get(key, 0), []):
                yield by_key[key], event


def training_runs(scope: Scope) -> Rows:
    rows = TrainingRun.objects.order_by("number")
    return _rows(scope, rows, schema.TRAINING_RUNS, FIELDS, FEW)


def test_runs(scope: Scope) -> Rows:
    rows = TestRun.objects.order_by("queued_at", "pk")
    return _rows(scope, rows, schema.TEST_RUNS, FIELDS | {"run": "training_run_id"}, FEW)


def _rows(
    scope: Scope, rows: QuerySet[Model], table: Table, fields: dict[str, str], size: int
) -> Iterator[list[object]]:
    """By participant, step and try; within a workspace as `rows` are ordered."""
    columns = table.columns[len(WHOSE) :]
    names = [fields.get(one.name, one.name) for one in columns]
    moments = [place for place, one in enumerate(columns, len(WHOSE)) if one.kind == "moment"]
    for people in scope.chunks(size):
        tried = tries(scope, list(people))
        spaces = [one.workspace for owned in tried.values() for one in owned]
        found: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
        chosen = rows.filter(workspace__in=spaces).values_list("workspace_id", *names)
        for space, *values in chosen.iterator():
            found[space].append(tuple(values))
        for pk, person in people.items():
            for one in tried.get(pk, []):
                for values in found[one.workspace]:
                    row: list[Any] = [person.name, one.step, one.number, *values]
                    for place in moments:
                        row[place] = scope.moment(row[place], person.origin)
                    yield row


def images(scope: Scope) -> Rows:
    """Pictures of the pools in use, in their order, then uploads by digest."""
    used = spaces_of(queries.participants(scope.study)).values("pool_id")
    offered = PoolImage.objects.filter(pool__in=used)
    fields = ("image_id", "image__sha256", "image__width", "image__height", "pool__name")
    rows = offered.order_by("pool__name", "position")
    for row in rows.values_list(*fields, "position").iterator():
        yield [*row, None]
    shared = set(shared_uploads(scope)) if scope.options.images else set()
    facts = ("pk", "sha256", "width", "height")
    for pk, sha256, *size in uploads(scope).order_by("sha256").values_list(*facts).iterator():
        yield [pk, sha256, *size, None, None, f"images/{sha256}.jpg" if sha256 in shared else None]


def uploads(scope: Scope) -> QuerySet[Image]:
    kept = WorkspaceImage.objects.filter(
        origin=WorkspaceImage.Origin.UPLOAD,
        workspace__in=spaces_of(present(scope.study)).values("pk"),
    )
    return Image.objects.filter(pk__in=kept.values("image_id"))


def shared_uploads(scope: Scope) -> list[str]:
    """Digests of the uploads that everybody who has them in a workspace agreed to share: one
    person's no is kept, whoever else sent the same picture."""
    kept = WorkspaceImage.objects.filter(
        image__in=uploads(scope).values("pk"), origin=WorkspaceImage.Origin.UPLOAD
    )
    refused = kept.exclude(workspace__shares_images=True).values("image_id")
    found = uploads(scope).exclude(pk__in=refused).order_by("sha256")
    return list(found.values_list("sha256", flat=True))
