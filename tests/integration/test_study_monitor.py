"""The monitor: problems first, a page at a time, a constant number of queries, and blind."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from duetml.live.log import ClientStamp
from duetml.workspace.models import Workspace
from duetml.workspace.services.actions import perform
from study import flow_queries, monitor_queries
from study.models import StepRun, Study
from study.monitor_queries import Wanted
from study.rules.troubles import Trouble
from study.services import exclusion, steps, studies
from tests import studies as helper
from tests.studies import MINUTE, NOON, enrol, person, walk_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return helper.open_study()


def codes_of(study: Study, wanted: Wanted, now: datetime, size: int = 50) -> list[str]:
    return [one.code for one in monitor_queries.page(study, wanted, "en", now, size).rows]


def test_who_is_away_while_the_clock_runs_comes_first(study: Study) -> None:
    working, resting = enrol(study), enrol(study)
    now = walk_to(working, "free", NOON) + 12 * MINUTE
    walk_to(resting, "consent", NOON)
    steps.arrive(resting, now)

    found = monitor_queries.page(study, Wanted(), "en", now)

    assert [one.code for one in found.rows] == [person(working).code, person(resting).code]
    assert found.rows[0].troubles == (Trouble.OFFLINE,)
    assert found.needing == 1


def test_who_is_there_and_does_nothing_is_silent_until_they_act(study: Study) -> None:
    who = enrol(study)
    began = walk_to(who, "free", NOON)
    workspace = StepRun.objects.get(participant=who, key="free").workspace
    assert workspace is not None
    now = began + 6 * MINUTE
    Workspace.objects.filter(pk=workspace.pk).update(seen_at=now)

    before = monitor_queries.row(study, who, "en", now)
    ranked = monitor_queries.page(study, Wanted(problems_only=True), "en", now)
    perform(workspace.id, "category.create", {"name": "a"}, ClientStamp(uuid4()), now)
    after = monitor_queries.row(study, who, "en", now)

    assert before.troubles == (Trouble.SILENT,)
    assert [one.id for one in ranked.rows] == [who]
    assert after.troubles == ()
    assert after.acted_at == now


def test_pages_follow_one_another_without_a_gap_in_every_order(study: Study) -> None:
    everybody = {person(enrol(study, NOON + number * MINUTE)).code for number in range(7)}

    for order in monitor_queries.ORDERS:
        seen, after = [], ""
        while True:
            wanted = Wanted(order=order, after=after)
            found = monitor_queries.page(study, wanted, "en", NOON + 9 * MINUTE, size=3)
            seen += [one.code for one in found.rows]
            after = found.next
            if not after:
                break
        assert (order, len(seen), set(seen)) == (order, 7, everybody)


def test_a_search_finds_the_beginning_of_a_code(study: Study) -> None:
    wanted = person(enrol(study))
    enrol(study)

    assert codes_of(study, Wanted(search=wanted.code.lower()), NOON) == [wanted.code]


@pytest.mark.parametrize("after", ["x", "bnVsbA==", "W10=", "WyJhIiwgMSwgMl0="])
def test_a_forged_cursor_gives_the_first_page(study: Study, after: str) -> None:
    who = enrol(study)

    assert codes_of(study, Wanted(after=after), NOON) == [person(who).code]


def test_the_number_of_queries_does_not_depend_on_the_number_of_people(study: Study) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            monitor_queries.page(study, Wanted(), "en", NOON + 20 * MINUTE)
        return len(captured)

    walk_to(enrol(study), "free", NOON)
    queries()  # the protocol is read once
    few = queries()
    for number in range(9):
        walk_to(enrol(study), "free" if number % 2 else "about_you", NOON + number * MINUTE)

    assert queries() == few <= 10


def test_the_flow_is_drawn_from_the_log_and_adds_up(study: Study) -> None:
    done, gone, out = enrol(study), enrol(study), enrol(study)
    walk_to(done, "end", NOON)
    walk_to(gone, "free", NOON)
    walk_to(out, "end", NOON)
    exclusion.exclude(out, "Wrote down that a friend did it.", "ann", NOON)

    found = flow_queries.flow(study)

    arm = found.arms[0]
    assert (found.enrolled, found.assigned, len(found.arms)) == (3, 3, 1)
    assert (arm.analysed, arm.under_way) == (1, 1)
    assert arm.excluded == {"Wrote down that a friend did it.": 1}


def test_the_flow_tells_conditions_apart_when_unlocked(study: Study) -> None:
    walk_to(enrol(study), "end", NOON)
    studies.close_study("walk", NOON)
    unlocked = studies.unlock("walk", "ann", NOON)

    arms = flow_queries.flow(unlocked).arms

    assert sorted(arm.condition for arm in arms) == ["baseline", "duetml"]
    assert sum(arm.analysed for arm in arms) == 1
