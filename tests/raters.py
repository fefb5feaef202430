"""Small studies with submissions, for the tests of rating, results and exports."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connections, transaction
from django.test import Client
from PIL import Image as Picture

from duetml.live import log
from duetml.live.log import ClientStamp
from duetml.workspace.models import AgentCall, Image, State, TestRun, TrainingRun, Workspace
from evaluation.models import Rater, Rating, Showing
from evaluation.queries import judgements_of
from evaluation.services import invitations, scores
from evaluation.services.scores import Verdict
from study.models import Participant, Protocol, Response, Slot, StepRun, Study, Submission
from study.rules.derivation import derive
from study.rules.protocol import digest_of, read_protocol

T = TypeVar("T")
NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
SOURCE = (Path(__file__).parents[1] / "study/protocols/duetml.yaml").read_text()
CRITERIA = ("eq1", "eq2", "eq3", "eq4", "eq5")


@dataclass
class World:
    study: Study
    submissions: list[Submission] = field(default_factory=list)
    raters: list[Rater] = field(default_factory=list)


def elsewhere(work: Callable[[], T]) -> T:
    """Run something that commits in a thread of its own: after browser tests, Playwright's
    loop occupies the main one, and events cannot be pushed from there.
    """

    def run() -> T:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as one:
        return one.submit(run).result()


def picture(shade: int) -> Image:
    """A stored image; the same shade is the same image."""
    buffer = BytesIO()
    Picture.new("RGB", (64, 64), ((shade * 53) % 256, (shade * 31) % 256, 160)).save(buffer, "JPEG")
    data = buffer.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    image, created = Image.objects.get_or_create(
        sha256=sha256, defaults={"width": 64, "height": 64, "created_at": NOW}
    )
    if created:
        for path in (image.full_path, image.thumb_path):
            default_storage.save(path, ContentFile(data))
    return image


def make_study(slug: str = "duetml", *, source: str = SOURCE, **fields: object) -> Study:
    protocol, _ = Protocol.objects.get_or_create(
        digest=digest_of(source), defaults={"source": source, "created_at": NOW}
    )
    values: dict[str, object] = {
        "title": "Sorting pictures",
        "state": Study.State.OPEN,
        "seed": 987654321,
        "seed_digest": hashlib.sha256(b"987654321").hexdigest(),
        "created_at": NOW,
        "opened_at": NOW,
    }
    return Study.objects.create(slug=slug, protocol=protocol, **(values | fields))


def make_participant(
    study: Study, number: int, condition: str, *, kind: str = "live"
) -> Participant:
    settings = read_protocol(study.protocol.source).settings_of(condition)
    slot = None
    if kind != "preview":
        slot = Slot.objects.create(
            study=study, position=number, block=0, condition=condition, taken_at=NOW
        )
    participant = Participant.objects.create(
        study=study,
        protocol=study.protocol,
        code=f"P{number:03d}",
        token_digest=uuid4().hex,
        kind=kind,
        state=Participant.State.COMPLETED,
        language="en",
        slot=slot,
        condition=condition,
        settings_json=settings.model_dump(mode="json"),
        enrolled_at=NOW + timedelta(minutes=number),
        ended_at=NOW + timedelta(hours=1),
        completion_code="DONE-1",
    )
    with transaction.atomic():
        assigned = {"slot": number, "condition": condition}
        log.record(participant.stream, "participant.assigned", assigned, at=NOW)
    return participant


def make_submission(participant: Participant, shades: Sequence[int] = (1, 2, 3)) -> Submission:
    settings = participant.settings_json
    workspace = Workspace.objects.create(settings_json=settings, task="By use", created_at=NOW)
    step = StepRun.objects.create(
        participant=participant, index=8, key="requirement", opened_at=NOW, workspace=workspace
    )
    images = [str(picture(shade).pk) for shade in shades]
    categories = [
        {"name": "Make music", "images": images[:-1]},
        {"name": "Sit on", "images": images[-1:]},
    ]
    return Submission.objects.create(
        participant=participant,
        study=participant.study,
        step=step,
        content={"task": "Classify the things by how they are used.", "categories": categories},
        digest="d" * 64,
        frozen_at=NOW + timedelta(minutes=40),
    )


def make_world(
    participants: int = 4,
    raters: int = 2,
    *,
    slug: str = "duetml",
    source: str = SOURCE,
    **fields: object,
) -> World:
    """Half the participants per condition, one submission each, raters with seeds 1, 2, …"""
    world = World(make_study(slug, source=source, **fields))
    for number in range(participants):
        condition = ("duetml", "baseline")[number % 2]
        world.submissions.append(make_submission(make_participant(world.study, number, condition)))
    world.raters = [
        make_rater(world.study, f"{slug}-rater-{n}", seed=n) for n in range(1, raters + 1)
    ]
    return world


def make_rater(study: Study, name: str, *, seed: int = 1) -> Rater:
    """A rater who is through with the training."""
    user = User.objects.create_user(name, password="a long password")
    rater = invitations.make_rater(study, user, NOW, seed=seed)
    rater.background_at = rater.trained_at = NOW
    rater.save(update_fields=["background_at", "trained_at"])
    return rater


def showing(rater: Rater, submission: Submission | str, kind: str = "rated") -> Showing:
    """What a rater knows a submission as."""
    pk = submission.pk if isinstance(submission, Submission) else UUID(submission)
    return Showing.objects.get(rater=rater, submission_id=pk, kind=kind)


def page_of(rater: Rater, submission: Submission | str) -> str:
    return f"/rating/{showing(rater, submission).pk}/"


def rate_everything(world: World, better: str = "duetml") -> None:
    """Scores 4 or 5 for the submissions of one condition and 1 or 2 for the others."""
    for rater in world.raters:
        for place, submission in enumerate(world.submissions):
            base = 4 if submission.participant.condition == better else 1
            for number, criterion in enumerate(CRITERIA):
                Rating.objects.create(
                    rater=rater,
                    submission=submission,
                    criterion=criterion,
                    score=base + (place // 2 + rater.seed + number) % 2,
                    at=NOW,
                )


def make_work(submission: Submission) -> None:
    """An agent call, a training run, a test run and events in the submission's workspace."""
    workspace = submission.step.workspace
    assert workspace is not None
    call = AgentCall.objects.create(
        workspace=workspace,
        agent="reactive",
        trigger="message",
        provider="openai",
        model="gpt-4o",
        prompts=[{"name": "reactive", "version": 1, "language": "en", "digest": "abc"}],
        reply="=SUM(A1) is not advice",
        state=State.DONE,
        queued_at=NOW,
        input_tokens=120,
        output_tokens=30,
        seconds=1.5,
    )
    run = TrainingRun.objects.create(
        workspace=workspace, number=1, data=[], report={"trained": False}, queued_at=NOW
    )
    TestRun.objects.create(workspace=workspace, training_run=run, images=[], queued_at=NOW)
    with transaction.atomic():
        log.record(workspace.stream, "workspace.opened", {"images": ["a", "b", "c"]}, at=NOW)
        called = {"call": str(call.pk), "agent": "reactive", "trigger": "message"}
        log.record(workspace.stream, "agent.called", called, at=NOW)


def answer(participant: Participant, index: int, key: str, values: Mapping[str, object]) -> None:
    step = StepRun.objects.create(participant=participant, index=index, key=key, opened_at=NOW)
    for item, value in values.items():
        Response.objects.create(step=step, item=item, value=value, at=NOW)


def untrained_source() -> str:
    return derive(SOURCE, model={"weights": "untrained"}, agents={"provider": "offline"})


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def stamp() -> ClientStamp:
    return ClientStamp(uuid4(), NOW)


def post(client: Client, path: str, **body: object) -> tuple[int, dict[str, object]]:
    """As the page sends it: with the version that stands, unless another one is given."""
    body = {"id": str(uuid4()), "at": NOW.isoformat(), "version": _stands(path, body)} | body
    response = client.post(path, json.dumps(body), content_type="application/json")
    return response.status_code, json.loads(response.content) if response.content[
        :1
    ] == b"{" else {}


def _stands(path: str, body: dict[str, object]) -> int:
    row = Showing.objects.filter(pk=path.split("/")[2]).first()
    if row is None or "text" in body:
        return row.comment_version if row else 0
    given = judgements_of(row).get(str(body.get("criterion")))
    return given.version if given else 0


def give(rater: Rater, submission: Submission, criterion: str, score: int) -> None:
    row = showing(rater, submission)
    stands = judgements_of(row).get(criterion)
    version = stands.version if stands else 0
    scores.score(row, criterion, Verdict(score), version, stamp(), NOW)
