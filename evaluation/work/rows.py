"""The rows of an export, one function per table: iterators, and no query per row."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.db.models import FilteredRelation, Model, Q, QuerySet

from duetml.live.log import participant_stream, rater_stream, study_stream, workspace_stream
from duetml.live.models import Event, Stream
from duetml.workspace.models import (
    AgentCall,
    Image,
    Message,
    PoolImage,
    TestRun,
    TrainingRun,
)
from evaluation.models import Comment, Rating
from study import agent_queries, queries
from study.agent_queries import Use
from study.models import Participant, Study

Rows = Iterator[Sequence[object]]
M = TypeVar("M", bound=Model)
STREAMS_AT_A_TIME = 50
NO_AGENTS = (None,) * 8  # the columns of participants.csv that tell what agents did
WITHHELD = "withheld while the study is open"
OWNER = ("workspace__steprun__participant__code", "workspace__steprun__index")


def participants(study: Study, *, with_conditions: bool) -> Rows:
    uses = agent_queries.uses(study) if with_conditions else {}
    for row in queries.participants(study).order_by("code").iterator():
        derived = "\nderived:" in row.protocol.source
        yield [
            row.code,
            row.condition if with_conditions else None,
            row.slot.position if row.slot and with_conditions else None,
            row.kind,
            study.simulated,
            row.state,
            row.language,
            row.protocol.digest,
            derived,
            row.enrolled_at,
            row.assigned_at,
            row.seen_at,
            row.ended_at,
            row.completion_code,
            *(_of_agents(row, uses.get(row.pk)) if with_conditions else NO_AGENTS),
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


def steps(study: Study) -> Rows:
    fields = (
        "participant__code",
        "index",
        "key",
        "opened_at",
        "minimum_at",
        "closes_at",
        "closed_at",
        "closed_by",
        "workspace_id",
        "workspace__shares_images",
    )
    yield from queries.steps(study).order_by(*fields[:2]).values_list(*fields).iterator()


def responses(study: Study) -> Rows:
    fields = ("step__participant__code", "step__key", "item", "value", "at")
    order = ("step__participant__code", "step__index", "item")
    yield from queries.responses(study).order_by(*order).values_list(*fields).iterator()


def ratings(study: Study) -> Rows:
    fields = ("rater__code", "submission__participant__code", "submission_id", "criterion")
    rows = Rating.objects.filter(rater__study=study, submission__in=_counted(study))
    yield from rows.order_by(*fields).values_list(*fields, "score", "at").iterator()


def comments(study: Study) -> Rows:
    fields = ("rater__code", "submission__participant__code", "submission_id", "text", "at")
    rows = Comment.objects.filter(rater__study=study, submission__in=_counted(study))
    yield from rows.order_by(*fields[:3]).values_list(*fields).iterator()


def agent_calls(study: Study) -> Rows:
    fields = (
        "workspace__steprun__key",
        "pk",
        "agent",
        "trigger",
        "provider",
        "model",
        "parameters",
        "prompts",
        "images",
        "request",
        "received",
        "reply",
        "flags",
        "shown",
        "outcome",
        "answer__useful",
        "answer__dismissed_at",
        "input_tokens",
        "output_tokens",
        "microusd",
        "price_list",
        "seconds_to_first",
        "seconds",
        "retries",
        "due_at",
        "sent_at",
        "seen_seq",
        "stop_at",
        "unwanted",
        "state",
        "attempt",
        "queued_at",
        "started_at",
        "finished_at",
        "error",
    )
    is_answer = Q(message__author__in=[Message.Author.REACTIVE, Message.Author.PROACTIVE])
    rows = AgentCall.objects.annotate(answer=FilteredRelation("message", condition=is_answer))
    rows = rows.order_by(*OWNER, "queued_at", "pk")
    yield from _of_workspaces(rows, study).values_list(OWNER[0], *fields).iterator()


def agent_skips(study: Study) -> Rows:
    for (_stream, code, step), event in _happened(_streams(study), kind="agent.skipped"):
        told = event.payload
        yield [code, step, told["agent"], told["trigger"], told["reason"], event.at]


def training_runs(study: Study) -> Rows:
    fields = (
        "workspace__steprun__key",
        "pk",
        "number",
        "state",
        "attempt",
        "queued_at",
        "started_at",
        "finished_at",
        "data",
        "report",
        "error",
    )
    rows = TrainingRun.objects.order_by(*OWNER, "number")
    yield from _of_workspaces(rows, study).values_list(OWNER[0], *fields).iterator()


def test_runs(study: Study) -> Rows:
    fields = (
        "workspace__steprun__key",
        "pk",
        "training_run_id",
        "state",
        "attempt",
        "queued_at",
        "started_at",
        "finished_at",
        "images",
        "results",
        "error",
    )
    rows = TestRun.objects.order_by(*OWNER, "queued_at", "pk")
    yield from _of_workspaces(rows, study).values_list(OWNER[0], *fields).iterator()


def images(study: Study) -> Rows:
    """Pictures of the pools in use, in their order, then uploads by digest."""
    offered = PoolImage.objects.filter(
        pool__workspace__steprun__participant__in=_people(study)
    ).distinct()
    fields = ("image_id", "image__sha256", "image__width", "image__height", "pool__name", "source")
    order = ("pool__name", "position")
    for *row, _position in offered.order_by(*order).values_list(*fields, "position").iterator():
        yield row
    added = Image.objects.filter(
        workspaceimage__origin="upload",
        workspaceimage__workspace__steprun__participant__in=_people(study),
    )
    facts = ("pk", "sha256", "width", "height")
    for one in added.distinct().order_by("sha256").values_list(*facts).iterator():
        yield [*one, None, None]


def events(study: Study, *, with_conditions: bool, with_scores: bool) -> Rows:
    """The study's stream, then per participant theirs and their workspaces', then the raters'."""
    for names, event in _happened(_streams(study)):
        if with_scores or not event.kind.startswith("rating."):
            yield [*names, *_event(event, with_conditions=with_conditions)]


def submissions(study: Study) -> list[dict[str, Any]]:
    return [
        {
            "id": str(row.pk),
            "participant": row.participant.code,
            "frozen_at": row.frozen_at.isoformat(),
            "digest": row.digest,
            "content": row.content,
        }
        for row in queries.submissions(study).order_by("participant__code")
    ]


def _happened(
    streams: Sequence[tuple[str, str, str, str]], **only: str
) -> Iterator[tuple[tuple[str, str, str], Event]]:
    """Every event of these streams, one stream after the other, with what the stream is called."""
    for start in range(0, len(streams), STREAMS_AT_A_TIME):
        batch = streams[start : start + STREAMS_AT_A_TIME]
        names = {key: (kind, code, step) for key, kind, code, step in batch}
        found = Stream.objects.filter(key__in=names)
        key_of = dict(found.values_list("pk", "key"))
        by_key: dict[str, list[Event]] = defaultdict(list)
        for event in Event.objects.filter(stream__in=key_of, **only).order_by("seq").iterator():
            by_key[key_of[event.stream_id]].append(event)
        for key, named in names.items():
            yield from ((named, event) for event in by_key[key])


def _streams(study: Study) -> list[tuple[str, str, str, str]]:
    """(key, stream, code, step) of every stream of the study."""
    found = [(study_stream(study.slug), "study", study.slug, "")]
    spaces: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    tasks = queries.steps(study).exclude(workspace=None).order_by("participant__code", "index")
    for code, step, workspace in tasks.values_list("participant__code", "key", "workspace_id"):
        spaces[code].append((workspace_stream(str(workspace)), "workspace", code, step))
    for pk, code in queries.participants(study).order_by("code").values_list("pk", "code"):
        found.append((participant_stream(pk), "participant", code, ""))
        found += spaces[code]
    raters = study.raters.order_by("code").values_list("pk", "code")
    return found + [(rater_stream(pk), "rater", code, "") for pk, code in raters]


def _event(event: Event, *, with_conditions: bool) -> list[object]:
    payload = event.payload
    if event.kind == "participant.assigned" and not with_conditions:
        payload = payload | {"condition": WITHHELD, "slot": WITHHELD}
    client = (event.client_id, event.client_at)
    return [event.seq, event.kind, payload, event.at, *client, event.digest]


def _people(study: Study) -> QuerySet[Participant]:
    return queries.participants(study).select_related(None).order_by().only("pk")


def _counted(study: Study) -> QuerySet[Any]:
    return queries.submissions(study).order_by().values("pk")


def _of_workspaces(rows: QuerySet[M], study: Study) -> QuerySet[M]:
    return rows.filter(workspace__steprun__participant__in=_people(study))
