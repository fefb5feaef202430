"""Rows of an export that come from workspaces: messages, calls, runs and pictures."""

from collections.abc import Iterator, Sequence
from typing import Any

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
from evaluation.work.export_people import of_people
from evaluation.work.export_scope import Scope
from evaluation.work.export_streams import Named, streams
from study import queries

Rows = Iterator[Sequence[object]]
OWNER, STEP, INDEX = (f"workspace__steprun__{end}" for end in ("participant", "key", "index"))
FEW = 10  # people at a time, where a row may hold a whole conversation
# Where a column is called otherwise than its field.
FIELDS = {
    "step": STEP,
    "call": "pk",
    "message": "pk",
    "run": "pk",
    "test": "pk",
    "useful": "answer__useful",
    "dismissed_at": "answer__dismissed_at",
}


def messages(scope: Scope) -> Rows:
    rows = Message.objects.order_by(OWNER, INDEX, "at", "pk")
    own = {"call": "call_id", "useful": "useful", "dismissed_at": "dismissed_at"}
    fields = {**FIELDS, **own, "characters": "text"}
    for row in _rows(scope, rows, schema.MESSAGES, fields, FEW):
        row[5] = len(str(row[5]))
        yield row


def agent_calls(scope: Scope) -> Rows:
    is_answer = Q(message__author__in=[Message.Author.REACTIVE, Message.Author.PROACTIVE])
    rows = AgentCall.objects.annotate(answer=FilteredRelation("message", condition=is_answer))
    rows = rows.order_by(OWNER, INDEX, "queued_at", "pk")
    return _rows(scope, rows, schema.AGENT_CALLS, FIELDS, FEW)


def agent_skips(scope: Scope) -> Rows:
    named = [one for one in streams(scope) if one.kind == "workspace"]
    for one, event in _skips(named):
        told = event.payload
        moment = scope.moment(event.at, one.origin)
        facts = [told.get(name) for name in ("agent", "trigger", "reason")]  # none where purged
        yield [one.code, one.step, *facts, moment]


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
    rows = TrainingRun.objects.order_by(OWNER, INDEX, "number")
    return _rows(scope, rows, schema.TRAINING_RUNS, FIELDS, FEW)


def test_runs(scope: Scope) -> Rows:
    rows = TestRun.objects.order_by(OWNER, INDEX, "queued_at", "pk")
    return _rows(scope, rows, schema.TEST_RUNS, FIELDS | {"run": "training_run_id"}, FEW)


def _rows(
    scope: Scope, rows: QuerySet[Model], table: Table, fields: dict[str, str], size: int
) -> Iterator[list[object]]:
    """The table's columns but the first, which is whose they are."""
    columns = table.columns[1:]
    names = [fields.get(one.name, one.name) for one in columns]
    moments = [place for place, one in enumerate(columns, 1) if one.kind == "moment"]
    rows = rows.exclude(**{f"{STEP}__in": scope.scrubbing.hidden_steps})
    for person, values in of_people(scope, rows, OWNER, names, size):
        row: list[Any] = [person.name, *values]
        for place in moments:
            row[place] = scope.moment(row[place], person.origin)
        yield row


def images(scope: Scope) -> Rows:
    """Pictures of the pools in use, in their order, then uploads by digest."""
    used = {"workspace__steprun__participant__in": queries.participants(scope.study).order_by()}
    offered = PoolImage.objects.filter(**{f"pool__{name}": value for name, value in used.items()})
    fields = ("image_id", "image__sha256", "image__width", "image__height", "pool__name")
    rows = offered.distinct().order_by("pool__name", "position")
    for row in rows.values_list(*fields, "position").iterator():
        yield [*row, None]
    shared = set(shared_uploads(scope)) if scope.options.images else set()
    facts = ("pk", "sha256", "width", "height")
    for pk, sha256, *size in uploads(scope).order_by("sha256").values_list(*facts).iterator():
        yield [pk, sha256, *size, None, None, f"images/{sha256}.jpg" if sha256 in shared else None]


def uploads(scope: Scope) -> QuerySet[Image]:
    mine = WorkspaceImage.objects.filter(
        origin=WorkspaceImage.Origin.UPLOAD,
        workspace__steprun__participant__study=scope.study,
        workspace__steprun__participant__erased_at=None,
    )
    kept = mine.exclude(workspace__steprun__participant__kind="preview")
    kept = kept.exclude(workspace__steprun__participant__withdrawal="delete")
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
