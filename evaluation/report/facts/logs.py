"""What people did in the rated task, one number per participant and measure, from its log."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from duetml.live.log import workspace_stream
from duetml.live.models import Event
from duetml.workspace.models import Feature
from duetml.workspace.rules.replay import ARRANGING
from evaluation.report.facts.answers import Measured
from evaluation.report.facts.people import Person
from evaluation.stats.contrast import contrasts
from evaluation.stats.measures import Logged, measures, overlap
from study.models import StepRun, Study, Submission
from study.rules.protocol import ProtocolFile

COMPARED = (
    "seconds_to_first_training",
    "trainings",
    "tests",
    "edits",
    "edits_per_category",
    "categories",
    "pictures",
    "coverage",
    "balance",
    "overlap",
)
OF_AGENTS = (
    "messages_chat",
    "messages_ask_data",
    "messages_ask_test",
    "advice_reactive",
    "advice_proactive",
    "advice_taken_up",
    "share_taken_up",
)
READ = (
    *ARRANGING,
    "workspace.opened",
    "chat.posted",
    "agent.answered",
    "training.requested",
    "test.requested",
)
STREAMS_AT_A_TIME = 50
Values = dict[str, dict[str, float]]  # measure → participant → number


def logged(
    study: Study, protocol: ProtocolFile, people: Sequence[Person], conditions: tuple[str, str]
) -> tuple[Measured, ...]:
    """COMPARED, one family for Holm; what only an agent can bring is compared where both
    conditions have agents, and described otherwise."""
    values = _values(study, protocol, people)
    talking = [c for c in conditions if protocol.condition(c).features.chat]
    both = len(talking) == len(conditions)
    names = (*COMPARED, *OF_AGENTS) if both else COMPARED
    condition_of = {one.code: one.condition for one in people}
    found = {
        name: {
            c: {who: v for who, v in values[name].items() if condition_of[who] == c}
            for c in conditions
        }
        for name in (*COMPARED, *OF_AGENTS)
    }
    treatment, control = conditions
    compared = contrasts(
        {n: (tuple(found[n][treatment].values()), tuple(found[n][control].values())) for n in names}
    )
    shown = names if both or not talking else (*COMPARED, *OF_AGENTS)
    return tuple(
        Measured(
            name,
            found[name] if name in names else {c: found[name][c] for c in talking},
            compared.get(name),
        )
        for name in shown
    )


def _values(study: Study, protocol: ProtocolFile, people: Sequence[Person]) -> Values:
    found: Values = defaultdict(dict)
    rated = next((step.key for step in protocol.steps if step.rated), None)
    code_of = {one.pk: one.code for one in people}
    runs = StepRun.objects.filter(participant__in=code_of, key=rated).exclude(workspace=None)
    spaces = {
        workspace_stream(str(workspace)): code_of[pk]
        for pk, workspace in runs.values_list("participant_id", "workspace_id")
    }
    for stream, events in _events(sorted(spaces)):
        for name, value in measures(events).values().items():
            if value is not None:
                found[name][spaces[stream]] = float(value)
    found["overlap"] = overlaps(study, code_of)
    return found


def _events(streams: Sequence[str]) -> Iterator[tuple[str, list[Logged]]]:
    """The events that are counted, per stream that has any."""
    for start in range(0, len(streams), STREAMS_AT_A_TIME):
        rows = Event.objects.filter(
            stream__key__in=streams[start : start + STREAMS_AT_A_TIME], kind__in=READ
        )
        begun: dict[str, datetime] = {}
        listed: dict[str, list[Logged]] = defaultdict(list)
        fields = ("stream__key", "kind", "payload", "at")
        for stream, kind, payload, at in rows.order_by("stream_id", "seq").values_list(*fields):
            since = begun.setdefault(stream, at)
            listed[stream].append(Logged((at - since).total_seconds(), kind, payload))
        yield from listed.items()


def overlaps(study: Study, code_of: Mapping[Any, str]) -> dict[str, float]:
    """By participant, of the submission's pictures; nobody's whose features are not all there."""
    rows = Submission.objects.filter(study=study, participant__in=code_of)
    contents = {code_of[pk]: c for pk, c in rows.values_list("participant_id", "content")}
    placed = {
        who: [(one["name"], str(image)) for one in content["categories"] for image in one["images"]]
        for who, content in contents.items()
    }
    vectors = _vectors({image for images in placed.values() for _name, image in images})
    found = {}
    for who, images in placed.items():
        if images and all(image in vectors for _name, image in images):
            features = np.array([vectors[image] for _name, image in images], dtype=np.float64)
            value = overlap(features, [name for name, _image in images])
            if value is not None:
                found[who] = value
    return found


def _vectors(images: set[str]) -> dict[str, NDArray[np.float32]]:
    """By the backbone that most of the pictures went through."""
    rows = Feature.objects.filter(image__in=[UUID(image) for image in images])
    known = Counter(rows.values_list("backbone", flat=True))
    if not known:
        return {}
    backbone = max(sorted(known), key=lambda name: known[name])
    return {
        str(image): np.frombuffer(bytes(vector), dtype="<f4")
        for image, vector in rows.filter(backbone=backbone).values_list("image_id", "vector")
    }
