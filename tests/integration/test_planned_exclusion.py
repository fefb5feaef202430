"""The analysis plan's rules for exclusion, applied to people on their way."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from duetml.live.log import everything
from duetml.workspace.models import AgentCall
from study.models import Participant, StepRun, Study
from study.services import exclusion, pausing, replacing, steps, studies, withdrawal
from tests import studies as helper
from tests.protocols import Document, changed, step_of
from tests.studies import MINUTE, NOON, answers_to, enrol, person, walk_to

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def planned(*rules: dict[str, Any], most_extra: int = 0) -> Study:
    def plan(document: Document) -> None:
        told = [{"text": {"en": "Why.", "ja": "理由。"}} | rule for rule in rules]
        document["analysis"] = (document.get("analysis") or {}) | {"exclusions": told}
        document["allocation"] |= {"replace": True, "most_extra": most_extra}
        step_of(document, "about_you")["items"][1]["attention"] = {"expect": "unsaid"}

    return helper.open_study(source=changed(plan))


def finish(who: UUID, now: datetime, **said: str) -> datetime:
    """Leave the current step, answering as an agreeable person but for what is `said`."""
    run = steps.arrive(who, now)[1]
    assert run is not None
    step = person(who).protocol.read().steps[run.index]
    done = steps.finish(who, run.index, answers_to(step) | said, now)
    assert done.result == steps.Result.MOVED
    return now


def run_of(who: UUID, key: str) -> StepRun:
    return StepRun.objects.get(participant=who, key=key)


def a_call(who: UUID, outcome: str) -> None:
    workspace = run_of(who, "requirement").workspace
    assert workspace is not None
    AgentCall.objects.create(
        workspace=workspace,
        agent="reactive",
        trigger="chat",
        provider="openai",
        queued_at=NOON,
        state="failed" if outcome == "failed" else "done",
        outcome=outcome,
    )


def close_and_unlock(now: datetime) -> None:
    studies.close_study("walk", now)
    studies.unlock("walk", "ann", now)


def test_who_misses_a_check_is_left_out_at_the_end_and_replaced() -> None:
    study = planned({"rule": "attention"}, most_extra=2)
    who = enrol(study)
    now = finish(who, walk_to(who, "about_you", NOON), gender="man")
    before = person(who).excluded_at

    walk_to(who, "end", now)

    found = person(who)
    assert (before, found.excluded_by) == (None, "protocol")
    assert found.exclusion_reason == "attention: about_you.gender"
    assert study.slots.filter(is_extra=True).count() == 1


def test_who_does_everything_as_planned_counts() -> None:
    rules: list[dict[str, Any]] = [
        {"rule": "attention"},
        {"rule": "incomplete"},
        {"rule": "under_minutes", "minutes": 5},
    ]
    who = enrol(planned(*rules))

    now = walk_to(who, "end", NOON)
    close_and_unlock(now)

    assert person(who).excluded_at is None


def test_who_leaves_in_the_middle_of_the_rated_task_is_incomplete_and_after_it_is_not() -> None:
    study = planned({"rule": "incomplete"})
    during, after = enrol(study), enrol(study)
    walk_to(during, "requirement", NOON)
    now = walk_to(after, "experience", NOON)

    for who in (during, after):
        withdrawal.withdraw(who, keep=True, now=now)

    assert person(during).exclusion_reason == "incomplete: requirement"
    assert person(after).excluded_at is None


def test_who_is_still_under_way_is_incomplete_once_the_results_are_unlocked() -> None:
    who = enrol(planned({"rule": "incomplete"}))
    now = walk_to(who, "free", NOON)
    before = person(who).excluded_at

    close_and_unlock(now)

    assert before is None
    assert person(who).exclusion_reason == "incomplete: requirement"


def test_minutes_that_staff_stopped_the_clock_do_not_count_as_work() -> None:
    who = enrol(planned({"rule": "under_minutes", "minutes": 11}))
    start = walk_to(who, "requirement", NOON)
    pausing.pause(who, "Fire alarm.", "ann", start + MINUTE)
    pausing.resume(who, "ann", start + HOUR)

    now = finish(who, start + HOUR + 9 * MINUTE)
    walk_to(who, "end", now)

    assert person(who).exclusion_reason == "under_minutes: requirement"


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        (["failed", "stood_in"], "agents_failed: requirement"),
        (["failed", "answered"], ""),
        ([], ""),
    ],
)
def test_whom_the_agents_failed_is_left_out_when_it_may_be_known_who_had_any(
    outcomes: list[str], reason: str
) -> None:
    who = enrol(planned({"rule": "agents_failed"}))
    now = walk_to(who, "requirement", NOON)
    for outcome in outcomes:
        a_call(who, outcome)
    walk_to(who, "end", now)
    before = person(who).exclusion_reason

    close_and_unlock(now)

    assert (before, person(who).exclusion_reason) == ("", reason)


def test_whom_staff_let_count_again_the_plan_does_not_leave_out_again() -> None:
    who = enrol(planned({"rule": "incomplete"}))
    now = walk_to(who, "requirement", NOON)
    withdrawal.withdraw(who, keep=True, now=now)
    exclusion.readmit(who, "The server was down.", "ann", now)

    close_and_unlock(now)

    assert person(who).excluded_at is None


def test_whom_staff_leave_out_is_replaced_once_and_keeps_the_place() -> None:
    study = planned(most_extra=5)
    who = enrol(study)
    walk_to(who, "before_practice", NOON)

    exclusion.exclude(who, "Never came back.", "ann", NOON)
    withdrawal.withdraw(who, keep=True, now=NOON)

    assert study.slots.filter(is_extra=True).count() == 1
    assert person(who).slot is not None
    assert replacing.was_replaced(person(who))


def test_what_is_left_out_is_in_the_log_with_its_reason() -> None:
    who = enrol(planned({"rule": "incomplete"}))
    now = walk_to(who, "requirement", NOON)

    withdrawal.withdraw(who, keep=True, now=now)

    told = [one.payload for one in everything(person(who).stream, kinds=["participant.excluded"])]
    assert told == [{"reason": "incomplete: requirement", "by": "protocol"}]
    assert Participant.objects.filter(excluded_at=None).count() == 0
