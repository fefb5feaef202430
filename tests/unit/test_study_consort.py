"""The CONSORT flow: nobody is lost between its boxes, and while blind the conditions are one."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from study.rules import consort
from study.rules.consort import ALL, Fact, Told, fact, flow

ENTER = Told("step.opened", {"step": "consent", "workspace": ""})
GROUPED = Told("participant.assigned", {"slot": 1, "condition": "duetml"})
BEGUN = Told("step.opened", {"step": "free", "workspace": "w"})
DONE = Told("participant.completed", {"code": "x"})
LEFT = Told("participant.withdrew", {"keep": True})
OUT = Told("participant.excluded", {"reason": "late", "by": "ann"})


def test_somebody_who_completed_is_analysed() -> None:
    found = flow([fact([ENTER, GROUPED, BEGUN, DONE])], ["duetml", "baseline"], is_blind=False)

    assert found.assigned == 1
    assert [(arm.condition, arm.analysed) for arm in found.arms] == [("duetml", 1), ("baseline", 0)]


def test_who_leaves_is_lost_at_the_step_they_were_in() -> None:
    arm = flow([fact([ENTER, GROUPED, BEGUN, LEFT])], [], is_blind=False).arms[0]

    assert arm.lost == {("withdrawn", "free"): 1}
    assert (arm.received, arm.analysed, arm.under_way) == (1, 0, 0)


def test_who_was_never_assigned_is_counted_by_why() -> None:
    screened = fact([ENTER, Told("participant.screened_out", {"items": ["age"]})])
    away = fact([ENTER, Told("participant.turned_away", {"reason": "full"})])

    found = flow([screened, screened, away, fact([ENTER])], ["a", "b"], is_blind=True)

    assert found.before == {"screened_out": 2, "turned_away": 1}
    assert (found.enrolled, found.under_way, found.assigned) == (4, 1, 0)


def test_who_gave_a_place_back_was_never_assigned() -> None:
    found = fact([ENTER, GROUPED, Told("slot.returned", {"slot": 1}), LEFT])

    assert found.condition is None
    assert found.before == "withdrawn"


def test_an_exclusion_is_shown_with_its_reason_and_can_be_taken_back() -> None:
    life = [ENTER, GROUPED, BEGUN, DONE, OUT]

    out = flow([fact(life)], [], is_blind=True).arms[0]
    back = flow([fact([*life, Told("participant.readmitted", {})])], [], is_blind=True).arms[0]

    assert (out.excluded, out.analysed) == ({"late": 1}, 0)
    assert (back.excluded, back.analysed) == ({}, 1)


def test_somebody_whose_data_were_deleted_stays_in_the_counts() -> None:
    purged = [Told(one.kind, {}) for one in (ENTER, GROUPED, BEGUN, DONE)]

    found = fact([*purged, Told("participant.erased", {"receipt": {}})], condition="baseline")
    arm = flow([found], ["duetml", "baseline"], is_blind=False).arms[1]

    assert (arm.assigned, arm.deleted, arm.analysed) == (1, 1, 0)


def test_while_blind_the_conditions_are_one_box() -> None:
    facts = [Fact(condition="duetml", received=True), Fact(condition="baseline", completed=True)]

    arms = flow(facts, ["duetml", "baseline"], is_blind=True).arms

    assert [(arm.condition, arm.assigned) for arm in arms] == [(ALL, 2)]


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                [ENTER, GROUPED, BEGUN, DONE, LEFT, OUT]
                + [Told(kind, {}) for kind in consort.KINDS]
            )
        )
    ),
    st.booleans(),
)
def test_nobody_is_lost_between_the_boxes(lives: list[list[Told]], is_blind: bool) -> None:
    found = flow([fact(life) for life in lives], ["duetml"], is_blind=is_blind)

    assert found.enrolled == len(lives)
    assert found.enrolled == found.under_way + sum(found.before.values()) + found.assigned
    assert found.assigned == sum(arm.assigned for arm in found.arms)
    for arm in found.arms:
        assert sum(_ends(arm)) == arm.assigned == arm.received + arm.not_received


def _ends(arm: consort.Arm) -> Iterator[int]:
    yield from (arm.analysed, arm.under_way, arm.deleted)
    yield from arm.lost.values()
    yield from arm.excluded.values()
