"""The interval of Cliff's delta against published values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.stats.interval import cliffs_delta_interval

# Brunner & Munzel (2000): pain scores on the third day after surgery.
PAIN_TREATED = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
PAIN_CONTROL = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]
# Munzel & Hauschke (2003): number of patients at each level.
NEW = {-2: 24, -1: 37, 0: 21, 1: 19, 2: 6}
ACTIVE = {-2: 11, -1: 51, 0: 22, 1: 21, 2: 7}

likert = st.lists(st.integers(1, 5), min_size=2, max_size=8)


def expanded(counts: dict[int, int]) -> list[int]:
    return [level for level, number in counts.items() for _ in range(number)]


@pytest.mark.parametrize(
    ("x", "y", "published"),
    [
        (PAIN_CONTROL, PAIN_TREATED, (0.5952169, 0.9827052)),
        (expanded(ACTIVE), expanded(NEW), (0.4700629827705593, 0.6183882855872511)),
    ],
)
def test_the_interval_equals_that_of_rs_lawstat(
    x: list[int], y: list[int], published: tuple[float, float]
) -> None:
    interval = cliffs_delta_interval(x, y)

    assert interval.low is not None
    assert interval.high is not None
    bounds_of_a = ((interval.low + 1) / 2, (interval.high + 1) / 2)
    assert bounds_of_a == pytest.approx(published, abs=5e-8)


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ([1, 2, 3], [4, 5, 6], "complete_separation"),
        ([0.1, 0.7, 0.9], [-0.3, 0.0, -0.2], "complete_separation"),
        ([3, 3, 3], [3, 3], "no_variation"),
        ([3], [1, 2], "too_few"),
        ([1, 2], [], "too_few"),
    ],
)
def test_an_interval_that_cannot_be_had_says_why(
    x: list[float], y: list[float], reason: str
) -> None:
    interval = cliffs_delta_interval(x, y)

    assert (interval.low, interval.high, interval.undefined) == (None, None, reason)


@given(likert, likert)
def test_the_interval_holds_the_estimate_and_mirrors(x: list[int], y: list[int]) -> None:
    one, other = cliffs_delta_interval(x, y), cliffs_delta_interval(y, x)

    delta = sum((a > b) - (a < b) for a in x for b in y) / (len(x) * len(y))
    assert one.undefined == other.undefined
    if one.low is not None and one.high is not None:
        assert -1 <= one.low <= delta <= one.high <= 1
        assert other.low == pytest.approx(-one.high)


def test_a_higher_level_gives_a_wider_interval() -> None:
    usual = cliffs_delta_interval(PAIN_CONTROL, PAIN_TREATED)
    wider = cliffs_delta_interval(PAIN_CONTROL, PAIN_TREATED, level=0.99)

    assert wider.low is not None
    assert usual.low is not None
    assert wider.low < usual.low


def test_bad_levels_and_values_are_refused() -> None:
    with pytest.raises(ValueError, match="level is 95"):
        cliffs_delta_interval([1, 2], [3, 4], level=95)
    with pytest.raises(ValueError, match="not a finite number"):
        cliffs_delta_interval([1, math.nan], [3, 4])
