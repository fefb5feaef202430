"""What the simulation calls a failure."""

from dataclasses import replace

import pytest

from duetml.config.simulation.verify import Found, Wanted, problems
from study.robots.crowd import Life

WANTED = Wanted(participants=4, raters=2, criteria=5, conditions=("duetml", "baseline"))
GOOD = Found(
    completed=4,
    assigned={"duetml": 2, "baseline": 2},
    submissions=4,
    ratings=40,
    acknowledged=100,
    lost=[],
    broken_chains=[],
    unfinished=0,
    answered=9,
    failed=0,
    codes={"A", "B"},
)
LIVES = [Life("one", code="A"), Life("two", code="B")]


def test_a_run_without_a_flaw_has_no_problems() -> None:
    assert problems(WANTED, GOOD, LIVES) == []


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"completed": 3}, "completed: 3, not 4"),
        ({"assigned": {"duetml": 3, "baseline": 1}}, "per condition"),
        ({"submissions": 5}, "submissions: 5, not 4"),
        ({"ratings": 39}, "ratings in the export: 39, not 40"),
        ({"lost": ["f00"]}, "f00"),
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
