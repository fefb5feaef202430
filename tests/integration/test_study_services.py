"""A study's rows: opened, entered, assigned, timed, frozen."""

import hashlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
import yaml
from django.db import connection

from duetml.live.log import ClientStamp, everything, study_stream, verify
from duetml.workspace.models import Category, Placement, Workspace
from duetml.workspace.services.refusal import Refused
from study.models import Participant, Response, Slot, StepRun, Study, Submission
from study.rules import codes
from study.rules.assignment import sequence
from study.rules.derivation import derive
from study.services import closing, enrolment, responses, steps, studies, submissions
from tests import studies as helper
from tests.studies import MINUTE, NOON, OFFLINE, OVERRIDES, answers_to, enrol, person, walk_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return helper.open_study()


def kinds(stream: str) -> list[str]:
    return [event.kind for event in everything(stream)]


def test_opening_draws_the_whole_sequence_and_commits_to_its_seed(study: Study) -> None:
    drawn = sequence(["duetml", "baseline"], 6, [2, 4], 7)

    assert [slot.condition for slot in study.slots.all()] == [place.condition for place in drawn]
    opened = next(e for e in everything(study_stream("walk")) if e.kind == "study.opened")
    assert opened.payload["seed_digest"] == hashlib.sha256(b"7").hexdigest()


def test_the_seed_is_revealed_when_the_study_closes(study: Study) -> None:
    studies.close_study("walk", NOON)

    closed = [e for e in everything(study_stream("walk")) if e.kind == "study.closed"]
    assert [event.payload for event in closed] == [{"seed": "7"}]


def test_a_study_is_opened_once(study: Study) -> None:
    with pytest.raises(Refused, match="opened before"):
        studies.open_study("walk", NOON, OVERRIDES)
    assert Slot.objects.count() == 12


def test_an_untrained_model_and_missing_pictures_keep_a_study_shut() -> None:
    studies.create("early", OFFLINE, now=NOON, seed=1)

    with pytest.raises(Refused) as problem:
        studies.open_study("early", NOON)
    assert problem.value.message.count("Pool") == 3
    with pytest.raises(Refused, match="Pool"):
        studies.open_study("early", NOON, OVERRIDES)
    assert Study.objects.get(slug="early").state == Study.State.DRAFT


def test_results_stay_locked_while_people_can_come(study: Study) -> None:
    with pytest.raises(Refused, match="Close the study first"):
        studies.unlock("walk", "ann", NOON)
    studies.close_study("walk", NOON)

    assert studies.unlock("walk", "ann", NOON).unlocked_at == NOON
    assert studies.unlock("walk", "bob", NOON + MINUTE).unlocked_at == NOON


def test_the_same_token_enrols_once(study: Study) -> None:
    token = codes.personal_token()

    people = {enrolment.enrol("walk", token=token, language="en", now=NOON)[0].id for _ in range(3)}

    assert len(people) == 1
    assert Participant.objects.get().token_digest == hashlib.sha256(token.encode()).hexdigest()


def test_nobody_is_assigned_before_the_screening(study: Study) -> None:
    who = enrol(study)

    walk_to(who, "eligibility", NOON)
    assert person(who).condition == ""
    walk_to(who, "about_you", NOON)
    assert person(who).condition == study.slots.get(position=0).condition


def test_somebody_who_cannot_take_part_takes_no_place(study: Study) -> None:
    who = enrol(study)
    walk_to(who, "eligibility", NOON)

    steps.finish(who, 1, {"adult": "minor", "built_ml": "never"}, NOON)

    assert person(who).state == Participant.State.SCREENED_OUT
    assert steps.arrive(who, NOON)[1] is None
    assert not study.slots.exclude(taken_at=None).exists()


def test_the_thirteenth_participant_is_turned_away_and_nobody_enrols_after(study: Study) -> None:
    crowd = [enrol(study) for _ in range(13)]
    for who in crowd[:12]:
        walk_to(who, "about_you", NOON)
    walk_to(crowd[12], "eligibility", NOON)

    screening = person(crowd[12]).protocol.read().steps[1]
    steps.finish(crowd[12], 1, answers_to(screening), NOON)

    assert person(crowd[12]).state == Participant.State.TURNED_AWAY
    with pytest.raises(Refused, match="all the participants"):
        enrol(study)


def test_a_task_opens_a_workspace_of_the_assigned_condition(study: Study) -> None:
    who = enrol(study)
    now = walk_to(who, "free", NOON)

    workspace = StepRun.objects.get(participant=who, key="free").workspace
    assert workspace is not None
    assert workspace.settings == study.protocol.read().settings_of(person(who).condition)
    assert workspace.offered.count() == 90
    assert workspace.draw_seed == codes.draw_seed(7, str(who), "free")
    assert workspace.closes_at == now + 15 * MINUTE


def test_a_task_cannot_be_left_before_its_minimum(study: Study) -> None:
    who = enrol(study)
    now = walk_to(who, "free", NOON)
    index = person(who).step

    early = steps.finish(who, index, {}, now + 10 * MINUTE - timedelta(seconds=1))
    assert early.result == steps.Result.EARLY
    assert person(who).step == index
    assert steps.finish(who, index, {}, now + 10 * MINUTE).result == steps.Result.MOVED
    assert person(who).step == index + 1


def test_the_clock_closes_a_task_once_keeps_everything_and_opens_nothing(study: Study) -> None:
    who = enrol(study)
    now = walk_to(who, "requirement", NOON)
    run = StepRun.objects.get(participant=who, key="requirement")
    assert run.workspace is not None
    fill(run.workspace)

    assert closing.close_late(now + 15 * MINUTE - timedelta(seconds=1)) == 0
    assert [closing.close_late(now + 15 * MINUTE) for _ in range(2)] == [1, 0]

    run.refresh_from_db()
    assert run.closed_by == "clock"
    assert Workspace.objects.get(pk=run.workspace.pk).closed_at == now + 15 * MINUTE
    submission = Submission.objects.get(participant=who)
    assert [one["name"] for one in submission.content["categories"]] == ["Sit on"]
    assert submission.digest == submissions.digest(submission.content)
    assert person(who).step == run.index
    assert kinds(person(who).stream).count("submission.frozen") == 1
    assert steps.arrive(who, now + 60 * MINUTE)[0].step > run.index


def test_a_task_finished_empty_is_a_submission_too(study: Study) -> None:
    who = enrol(study)
    now = walk_to(who, "requirement", NOON)

    steps.finish(who, person(who).step, {}, now + 12 * MINUTE)

    assert Submission.objects.get(participant=who).content["categories"] == []


def test_the_whole_way_ends_with_a_code_and_an_unbroken_log(study: Study) -> None:
    who = enrol(study)
    walk_to(who, "end", NOON)

    end = person(who)
    assert end.state == Participant.State.COMPLETED
    assert len(end.completion_code) == 14
    assert verify(end.stream)
    assert kinds(end.stream)[-1] == "participant.completed"
    assert StepRun.objects.filter(participant=who, closed_at=None).count() == 0


def test_an_answer_sent_twice_is_given_once(study: Study) -> None:
    who = enrol(study)
    stamp = ClientStamp(uuid4(), NOON)

    late = [responses.answer(who, 0, "agreed", True, stamp, NOON) for _ in range(2)]

    assert late == [False, False]
    assert kinds(person(who).stream).count("response.given") == 1
    assert Response.objects.get().value is True


def test_an_answer_after_the_end_is_kept_but_not_applied(study: Study) -> None:
    who = enrol(study)
    walk_to(who, "eligibility", NOON)
    stamp = ClientStamp(uuid4(), NOON)

    late = [responses.answer(who, 0, "agreed", False, stamp, NOON) for _ in range(2)]

    assert late == [True, True]
    assert kinds(person(who).stream).count("response.late") == 1
    assert Response.objects.get(item="agreed").value is True


@pytest.mark.parametrize(
    ("index", "item", "value"), [(5, "agreed", True), (0, "salary", 1), (0, "agreed", [1])]
)
def test_an_impossible_answer_writes_nothing(
    study: Study, index: int, item: str, value: object
) -> None:
    who = enrol(study)

    with pytest.raises(Refused):
        responses.answer(who, index, item, value, ClientStamp(uuid4()), NOON)
    assert not Response.objects.exists()
    assert "response.given" not in kinds(person(who).stream)


def test_a_second_click_finishes_one_step(study: Study) -> None:
    who = enrol(study)
    consent = answers_to(person(who).protocol.read().steps[0])

    results = [steps.finish(who, 0, consent, NOON).result for _ in range(2)]

    assert results == [steps.Result.MOVED, steps.Result.STALE]
    assert person(who).step == 1


def test_a_preview_takes_no_place_and_leaves_no_submission(study: Study) -> None:
    token = codes.personal_token()
    who = enrolment.preview(study.pk, 1, token=token, language="ja", now=NOON).id

    walk_to(who, "end", NOON)

    assert person(who).condition == "baseline"
    assert person(who).slot is None
    assert not Submission.objects.exists()


def test_who_is_in_a_task_may_finish_after_the_study_has_closed(study: Study) -> None:
    inside, outside = enrol(study), enrol(study)
    walk_to(inside, "about_you", NOON)
    studies.close_study("walk", NOON)

    walk_to(inside, "end", NOON)
    walk_to(outside, "eligibility", NOON)
    steps.finish(outside, 1, answers_to(person(outside).protocol.read().steps[1]), NOON)

    assert person(inside).state == Participant.State.COMPLETED
    assert person(outside).state == Participant.State.TURNED_AWAY


def test_a_form_sent_after_its_time_is_kept_as_late_and_moves_nobody() -> None:
    document = yaml.safe_load(OFFLINE)
    document["steps"][2]["minutes"] = {"minimum": 0, "maximum": 1}
    who = enrol(helper.open_study(source=yaml.safe_dump(document)))
    walk_to(who, "about_you", NOON)
    form = answers_to(person(who).protocol.read().steps[2])

    done = steps.finish(who, 2, form, NOON + MINUTE)

    assert done.result == steps.Result.LATE
    assert kinds(person(who).stream).count("response.late") == 3
    assert not Response.objects.filter(step__key="about_you").exists()
    assert StepRun.objects.get(key="about_you").closed_by == "clock"
    assert steps.arrive(who, NOON + MINUTE)[0].step == 3


def test_one_step_that_cannot_be_closed_keeps_no_other_open(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = enrol(study), enrol(study)
    for who in (broken, sound):
        walk_to(who, "free", NOON)
    close_one = closing._close_if_late

    def stumble(run: int, who: UUID, now: datetime) -> bool:
        if who == broken:
            raise RuntimeError("a row that cannot be read")
        return close_one(run, who, now)

    monkeypatch.setattr(closing, "_close_if_late", stumble)

    assert closing.close_late(NOON + 60 * MINUTE) == 1
    assert StepRun.objects.get(participant=sound, key="free").closed_by == "clock"


@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_once_finish_one_step() -> None:
    who = enrol(helper.open_study())
    now = walk_to(who, "requirement", NOON) + 12 * MINUTE
    index = person(who).step

    results = at_once(8, lambda: steps.finish(who, index, {}, now).result)

    assert Counter(results) == {steps.Result.MOVED: 1, steps.Result.STALE: 7}
    assert Submission.objects.count() == 1
    assert StepRun.objects.filter(participant=who, closed_at=None).count() == 1


def at_once(times: int, work: Callable[[], object]) -> list[object]:
    """What the same work gives in so many threads."""

    def one(_: int) -> object:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as crowd:
        return list(crowd.map(one, range(times)))


@pytest.mark.django_db(transaction=True)
def test_fifty_people_at_once_get_exactly_the_sequence() -> None:
    source = derive(OFFLINE, per_condition=25)
    study = helper.open_study(source=source)
    screening = study.protocol.read().steps[1]

    def come() -> steps.Result:
        who = enrol(study)
        walk_to(who, "eligibility", NOON)
        return steps.finish(who, 1, answers_to(screening), NOON).result

    assert at_once(50, come) == [steps.Result.MOVED] * 50
    people = Participant.objects.order_by("slot__position").select_related("slot")
    drawn = sequence(["duetml", "baseline"], 25, [2, 4], 7)
    assert [one.condition for one in people] == [place.condition for place in drawn]
    assert Slot.objects.filter(taken_at=None).count() == 0


def fill(workspace: Workspace) -> None:
    """One category with two pictures, as the workspace's own services would leave it."""
    category = Category.objects.create(
        workspace=workspace, name="Sit on", position=0, created_at=NOON
    )
    for position, offered in enumerate(workspace.offered.all()[:2]):
        Placement.objects.create(category=category, image=offered.image, position=position)


def test_an_answer_can_be_taken_back_one_by_one_and_with_the_form(study: Study) -> None:
    who = enrol(study)
    consent = person(who).protocol.read().steps[0]
    key = consent.items[0].key
    for value in ("on", "", "on"):
        responses.answer(who, 0, key, value, ClientStamp(uuid4()), NOON)

    assert steps.finish(who, 0, {key: ""}, NOON).result is steps.Result.INCOMPLETE
    assert not Response.objects.filter(step__participant=who).exists()
    given = [e.payload["value"] for e in everything(person(who).stream) if "value" in e.payload]
    assert given == [True, None, True, None]


def test_the_record_tells_a_closed_study_from_a_full_one(study: Study) -> None:
    who = enrol(study)
    walk_to(who, "eligibility", NOON)
    studies.close_study("walk", NOON)

    screening = person(who).protocol.read().steps[1]
    steps.finish(who, 1, answers_to(screening), NOON)

    left = [e for e in everything(person(who).stream) if e.kind == "participant.turned_away"]
    assert [event.payload for event in left] == [{"reason": "closed"}]
