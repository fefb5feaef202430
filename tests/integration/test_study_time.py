"""Time: the grace, pauses, more time, coming back; and whatever clocks, laptops and servers do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from duetml.live.log import ClientStamp, everything, verify
from duetml.workspace.models import Workspace
from duetml.workspace.services.refusal import Refused
from study.models import Attempt, Participant, Response, StepRun, Study, Submission
from study.services import closing, pausing, responses, steps
from tests import studies as helper
from tests.people import a_category, do, images_of
from tests.protocols import Document, changed, step_of, with_terms
from tests.studies import MINUTE, NOON, be, enrol, person, walk_to

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duetml.jobs.send", lambda job, **ids: None)


@pytest.fixture
def study() -> Study:
    return helper.open_study()


def run_of(who: UUID, key: str) -> StepRun:
    return StepRun.objects.select_related("workspace").get(participant=who, key=key)


def space_of(who: UUID, key: str = "requirement") -> Workspace:
    workspace = run_of(who, key).workspace
    assert workspace is not None
    return workspace


def in_task(study: Study, key: str = "requirement", now: datetime = NOON) -> tuple[UUID, datetime]:
    """Somebody in a task; when it closes."""
    who = enrol(study, now)
    walk_to(who, key, now)
    closes_at = run_of(who, key).closes_at
    assert closes_at is not None
    return who, closes_at


def act(workspace: Workspace, now: datetime) -> bool:
    """Whether it came too late."""
    return do(workspace, "category.create", {"name": uuid4().hex[:8]}, now=now).late


def page(who: UUID) -> str:
    client = Client()
    be(client, who)
    return client.get("/study/step/").content.decode()


def kinds(who: UUID) -> list[str]:
    return [event.kind for event in everything(person(who).stream)]


def closings(who: UUID, key: str) -> int:
    told = [e.payload for e in everything(person(who).stream) if e.kind == "step.closed"]
    return sum(one["step"] == key for one in told)


# The grace


def graceful(**more: Any) -> Study:
    return helper.open_study(source=with_terms(time={"grace_seconds": 20, **more}))


def test_within_the_grace_it_counts_and_is_flagged() -> None:
    who, closes_at = in_task(graceful())

    late = act(space_of(who), closes_at + 19 * SECOND)
    done = steps.finish(who, person(who).step, {}, closes_at + 19 * SECOND)

    assert (late, done.result) == (False, steps.Result.MOVED)
    assert run_of(who, "requirement").flags == ["late"]
    assert len(Submission.objects.get().content["categories"]) == 1
    assert "step.flagged" in kinds(who)


def test_beyond_the_grace_it_is_kept_and_applied_to_nothing() -> None:
    who, closes_at = in_task(graceful())

    late = act(space_of(who), closes_at + 20 * SECOND)
    done = steps.finish(who, person(who).step, {}, closes_at + 20 * SECOND)

    assert (late, done.result) == (True, steps.Result.LATE)
    assert Submission.objects.get().content["categories"] == []
    told = [event.kind for event in everything(space_of(who).stream)]
    assert "action.late" in told
    steps.arrive(who, closes_at + MINUTE)
    assert run_of(who, "requirement").flags == ["late"]


def test_the_timer_waits_for_the_grace() -> None:
    _who, closes_at = in_task(graceful())

    assert closing.close_late(closes_at + 19 * SECOND) == 0
    assert closing.close_late(closes_at + 20 * SECOND) == 1


@pytest.mark.parametrize(("rule", "excluded"), [("keep", False), ("exclude", True)])
def test_the_protocol_says_whether_the_late_count(rule: str, excluded: bool) -> None:
    who, closes_at = in_task(graceful(late=rule))

    steps.finish(who, person(who).step, {}, closes_at + SECOND)

    assert (person(who).excluded_at is not None) is excluded
    assert (person(who).excluded_by == "protocol") is excluded
    assert ("participant.excluded" in kinds(who)) is excluded


def test_whoever_is_in_time_has_no_flag(study: Study) -> None:
    who, closes_at = in_task(study)
    act(space_of(who), closes_at - SECOND)

    steps.finish(who, person(who).step, {}, closes_at - SECOND)

    assert run_of(who, "requirement").flags == []


def test_who_tries_to_leave_early_is_kept_and_flagged(study: Study) -> None:
    who, _closes_at = in_task(study)

    done = steps.finish(who, person(who).step, {}, NOON + SECOND)

    assert done.result is steps.Result.EARLY
    assert run_of(who, "requirement").flags == ["early"]


# What happens to people


def timed_form() -> Study:
    def limit(document: Document) -> None:
        step_of(document, "about_you")["minutes"] = {"minimum": 0, "maximum": 5}

    return helper.open_study(source=changed(limit))


ABOUT = {"age": "31", "gender": "woman", "ml_experience": "1"}


def test_a_tab_left_open_past_the_end_loses_nothing_silently() -> None:
    who, closes_at = in_task(timed_form(), "about_you")
    assert closing.close_late(closes_at) == 1

    sent = steps.finish(who, 2, ABOUT, closes_at + 60 * MINUTE)

    assert sent.result is steps.Result.LATE
    assert not Response.objects.filter(step__participant=who, item="age").exists()
    late = [e.payload for e in everything(person(who).stream) if e.kind == "response.late"]
    assert {"step": "about_you", "item": "age", "value": 31} in late
    assert "late" in run_of(who, "about_you").flags


def test_who_left_a_tab_open_is_told() -> None:
    who, _closes_at = in_task(timed_form(), "about_you", timezone.now() - 10 * MINUTE)
    client = Client()
    be(client, who)

    answer = client.post("/study/step/", {"step": "2", **ABOUT}, follow=True)

    assert "what came later is kept, but marked as late" in answer.content.decode()


def test_a_laptop_asleep_across_the_end_sends_what_it_had_as_late(study: Study) -> None:
    who, closes_at = in_task(study)
    a_category(space_of(who), "in time", images_of(space_of(who))[:1])
    closing.close_late(closes_at)

    woken = closes_at + 45 * MINUTE
    late = act(space_of(who), woken)
    steps.arrive(who, woken)

    assert late
    assert [one["name"] for one in Submission.objects.get().content["categories"]] == ["in time"]
    assert run_of(who, "requirement").flags == ["late"]
    assert person(who).step > run_of(who, "requirement").index


def test_a_server_that_was_down_across_the_end_closes_when_it_is_back(study: Study) -> None:
    away, here = in_task(study)[0], in_task(study)[0]
    closes_at = run_of(away, "requirement").closes_at
    assert closes_at is not None
    back = closes_at + 30 * MINUTE  # no timer ran meanwhile

    assert act(space_of(away), back)  # before the timer: what is written decides by the clock
    participant, run = steps.arrive(here, back)
    assert closing.close_late(back) == 1

    assert run is not None
    assert run.key != "requirement"
    assert participant.state == Participant.State.ACTIVE
    assert run_of(away, "requirement").closed_by == "clock"


@pytest.mark.parametrize("skew", [timedelta(days=-900), timedelta(hours=-3), timedelta(days=900)])
def test_a_clock_that_is_wrong_changes_nothing(study: Study, skew: timedelta) -> None:
    who, closes_at = in_task(study)
    stamp = ClientStamp(uuid4(), closes_at + skew)
    index = person(who).step

    in_time = do(space_of(who), "category.create", {"name": "a"}, now=closes_at - SECOND)
    late = do(space_of(who), "category.create", {"name": "b"}, now=closes_at)
    answered = responses.answer(who, 0, "agreed", True, stamp, closes_at - SECOND)

    assert (in_time.late, late.late) == (False, True)
    assert answered  # the consent was left long ago
    assert steps.finish(who, index, {}, closes_at - SECOND).result is steps.Result.MOVED


def at_once(works: list[Callable[[], Any]], threads: int = 24) -> list[Any]:
    def run(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, works))


@pytest.mark.django_db(transaction=True)
def test_two_hundred_who_time_out_in_the_same_second_are_all_closed_and_nobody_else() -> None:
    study = helper.open_study(source=with_terms(allocation={"per_condition": 101}))
    crowd = [in_task(study, "practice")[0] for _ in range(200)]
    bystanders = [in_task(study, "practice", NOON + MINUTE)[0] for _ in range(2)]
    closes_at = run_of(crowd[0], "practice").closes_at
    assert closes_at is not None
    now = closes_at + SECOND

    looks = [partial(steps.arrive, who, now) for who in [*crowd[:60], *bystanders]]
    posts = [partial(steps.finish, who, person(who).step, {}, now) for who in crowd[60:90]]
    at_once([*looks, *posts, *[partial(closing.close_late, now)] * 3])
    closing.close_late(now)

    closed = StepRun.objects.filter(participant__in=crowd, key="practice")
    assert set(closed.values_list("closed_by", flat=True)) == {"clock"}
    spaces = Workspace.objects.filter(steprun__in=closed)
    assert spaces.filter(closed_at=now).count() == 200
    assert all(closings(who, "practice") == 1 for who in crowd)
    assert all(verify(person(who).stream) for who in crowd[::20])
    assert all(run_of(who, "practice").closed_at is None for who in bystanders)
    moved = [person(who).step for who in crowd[:60]]
    assert set(moved) == {run_of(crowd[0], "practice").index + 1}


# Pauses and more time


def test_a_pause_moves_both_ends_by_as_long_as_it_lasts(study: Study) -> None:
    who, closes_at = in_task(study)
    minimum_at = run_of(who, "requirement").minimum_at
    assert minimum_at is not None

    pausing.pause(who, "fire alarm", "ann", NOON + 5 * MINUTE)
    assert act(space_of(who), NOON + 6 * MINUTE)  # kept as late: nothing is applied meanwhile
    assert closing.close_late(closes_at + 5 * MINUTE) == 0
    finished = steps.finish(who, person(who).step, {}, NOON + 14 * MINUTE)
    pausing.resume(who, "ann", NOON + 35 * MINUTE)

    run = run_of(who, "requirement")
    assert finished.result is steps.Result.PAUSED
    assert (run.minimum_at, run.closes_at) == (minimum_at + 30 * MINUTE, closes_at + 30 * MINUTE)
    assert space_of(who).closes_at == closes_at + 30 * MINUTE
    assert not act(space_of(who), closes_at + 29 * MINUTE)
    assert "paused" in run.flags
    assert kinds(who).count("participant.paused") == kinds(who).count("participant.resumed") == 1


def test_open_pages_hear_of_a_pause_and_its_end(study: Study) -> None:
    who, _closes_at = in_task(study)

    pausing.pause(who, "fire alarm", "ann", NOON)
    pausing.resume(who, "ann", NOON + MINUTE)

    told = [e for e in everything(space_of(who).stream) if e.kind == "workspace.rescheduled"]
    assert [event.payload["why"] for event in told] == ["paused", "resumed"]


def test_the_page_of_somebody_who_is_paused_says_so(study: Study) -> None:
    now = timezone.now()
    who, _closes_at = in_task(study, "practice", now)

    pausing.pause(who, "fire alarm", "ann", now + MINUTE)
    paused = page(who)
    pausing.resume(who, "ann", now + 2 * MINUTE)

    assert "The study is paused" in paused
    assert "about 14 minutes are left" in paused
    assert "data-finish-form" in page(who)


def test_somebody_paused_in_the_last_seconds_is_not_told_of_no_minutes(study: Study) -> None:
    now = timezone.now()
    who, closes_at = in_task(study, "practice", now)

    pausing.pause(who, "fire alarm", "ann", closes_at - timedelta(seconds=20))

    assert "less than a minute is left" in page(who)
    assert "0 minutes" not in page(who)


def test_pausing_twice_pauses_once_and_needs_a_reason(study: Study) -> None:
    who, closes_at = in_task(study)
    with pytest.raises(Refused, match="reason"):
        pausing.pause(who, "  ", "ann", NOON)

    for minute in (1, 2):
        pausing.pause(who, "alarm", "ann", NOON + minute * MINUTE)
    for minute in (3, 4):
        pausing.resume(who, "ann", NOON + minute * MINUTE)

    assert run_of(who, "requirement").closes_at == closes_at + 2 * MINUTE


def test_a_whole_study_is_paused_and_goes_on_but_for_who_is_paused_alone(study: Study) -> None:
    one, closes_at = in_task(study)
    other, _same = in_task(study)
    pausing.pause(other, "unwell", "ann", NOON)

    pausing.pause_study("walk", "the network is down", "ann", NOON + MINUTE)
    with pytest.raises(Refused, match="paused"):
        enrol(study, NOON + 2 * MINUTE)
    assert closing.close_late(closes_at + 60 * MINUTE) == 0
    pausing.resume_study("walk", "ann", NOON + 11 * MINUTE)
    enrol(study, NOON + 12 * MINUTE)
    assert run_of(other, "requirement").paused_at is not None
    pausing.resume(other, "ann", NOON + 21 * MINUTE)

    assert run_of(one, "requirement").closes_at == closes_at + 10 * MINUTE
    assert run_of(other, "requirement").closes_at == closes_at + 21 * MINUTE


def test_nobody_moves_on_while_the_study_is_paused(study: Study) -> None:
    who = enrol(study)
    pausing.pause_study("walk", "a pause", "ann", NOON)

    answers = helper.answers_to(study.protocol.read().steps[0])
    done = steps.finish(who, 0, answers, NOON + MINUTE)

    assert done.result is steps.Result.PAUSED
    assert person(who).step == 0
    assert Response.objects.filter(step__participant=who).count() == 3  # none is lost
    pausing.resume_study("walk", "ann", NOON + 2 * MINUTE)
    assert steps.finish(who, 0, answers, NOON + 3 * MINUTE).result is steps.Result.MOVED


def test_more_time_is_given_to_a_step_that_is_open(study: Study) -> None:
    who, closes_at = in_task(study)
    run = run_of(who, "requirement")

    pausing.extend(run.pk, 5, "the mouse broke", "ann", NOON + MINUTE)

    run.refresh_from_db()
    assert (run.closes_at, run.extra_seconds) == (closes_at + 5 * MINUTE, 300)
    assert run.flags == ["extended"]
    assert not act(space_of(who), closes_at + 4 * MINUTE)
    with pytest.raises(Refused, match="is over"):
        pausing.extend(run.pk, 5, "again", "ann", closes_at + 5 * MINUTE)
    with pytest.raises(Refused, match="from 1 to"):
        pausing.extend(run.pk, 0, "none", "ann", NOON)


def test_more_time_for_everybody_reaches_who_is_in_a_timed_step(study: Study) -> None:
    one, closes_at = in_task(study)
    enrol(study)  # still at the consent

    assert pausing.extend_study("walk", 3, "slow network", "ann", NOON) == 1
    assert run_of(one, "requirement").closes_at == closes_at + 3 * MINUTE


def test_more_time_while_paused_comes_on_top(study: Study) -> None:
    who, closes_at = in_task(study)
    pausing.pause(who, "alarm", "ann", NOON)
    pausing.extend(run_of(who, "requirement").pk, 5, "alarm", "ann", NOON + MINUTE)
    assert act(space_of(who), NOON + 2 * MINUTE)

    pausing.resume(who, "ann", NOON + 10 * MINUTE)

    assert space_of(who).closes_at == closes_at + 15 * MINUTE


# Coming back


def resuming(policy: str) -> Study:
    def change(document: Document) -> None:
        step_of(document, "requirement").update(resume=policy, away_minutes=2)

    return helper.open_study(source=changed(change))


@pytest.mark.parametrize("policy", ["resume", "restart", "block"])
def test_a_short_time_away_is_none(policy: str) -> None:
    who, _closes_at = in_task(resuming(policy))
    begun = run_of(who, "requirement").opened_at
    Workspace.objects.filter(pk=space_of(who).pk).update(seen_at=begun + 5 * MINUTE)
    before = space_of(who)

    steps.arrive(who, begun + 7 * MINUTE)

    assert space_of(who) == before
    assert person(who).state == Participant.State.ACTIVE


def test_a_task_that_restarts_begins_anew_and_keeps_the_first_try() -> None:
    who, _closes_at = in_task(resuming("restart"))
    first = space_of(who)
    a_category(first, "first try", images_of(first)[:1])
    back = run_of(who, "requirement").opened_at + 8 * MINUTE

    steps.arrive(who, back)

    run = run_of(who, "requirement")
    assert run.workspace != first
    assert (run.opened_at, run.closes_at) == (back, back + 15 * MINUTE)
    assert Attempt.objects.get().workspace == first
    assert act(first, back + SECOND)  # an old tab writes into nothing
    assert images_of(space_of(who)) == images_of(first)
    steps.finish(who, run.index, {}, back + 12 * MINUTE)
    assert Submission.objects.get().content["categories"] == []
    assert run_of(who, "requirement").flags == ["restarted"]


def test_a_task_that_blocks_ends_the_study_for_who_comes_back() -> None:
    who, _closes_at = in_task(resuming("block"))

    back = run_of(who, "requirement").opened_at + 8 * MINUTE

    assert steps.arrive(who, back)[1] is None

    assert person(who).state == Participant.State.BLOCKED
    assert "cannot be gone on with" in page(who)
    assert kinds(who).count("participant.blocked") == 1


def test_a_task_that_resumes_goes_on_where_it_was() -> None:
    who, closes_at = in_task(resuming("resume"))
    before = space_of(who)

    steps.arrive(who, run_of(who, "requirement").opened_at + 8 * MINUTE)

    assert space_of(who) == before
    assert run_of(who, "requirement").closes_at == closes_at


def test_whom_staff_had_paused_is_neither_restarted_nor_blocked() -> None:
    who, _closes_at = in_task(resuming("block"))
    begun = run_of(who, "requirement").opened_at
    pausing.pause(who, "alarm", "ann", begun + MINUTE)
    steps.arrive(who, begun + 20 * MINUTE)
    pausing.resume(who, "ann", begun + 30 * MINUTE)

    steps.arrive(who, begun + 36 * MINUTE)

    assert person(who).state == Participant.State.ACTIVE
