"""What an agent is shown of a workspace, as plain values. NumPy only, no torch."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.core.files.storage import default_storage
from numpy.typing import NDArray

from duetml.agents.budget import ImageBudget, choose, shrink
from duetml.agents.context import (
    CategoryView,
    Confusion,
    Findings,
    ImageView,
    Said,
    TestView,
    WorkspaceContext,
)
from duetml.live.log import everything, last_seq
from duetml.vision.intake import Limits
from duetml.vision.similarity import category_overlap, near_duplicates, typical_and_diverse
from duetml.workspace import queries
from duetml.workspace.models import (
    AgentCall,
    Image,
    Message,
    State,
    TestRun,
    TrainingRun,
    Workspace,
    WorkspaceImage,
)
from duetml.workspace.queries import CategoryData
from duetml.workspace.services import training
from duetml.workspace.work.features import stored_features
from duetml.workspace.work.story import TOLD, tell

log = logging.getLogger(__name__)

DIALOGUE = 200
ADVICE = 5
MOST_CONFUSED = 3
OVERLAP_WORTH_A_WORD = 0.25
TEST_PICTURES = 8
THUMB_SIDE = (
    Limits.thumb_longest_side
)  # a thumbnail is what a model is shown, where that is the size

Vectors = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Seen:
    """The context, which images it shows ([{"category": id or "", "images": [id, …]}]) and the
    number of the last event it tells of."""

    context: WorkspaceContext
    images: list[dict[str, object]]
    seq: int


@dataclass(frozen=True)
class Shown:
    """Which images are shown, by category and of the test, as pictures by id."""

    by_category: Mapping[str, Sequence[str]]
    of_test: Sequence[str]
    pictures: Mapping[str, ImageView]

    def of(self, category: str) -> tuple[ImageView, ...]:
        found = (self.pictures.get(image) for image in self.by_category.get(category, ()))
        return tuple(image for image in found if image is not None)

    def account(self) -> list[dict[str, object]]:
        groups = [*self.by_category.items(), *([("", self.of_test)] if self.of_test else [])]
        return [
            {"category": category, "images": [one for one in images if one in self.pictures]}
            for category, images in groups
        ]


def look(call: AgentCall, with_pictures: bool) -> Seen:
    """The workspace as it stands, for this call; without pictures where nobody looks at them, or
    where the person did not agree that a vendor does."""
    workspace = call.workspace
    wants_findings = workspace.settings.agents.is_attentive or not with_pictures
    with_pictures = with_pictures and workspace.shares_images
    seq = last_seq(workspace.stream)
    events = list(everything(workspace.stream, until=seq, kinds=TOLD))
    data = queries.category_data(workspace.id)
    info = queries.backbone_info()
    vectors = stored_features([i for one in data for i in one["images"]], info.digest)
    test = workspace.test_runs.filter(state=State.DONE).order_by("-finished_at").first()
    run = training.newest_done(workspace.id)
    numbers = _numbers(workspace)
    shown = _shown(call, data, vectors, test, numbers) if with_pictures else Shown({}, (), {})
    dialogue, goal = _dialogue(call)
    names = _all_names(call)
    before = _seen_before(call)
    placed = {image for one in data for image in one["images"]}
    tests = _tests(test, data, shown.pictures if shown.of_test else {}, numbers)
    context = WorkspaceContext(
        language=workspace.language,
        task=workspace.task,
        goal=goal,
        categories=tuple(
            CategoryView(one["name"], len(one["images"]), shown.of(one["category"])) for one in data
        ),
        dialogue=dialogue,
        log=tell(events, names),
        tests=tests,
        trained_images=run.report["n"] if run else None,
        stale=run is not None and queries.data_digest(run.data) != queries.data_digest(data),
        accuracy=_accuracy(run),
        confused=_confused(run, tests, data),
        tests_are_stale=run is not None and test is not None and test.training_run_id != run.id,
        unused_images=len(numbers.keys() - placed),
        changes=tell((event for event in events if event.seq > before), names),
        advice=_advice(call),
        shares_images=workspace.shares_images,
        findings=_findings(data, vectors) if wants_findings and info.trained else Findings(),
    )
    return Seen(context, shown.account(), seq)


def _shown(
    call: AgentCall,
    data: Sequence[CategoryData],
    vectors: Vectors,
    test: TestRun | None,
    numbers: Mapping[str, int],
) -> Shown:
    agents = call.workspace.settings.agents
    of_test = _doubtful(test, call)
    budget = ImageBudget(
        agents.images_per_category,
        agents.images_total - len(of_test),
        agents.image_longest_side,
    )
    order = {one["category"]: _telling_order(one["images"], vectors) for one in data}
    chosen = choose(order, budget)
    wanted = [image for images in chosen.values() for image in images] + of_test
    return Shown(chosen, of_test, _pictures(wanted, agents.image_longest_side, numbers))


def _numbers(workspace: Workspace) -> dict[str, int]:
    """Image id → the number the page calls it by: its place among those offered, from 1."""
    offered = WorkspaceImage.objects.filter(workspace=workspace).order_by("position", "pk")
    images = offered.values_list("image_id", flat=True)
    return {str(image): number for number, image in enumerate(images, start=1)}


def _seen_before(call: AgentCall) -> int:
    """The last event this agent was told of before; 0 before its first call."""
    calls = AgentCall.objects.filter(workspace=call.workspace_id, agent=call.agent)
    seen = calls.filter(state=State.DONE).exclude(seen_seq=None).order_by("-queued_at")
    return seen.values_list("seen_seq", flat=True).first() or 0


def _advice(call: AgentCall) -> tuple[Said, ...]:
    """What this agent said by itself lately; the one that answers has the dialogue."""
    if call.agent != AgentCall.Agent.PROACTIVE:
        return ()
    said = Message.objects.filter(workspace=call.workspace_id, author=call.agent)
    texts = said.order_by("-at").values_list("text", flat=True)[:ADVICE]
    return tuple(Said("assistant", text) for text in reversed(texts))


def _accuracy(run: TrainingRun | None) -> float | None:
    """On pictures the run had not seen, where it was looked at."""
    found = run.report.get("quality", {}).get("accuracy") if run else None
    return None if found is None else float(found)


def _confused(
    run: TrainingRun | None, tests: Sequence[TestView], data: Sequence[CategoryData]
) -> tuple[Confusion, ...]:
    """The most confused pairs of the categories there are now: of the newest run's own trial, or
    else of the tests."""
    names = {one["category"]: one["name"] for one in data}
    counts: Counter[tuple[str, str]] = Counter()
    quality = run.report.get("quality", {}) if run else {}
    labels = [names.get(label, "") for label in quality.get("labels", ())]
    for actual, row in zip(labels, quality.get("confusion", ()), strict=False):
        counts.update({(actual, said): n for said, n in zip(labels, row, strict=False)})
    if not quality.get("confusion"):
        counts.update((one.actual, one.best()[0]) for one in tests if one.actual and one.scores)
    pairs = [
        (pair, n) for pair, n in counts.most_common() if n and pair[0] != pair[1] and all(pair)
    ]
    return tuple(Confusion(*pair, n) for pair, n in pairs[:MOST_CONFUSED])


def _telling_order(images: Sequence[str], vectors: Vectors) -> list[str]:
    """The typical one, then always the most different; as they come where features are missing."""
    if not images or any(image not in vectors for image in images):
        return list(images)
    order = typical_and_diverse(np.stack([vectors[image] for image in images]), len(images))
    return [images[position] for position in order]


def _pictures(
    images: Sequence[str], longest_side: int, numbers: Mapping[str, int]
) -> dict[str, ImageView]:
    """Shrunk pictures by id; one that cannot be read is left out, the agent does without it."""
    found = {}
    for row in Image.objects.filter(pk__in=images):
        try:
            jpeg = _small(row, longest_side)
        except OSError as problem:
            log.warning("image %s is not shown to the agent: %s", row.id, problem)
            continue
        found[str(row.id)] = ImageView(str(row.id), jpeg, numbers.get(str(row.id), 0))
    return found


def _small(row: Image, longest_side: int) -> bytes:
    if longest_side == THUMB_SIDE:
        return read(row.thumb_path)
    return shrink(read(row.full_path), longest_side)


def read(path: str) -> bytes:
    with default_storage.open(path) as file:
        content: bytes = file.read()
        return content


def _doubtful(test: TestRun | None, call: AgentCall) -> list[str]:
    """The tested images to show to somebody asked about the test, least certain first."""
    if test is None or call.trigger != AgentCall.Trigger.ASK_TEST:
        return []
    total = call.workspace.settings.agents.images_total
    ranked = sorted(test.results, key=lambda result: float(result["scores"][0]["p"]))
    return [result["image"] for result in ranked[: min(TEST_PICTURES, total // 2)]]


def _tests(
    test: TestRun | None,
    data: Sequence[CategoryData],
    pictures: Mapping[str, ImageView],
    numbers: Mapping[str, int],
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
            number=numbers.get(result["image"], 0),
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
