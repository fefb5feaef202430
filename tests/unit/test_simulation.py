"""What the simulation calls a failure."""

from dataclasses import replace

import pytest

from duetml.config.simulation.verify import Found, Wanted, problems, wrong_times
from study.robots.crowd import Life
from study.robots.journal import Journal

WANTED = Wanted(
    participants=4, completed=4, raters=2, criteria=5, conditions=("duetml", "baseline")
)
GOOD = Found(
    completed=4,
    assigned={"duetml": 2, "baseline": 2},
    submissions=4,
    ratings=40,
    acknowledged=100,
    lost=[],
    wrong=[],
    broken_chains=[],
    unfinished=0,
    answered=9,
    failed=0,
    tokens=0,
    microusd=0,
    codes={"A", "B"},
)
LIVES = [
    Life("one", code="A", profile="careful", outcome="completed"),
    Life("two", code="B", profile="late", outcome="completed"),
]


def test_a_run_without_a_flaw_has_no_problems() -> None:
    assert problems(WANTED, GOOD, LIVES) == []


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"completed": 3}, "completed: 3, not 4"),
        ({"assigned": {"duetml": 3, "baseline": 1}}, "per condition"),
        ({"submissions": 5, "ratings": 50}, "submissions: 5, not 4"),
        ({"ratings": 39}, "ratings in the export: 39, not 40"),
        ({"lost": ["f00"]}, "f00"),
        ({"wrong": ["workspace 7 after event 3"]}, "workspace 7 after event 3"),
        ({"broken_chains": ["workspace:1"]}, "workspace:1"),
        ({"unfinished": 1}, "undone"),
        ({"codes": {"A"}}, "B"),
    ],
)
def test_every_flaw_is_named(changed: dict[str, object], named: str) -> None:
    said = problems(WANTED, replace(GOOD, **changed), LIVES)  # type: ignore[arg-type]

    assert len(said) == 1
    assert named in said[0]


def test_a_robot_that_failed_is_named_with_what_it_saw() -> None:
    said = problems(WANTED, GOOD, [*LIVES, Life("three", "status 500")])

    assert said == ["three: status 500"]


def test_a_robot_that_ended_otherwise_than_its_profile_is_named() -> None:
    stayed = Life("three", profile="dropout", wanted="gone", outcome="completed")

    said = problems(WANTED, GOOD, [*LIVES, stayed])

    assert said == ["three (dropout): completed, not gone"]


def test_what_an_open_block_leaves_open_is_no_imbalance() -> None:
    uneven = replace(GOOD, assigned={"duetml": 3, "baseline": 1})

    assert problems(replace(WANTED, tolerance=2), uneven, LIVES) == []
    assert len(problems(replace(WANTED, tolerance=1), uneven, LIVES)) == 1


def test_an_answer_taken_late_but_kept_as_in_time_is_wrong() -> None:
    journal = Journal()
    for client, late in (("a", True), ("b", False), ("c", True)):
        journal.acknowledge("one", "answer", client, "participant", late, 0.1)

    wrong = wrong_times(journal, {"a": "response.given", "b": "response.given", "c": "action.late"})

    assert wrong == ["one, answer a: said late, kept as response.given"]
