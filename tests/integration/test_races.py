"""Two at once, with real threads: whoever wins, the rows and the log tell one story."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from duetml.live import log
from duetml.vision.intake import Picture, read_picture
from duetml.workspace import queries
from duetml.workspace.models import AgentCall, Image, Message, State, TrainingRun, Workspace
from duetml.workspace.services import answers, images, proactive, training
from duetml.workspace.services.answers import Account, Answer
from duetml.workspace.work.sweep import sweep
from study.models import Participant, Slot, StepRun, Study, Submission
from study.rules.derivation import derive
from study.services import closing, steps, studies
from tests import studies as people
from tests.people import (
    DUETML,
    NOW,
    a_category,
    a_picture,
    a_workspace,
    do,
    images_of,
    kinds,
)
from tests.studies import MINUTE, NOON, OFFLINE, answers_to, enrol, person, walk_to

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("duetml.jobs.send", "duetml.workspace.work.sweep.send"):
        monkeypatch.setattr(place, lambda job, **ids: None)


def together(*works: Callable[[], Any]) -> list[Any]:
    """What each work gives, all begun at the same moment; an exception fails the test."""
    gate = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            gate.wait(10)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def in_requirement(study: Study) -> tuple[Participant, Workspace]:
    """Somebody in the rated task, with one category that holds two pictures."""
    who = enrol(study)
    walk_to(who, "requirement", NOON)
    run = StepRun.objects.select_related("workspace").get(participant=who, key="requirement")
    assert run.workspace is not None
    a_category(run.workspace, "first", images_of(run.workspace)[:2])
    return person(who), run.workspace


def make_a_category(workspace: Workspace, now: datetime) -> bool:
    """Whether it came too late."""
    return do(workspace, "category.create", {"name": uuid4().hex[:9]}, now=now).late


def frozen(participant: Participant) -> Sequence[object]:
    content: dict[str, Any] = Submission.objects.get(participant=participant).content
    found: list[object] = content["categories"]
    return found


@pytest.mark.parametrize("actions", [1, 4])
def test_finish_the_clock_and_a_last_action_leave_one_end_and_what_it_froze(actions: int) -> None:
    study = people.open_study()
    for _ in range(ROUNDS):
        participant, workspace = in_requirement(study)
        run = StepRun.objects.get(participant=participant, key="requirement")
        assert run.closes_at is not None
        before, after = run.closes_at - timedelta(seconds=1), run.closes_at + MINUTE

        late = together(
            partial(steps.finish, participant.pk, run.index, {}, before),
            partial(closing.close_late, after),
            partial(steps.arrive, participant.pk, after),
            *[partial(make_a_category, workspace, before)] * actions,
        )[3:]

        told = kinds(workspace)
        assert told.count("workspace.closed") == 1
        ended = told.index("workspace.closed")
        assert told.count("action.late") == late.count(True)
        assert set(told[ended + 1 :]) <= {"action.late"}
        assert frozen(participant) == queries.training_data(workspace.pk)
        assert len(frozen(participant)) == 1 + late.count(False)
        assert log.verify(workspace.stream)
        assert log.verify(participant.stream)
        assert StepRun.objects.filter(participant=participant, key="requirement").count() == 1


def test_the_last_place_goes_to_one() -> None:
    study = people.open_study(source=derive(OFFLINE, per_condition=1))
    whos = [enrol(study) for _ in range(5)]
    for who in whos:
        walk_to(who, "eligibility", NOON)
    raw = answers_to(study.protocol.read().steps[1])
    steps.finish(whos[0], 1, raw, NOON)

    together(*[partial(steps.finish, who, 1, raw, NOON) for who in whos[1:]])

    states = [person(who).state for who in whos]
    assert states.count("active") == 2
    assert states.count("turned_away") == 3
    assert not Slot.objects.filter(taken_at=None).exists()
    assert {person(who).condition for who in whos} == {"duetml", "baseline", ""}


def test_nobody_is_assigned_once_the_seed_is_revealed() -> None:
    people.pools()
    for number in range(ROUNDS):
        slug = studies.create(f"s{number}", OFFLINE, now=NOON, seed=7).slug
        study = studies.open_study(slug, NOON, people.OVERRIDES)
        whos = [enrol(study) for _ in range(3)]
        for who in whos:
            walk_to(who, "eligibility", NOON)
        raw = answers_to(study.protocol.read().steps[1])
        together(
            partial(studies.close_study, slug, NOON),
            *[partial(steps.finish, who, 1, raw, NOON) for who in whos],
        )
        taken = Slot.objects.filter(study=study, taken_at__isnull=False).count()
        assert taken == sum(bool(person(who).condition) for who in whos)


def test_a_remark_and_the_toggle_agree_on_who_was_first() -> None:
    for _ in range(ROUNDS):
        workspace = a_workspace(DUETML)
        Workspace.objects.filter(pk=workspace.pk).update(seen_at=NOW, proactive_at=NOW)
        assert sum(together(*[lambda: proactive.speak_up(NOW)] * 3)) == 1
        call = answers.claim(AgentCall.objects.get(workspace=workspace).pk, NOW)
        assert call is not None

        together(
            partial(answers.answer, call, Answer("hm"), Account("m"), NOW),
            partial(do, workspace, "proactive.set", {"on": False}),
        )

        told = kinds(workspace)
        shown = Message.objects.filter(call=call).exists()
        was_on = told.index("proactive.toggled") > len(told) - 2
        assert shown == ("agent.answered" in told) == was_on
        assert shown != ("agent.withheld" in told)


def test_of_many_workers_one_has_the_call_and_one_answer_is_saved() -> None:
    workspace = a_workspace(DUETML)
    call = str(do(workspace, "chat.ask_data").result["call"])
    claimed = together(*[lambda: answers.claim(call, NOW)] * 6)
    row = next(one for one in claimed if one is not None)
    assert claimed.count(None) == 5
    saved = together(*[lambda: answers.answer(row, Answer("hm"), Account("m"), NOW)] * 4)
    assert saved.count(True) == 1
    assert Message.objects.filter(call=row, author="reactive").count() == 1


def test_the_sweep_beside_a_slow_worker_ends_every_run_once() -> None:
    for _ in range(ROUNDS):
        workspace = a_workspace()
        offered = images_of(workspace)
        a_category(workspace, "land", offered[:3])
        a_category(workspace, "water", offered[3:])
        run_id = str(do(workspace, "training.start").result["run"])
        slow = TrainingRun.claim(run_id, NOW)  # long ago: its lease is over for the sweep
        assert slow is not None

        done, *_ = together(
            partial(training.finish, slow, b"model", {"trained": False}, NOW),
            sweep,
            sweep,
            sweep,
        )

        run = TrainingRun.objects.get(pk=run_id)
        assert run.state == (State.DONE if done else State.QUEUED)
        assert kinds(workspace).count("training.done") == int(done)


def upload(workspace: Workspace, picture: Picture) -> object:
    done = images.upload(workspace.pk, picture, None, log.ClientStamp(uuid4()), NOW)
    return done.result["image"]


def test_the_same_picture_at_once_in_many_workspaces_is_one_image_with_its_files() -> None:
    spaces = [a_workspace(pictures=0) for _ in range(5)]
    for number in range(ROUNDS):
        picture = read_picture(a_picture(100 + number, side=200), "a.jpg")
        works = [partial(upload, space, picture) for space in [*spaces, spaces[0]]]
        assert len(set(together(*works))) == 1
        image = Image.objects.get(sha256=picture.sha256)
        assert default_storage.size(image.full_path) == len(picture.full_jpeg)
        assert default_storage.size(image.thumb_path) == len(picture.thumb_jpeg)
    assert {len(images_of(space)) for space in spaces} == {ROUNDS}


def test_what_changes_at_once_in_one_workspace_breaks_no_rule() -> None:
    workspace = a_workspace()
    one, other = a_category(workspace, "one"), a_category(workspace, "other")
    offered = images_of(workspace)

    def put(category: str) -> Callable[[], object]:
        return lambda: do(workspace, "images.add", {"category": category, "images": offered})

    together(put(one), put(other), put(one), put(other))

    placed = [image for data in queries.training_data(workspace.pk) for image in data["images"]]
    assert sorted(placed) == sorted(offered)
    assert log.verify(workspace.stream)
