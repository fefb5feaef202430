"""Reads over several rows. The number of queries never depends on the number of rows."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from duetml.live.log import everything
from duetml.vision.weights import BackboneInfo, describe_backbone
from duetml.workspace.models import (
    AgentCall,
    Category,
    Message,
    Placement,
    Pool,
    State,
    TestRun,
    TrainingRun,
    Workspace,
    WorkspaceImage,
)
from duetml.workspace.rules import replay

RUNS_SHOWN = 30
MESSAGES_SHOWN = 300
UNFINISHED = (State.QUEUED, State.RUNNING)


class TrainingData(TypedDict):
    name: str
    images: list[str]


class CategoryData(TypedDict):
    category: str
    name: str
    images: list[str]


def training_data(workspace_id: UUID | str) -> list[TrainingData]:
    """Every category with its images, in order; what a submission freezes. Two queries."""
    return [{"name": one["name"], "images": one["images"]} for one in category_data(workspace_id)]


def category_data(workspace_id: UUID | str) -> list[CategoryData]:
    """The same with ids: what a training run is given. Two queries."""
    return _with_images(live_categories(workspace_id))


def _with_images(categories: Iterable[Category]) -> list[CategoryData]:
    found: dict[UUID, CategoryData] = {
        category.id: {"category": str(category.id), "name": category.name, "images": []}
        for category in categories
    }
    placements = Placement.objects.filter(category__in=found).order_by("position")
    for category_id, image_id in placements.values_list("category_id", "image_id"):
        found[category_id]["images"].append(str(image_id))
    return list(found.values())


def live_categories(workspace_id: UUID | str) -> list[Category]:
    rows = Category.objects.filter(workspace_id=workspace_id, deleted_at=None)
    return list(rows.order_by("position"))


def arrangement(workspace_id: UUID | str) -> dict[str, replay.Category]:
    """Who is where, as the rows tell it: what replaying the events must lead to. Two queries."""
    categories = live_categories(workspace_id)
    data = _with_images(categories)
    return {
        told["category"]: replay.Category(
            told["category"], row.name, row.position, row.mark, tuple(told["images"])
        )
        for row, told in zip(categories, data, strict=True)
    }


def moment(
    workspace: Workspace, *, until: int | None = None, kinds: Collection[str] | None = None
) -> replay.Moment:
    """The workspace rebuilt from its events alone: after event number `until`, or after the last;
    from some kinds only, where no more is needed."""
    events = everything(workspace.stream, until=until, kinds=kinds)
    return replay.rebuild(
        replay.Happened(event.kind, event.payload, event.client_id is not None, event.seq)
        for event in events
    )


def data_digest(data: Iterable[Mapping[str, Any]]) -> str:
    """sha256 of which image is in which category; names and order change no classifier."""
    plain = sorted((one["category"], sorted(one["images"])) for one in data)
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def backbone_info() -> BackboneInfo:
    """The installed backbone; loads no torch. Raises duetml.vision.weights.BackboneError."""
    return describe_backbone(settings.BACKBONE_PATH)


def has_vendor() -> bool:
    """Whether a language model can be asked: by a key, at a server of one's own (or of each agent's
    own), or a recording of one."""
    own = (
        settings.REACTIVE_API_KEY or settings.REACTIVE_BASE_URL,
        settings.PROACTIVE_API_KEY or settings.PROACTIVE_BASE_URL,
    )
    both = settings.OPENAI_API_KEY or settings.OPENAI_BASE_URL
    return bool(settings.RECORDED or both or all(own))


def last_answers(models: Collection[str], since: datetime) -> dict[str, datetime]:
    """When each of these models last answered an agent, by the name the vendor gave; nothing of one
    that has not since then. One query."""
    answered = AgentCall.objects.filter(
        model__in=models, outcome=AgentCall.Outcome.ANSWERED, finished_at__gte=since
    )
    last = answered.order_by().values_list("model").annotate(last=Max("finished_at"))
    return dict(last)


def pool_sizes(names: Sequence[str]) -> dict[str, int]:
    """How many pictures each pool holds; 0 for one that does not exist. One query."""
    rows = Pool.objects.filter(name__in=names).annotate(pictures=Count("entries"))
    return dict.fromkeys(names, 0) | dict(rows.values_list("name", "pictures"))


def state(workspace: Workspace) -> dict[str, Any]:
    """All a page needs to show the workspace: see the contract of the socket's hello."""
    features = workspace.settings.features
    categories = live_categories(workspace.id)
    data = _with_images(categories)
    steps = moment(workspace, kinds=replay.ARRANGING)
    found: dict[str, Any] = {
        "workspace": _workspace(workspace),
        "features": {name: True for name, on in features.model_dump().items() if on},
        "categories": _categories(categories, data),
        "images": _images(workspace),
        "history": _history(steps),
        **_training(workspace, data),
        "test": _test(workspace),
    }
    found["workspace"]["pool_size"] = sum(one["origin"] == "pool" for one in found["images"])
    if features.map:
        found["map"] = _map(workspace)
    if features.take_home:
        found["parcel"] = _parcel(workspace)
    if features.chat:
        found["chat"] = _chat(workspace)
    return found


def _workspace(workspace: Workspace) -> dict[str, Any]:
    untrained = not backbone_info().trained
    return {
        "id": str(workspace.id),
        "language": workspace.language,
        "task": workspace.task,
        "closes_at": workspace.closes_at and workspace.closes_at.isoformat(),
        "closed": workspace.closed_at is not None
        or (workspace.closes_at is not None and workspace.closes_at <= timezone.now()),
        "untrained": untrained,
        "model_note": untrained_note() if untrained else None,
    }


def untrained_note() -> str:
    return _(
        "The image model here knows no photographs yet: its answers are little better than chance."
    )


def _history(steps: replay.Moment) -> dict[str, Any]:
    counts = {"undo": len(steps.undo), "redo": len(steps.redo)}
    return counts | ({"batch": steps.batch} if steps.batch else {})


def _categories(rows: Iterable[Category], data: Iterable[CategoryData]) -> list[dict[str, Any]]:
    return [
        {
            "id": told["category"],
            "name": row.name,
            "position": row.position,
            "mark": row.mark,
            "images": told["images"],
        }
        for row, told in zip(rows, data, strict=True)
    ]


def _images(workspace: Workspace) -> list[dict[str, str]]:
    offered = WorkspaceImage.objects.filter(workspace=workspace).order_by("position", "pk")
    return [
        {"id": str(image), "origin": origin}
        for image, origin in offered.values_list("image_id", "origin")
    ]


def _training(workspace: Workspace, data: list[CategoryData]) -> dict[str, Any]:
    newest = workspace.training_runs.defer("classifier").order_by("-number")[:RUNS_SHOWN]
    digest = data_digest(data)
    runs = [training_view(run, digest) for run in newest][::-1]
    return {"training": runs[-1] if runs else None, "runs": runs}


def training_view(run: TrainingRun, digest_now: str) -> dict[str, Any]:
    digest = data_digest(run.data)
    return {
        "id": str(run.id),
        "number": run.number,
        "state": run.state,
        "data_digest": digest,
        "stale": digest != digest_now,
        "report": run.report,
        "reason": run.error,
        "categories": [one | {"images": len(one["images"])} for one in run.data],
        "at": (run.finished_at or run.queued_at).isoformat(),
    }


def _test(workspace: Workspace) -> dict[str, Any] | None:
    test = workspace.test_runs.order_by("-queued_at").first()
    return None if test is None else test_view(test)


def test_view(test: TestRun) -> dict[str, Any]:
    return {
        "id": str(test.id),
        "run": str(test.training_run_id),
        "state": test.state,
        "images": test.images,
        "results": test.results,
        "reason": test.error,
    }


def _map(workspace: Workspace) -> dict[str, Any] | None:
    row = workspace.maps.defer("points").order_by("-queued_at").first()
    if row is None:
        return None
    return {
        "id": str(row.id),
        "state": row.state,
        "images": len(row.images),
        "reason": row.error,
    }


def _parcel(workspace: Workspace) -> dict[str, Any] | None:
    rows = workspace.parcels.select_related("training_run").defer("training_run__classifier")
    row = rows.order_by("-queued_at").first()
    if row is None:
        return None
    return {
        "id": str(row.id),
        "state": row.state,
        "run": str(row.training_run_id),
        "number": row.training_run.number,
        "files": [{"name": file["name"], "bytes": file["bytes"]} for file in row.files],
        "reason": row.error,
    }


def _chat(workspace: Workspace) -> dict[str, Any]:
    newest = Message.objects.filter(workspace=workspace).order_by("-at")[:MESSAGES_SHOWN]
    messages = list(newest)[::-1]
    asked = {message.call_id for message in messages if message.author == "participant"}
    calls = AgentCall.objects.filter(
        workspace=workspace, state__in=(*UNFINISHED, State.FAILED)
    ).order_by("queued_at")
    views = list(calls.values("id", "agent", "trigger", "state", "error", "queued_at"))
    failed = [call for call in views if call["state"] == State.FAILED]
    shown = [call for call in failed if call["id"] in asked] + _silent(views, messages)
    return {
        "messages": [message_view(message) for message in messages],
        "pending": [_call_view(call) for call in views if call["state"] != State.FAILED],
        "failed": [_call_view(call) | {"reason": call["error"]} for call in shown],
        "proactive_on": workspace.proactive_on,
        "attentive": workspace.settings.agents.is_attentive,
    }


def _silent(
    calls: Sequence[Mapping[str, Any]], messages: Sequence[Message]
) -> list[Mapping[str, Any]]:
    """The failed call of the agent that speaks by itself, where nothing of it came after."""
    last = [call for call in calls if call["agent"] == AgentCall.Agent.PROACTIVE][-1:]
    spoke = [message.at for message in messages if message.author == Message.Author.PROACTIVE]
    return [
        call
        for call in last
        if call["state"] == State.FAILED and not any(at > call["queued_at"] for at in spoke[-1:])
    ]


def message_view(message: Message) -> dict[str, Any]:
    return {
        "id": str(message.id),
        "author": message.author,
        "text": message.text,
        "at": message.at.isoformat(),
        "offline": message.offline,
        "call": str(message.call_id) if message.call_id else None,
        "useful": message.useful,
        "dismissed": message.dismissed_at is not None,
        "stopped": message.stopped,
        "stand_in": message.stand_in,
    }


def _call_view(call: Mapping[str, Any]) -> dict[str, Any]:
    return {"call": str(call["id"]), "agent": call["agent"], "trigger": call["trigger"]}
