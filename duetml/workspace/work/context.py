"""What an agent is shown of a workspace, as plain values. NumPy only, no torch."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.core.files.storage import default_storage
from numpy.typing import NDArray

from duetml.agents.budget import ImageBudget, choose, shrink
from duetml.agents.context import (
    CategoryView,
    Findings,
    ImageView,
    Said,
    TestView,
    WorkspaceContext,
)
from duetml.live.log import newest
from duetml.vision.similarity import category_overlap, near_duplicates, typical_and_diverse
from duetml.workspace import queries
from duetml.workspace.models import AgentCall, Image, Message, State, TestRun, WorkspaceImage
from duetml.workspace.queries import CategoryData
from duetml.workspace.services import training
from duetml.workspace.work.features import stored_features
from duetml.workspace.work.story import tell

log = logging.getLogger(__name__)

LOG_LINES = 200
DIALOGUE = 60
OVERLAP_WORTH_A_WORD = 0.25
TEST_PICTURES = 8

Vectors = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Seen:
    """The context, and which images it shows: [{"category": id or "", "images": [id, …]}]."""

    context: WorkspaceContext
    images: list[dict[str, object]]


def look(call: AgentCall, with_pictures: bool) -> Seen:
    """The workspace as it stands, for this call; without pictures where nobody looks at them."""
    workspace = call.workspace
    agents = workspace.settings.agents
    data = queries.category_data(workspace.id)
    info = queries.backbone_info()
    vectors = stored_features([i for one in data for i in one["images"]], info.digest)
    test = workspace.test_runs.filter(state=State.DONE).order_by("-finished_at").first()
    shown_tests = _doubtful(test, call) if with_pictures else []
    budget = ImageBudget(
        agents.images_per_category,
        agents.images_total - len(shown_tests),
        agents.image_longest_side,
    )
    order = {one["category"]: _telling_order(one["images"], vectors) for one in data}
    chosen = choose(order, budget) if with_pictures else {}
    wanted = [image for images in chosen.values() for image in images] + shown_tests
    pictures = _pictures(wanted, agents.image_longest_side)
    newest_run = training.newest_done(workspace.id)
    dialogue, goal = _dialogue(call)
    placed = {image for one in data for image in one["images"]}
    context = WorkspaceContext(
        language=workspace.language,
        task=workspace.task,
        goal=goal,
        categories=tuple(_category(one, chosen, pictures) for one in data),
        dialogue=dialogue,
        log=tell(newest(workspace.stream, LOG_LINES), _all_names(call)),
        tests=_tests(test, data, pictures if shown_tests else {}),
        trained_images=newest_run.report["n"] if newest_run else None,
        unused_images=WorkspaceImage.objects.filter(workspace=workspace).count() - len(placed),
        findings=_findings(data, vectors) if info.trained else Findings(),
    )
    shown: list[dict[str, object]] = [
        {"category": category, "images": [image for image in images if image in pictures]}
        for category, images in chosen.items()
    ]
    if shown_tests:
        shown.append({"category": "", "images": [one for one in shown_tests if one in pictures]})
    return Seen(context, shown)


def _category(
    one: CategoryData, chosen: Mapping[str, Sequence[str]], pictures: Mapping[str, ImageView]
) -> CategoryView:
    images = (pictures.get(image) for image in chosen.get(one["category"], ()))
    views = tuple(image for image in images if image is not None)
    return CategoryView(one["name"], len(one["images"]), views)


def _telling_order(images: Sequence[str], vectors: Vectors) -> list[str]:
    """The typical one, then always the most different; as they come where features are missing."""
    if not images or any(image not in vectors for image in images):
        return list(images)
    order = typical_and_diverse(np.stack([vectors[image] for image in images]), len(images))
    return [images[position] for position in order]


def _pictures(images: Sequence[str], longest_side: int) -> dict[str, ImageView]:
    """Shrunk pictures by id; one that cannot be read is left out, the agent does without it."""
    found = {}
    for row in Image.objects.filter(pk__in=images):
        try:
            with default_storage.open(row.full_path) as file:
                found[str(row.id)] = ImageView(str(row.id), shrink(file.read(), longest_side))
        except OSError as problem:
            log.warning("image %s is not shown to the agent: %s", row.id, problem)
    return found


def _doubtful(test: TestRun | None, call: AgentCall) -> list[str]:
    """The tested images to show to somebody asked about the test, least certain first."""
    if test is None or call.trigger != AgentCall.Trigger.ASK_TEST:
        return []
    total = call.workspace.settings.agents.images_total
    ranked = sorted(test.results, key=lambda result: float(result["scores"][0]["p"]))
    return [result["image"] for result in ranked[: min(TEST_PICTURES, total // 2)]]


def _tests(
    test: TestRun | None, data: Sequence[CategoryData], pictures: Mapping[str, ImageView]
) -> tuple[TestView, ...]:
    if test is None:
        return ()
    names = {one["category"]: one["name"] for one in data}
    place = {image: one["name"] for one in data for image in one["images"]}
    return tuple(
        TestView(
            picture=pictures.get(result["image"]),
            scores=tuple(
                (names.get(score["category"], score["name"]), score["p"])
                for score in result["scores"]
            ),
            actual=place.get(result["image"]),
        )
        for result in test.results
    )


def _dialogue(call: AgentCall) -> tuple[tuple[Said, ...], str | None]:
    """(what was said between the person and the reactive agent, the goal: the first typed message).

    Questions that wait behind this call are left out; this call's own comes last.
    """
    messages = Message.objects.filter(workspace=call.workspace_id).exclude(author="proactive")
    rows = list(messages.select_related("call").order_by("at"))
    goal = next((row.text for row in rows if _is_typed(row)), None)
    own = [row for row in rows if row.call_id == call.id]
    others = [row for row in rows if row.call_id != call.id and not _is_waiting(row)]
    said = [
        Said("participant" if row.author == "participant" else "assistant", row.text)
        for row in (*others, *own)
    ]
    return tuple(said[-DIALOGUE:]), goal


def _is_typed(row: Message) -> bool:
    return row.author == "participant" and row.call is not None and row.call.trigger == "message"


def _is_waiting(row: Message) -> bool:
    return row.author == "participant" and row.call is not None and row.call.state == State.QUEUED


def _all_names(call: AgentCall) -> dict[str, str]:
    rows = call.workspace.categories.values_list("id", "name")
    return {str(category): name for category, name in rows}


def _findings(data: Sequence[CategoryData], vectors: Vectors) -> Findings:
    """From trained features only: those of an untrained network are all alike."""
    known = [(one["name"], i) for one in data for i in one["images"] if i in vectors]
    if len(known) < 2:
        return Findings()
    features = np.stack([vectors[image] for _, image in known])
    labels = [name for name, _ in known]
    pairs = dict.fromkeys(
        (min(labels[i], labels[j]), max(labels[i], labels[j]))
        for i, j, _ in near_duplicates(features)
    )
    overlaps = tuple(
        (one.a, one.b, one.share)
        for one in category_overlap(features, labels)
        if one.share >= OVERLAP_WORTH_A_WORD
    )
    return Findings(tuple(pairs), overlaps)
