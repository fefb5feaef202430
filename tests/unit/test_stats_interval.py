"""The intervals of the effect sizes against published values, other ways to them, simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from evaluation.stats import interval, ranksum
from evaluation.stats.interval import (
    delta_interval,
    placements,
    shift_interval,
    superiority_interval,
)
from evaluation.stats.ranksum import hodges_lehmann, mann_whitney

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
    ("x", "y", "reason"), [([3, 3, 3], [3, 3], "no_variation"), ([1, 2], [], "empty_group")]
)
def test_an_interval_that_cannot_be_had_says_why(
    x: list[float], y: list[float], reason: str
) -> None:
    interval = delta_interval(x, y)

    assert (interval.low, interval.high, interval.undefined) == (None, None, reason)


@given(likert, likert)
def test_the_interval_of_delta_holds_the_estimate_and_mirrors(x: list[int], y: list[int]) -> None:
    one, other = delta_interval(x, y), delta_interval(y, x)

    delta = sum((a > b) - (a < b) for a in x for b in y) / (len(x) * len(y))
    assert one.undefined == other.undefined
    if one.low is not None and one.high is not None:
        assert -1 <= one.low <= delta <= one.high <= 1
        assert other.low == pytest.approx(-one.high)


def test_a_higher_level_gives_a_wider_interval() -> None:
    usual = delta_interval(PAIN_CONTROL, PAIN_TREATED)
    wider = delta_interval(PAIN_CONTROL, PAIN_TREATED, level=0.99)

    assert wider.low is not None
    assert usual.low is not None
    assert wider.low < usual.low


def test_bad_levels_and_values_are_refused() -> None:
    with pytest.raises(ValueError, match="level is 95"):
        delta_interval([1, 2], [3, 4], level=95)
    with pytest.raises(ValueError, match="not a finite number"):
        delta_interval([1, math.nan], [3, 4])


def newcombe(a: float, m: int, n: int) -> tuple[float, float]:
    """Method 5 of Newcombe (2006) by scipy's root finder."""

    def distance(at: float) -> float:
        star = (m + n) / 2 - 1
        spread = 1 + star * (1 - at) / (2 - at) + star * at / (1 + at)
        return (a - at) ** 2 - stats.norm.ppf(0.975) ** 2 * at * (1 - at) / (m * n) * spread

    low = 0.0 if a == 0 else optimize.brentq(distance, 1e-12, a - 1e-12)
    high = 1.0 if a == 1 else optimize.brentq(distance, a + 1e-12, 1 - 1e-12)
    return low, high


@given(likert, likert)
def test_the_interval_of_a_solves_newcombes_equation_and_mirrors(
    x: list[int], y: list[int]
) -> None:
    found, mirrored = superiority_interval(x, y), superiority_interval(y, x)

    test = mann_whitney(x, y)
    if test.undefined:
        assert (found.low, found.undefined) == (None, "no_variation")
    else:
        assert test.superiority is not None
        assert found.low is not None
        assert found.high is not None
        assert mirrored.high is not None
        assert (found.low, found.high) == pytest.approx(
            newcombe(test.superiority, len(x), len(y)), abs=1e-9
        )
        assert found.low <= test.superiority <= found.high
        assert mirrored.high == pytest.approx(1 - found.low)


def test_complete_separation_of_six_and_six_has_an_interval_of_a() -> None:
    found = superiority_interval(range(6, 12), range(6))

    assert found.high == 1.0
    assert found.low == pytest.approx(0.689, abs=5e-4)
    assert "Newcombe" in found.method


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
def test_the_interval_of_a_covers_as_often_as_it_says(shift: float) -> None:
    rng, covered = np.random.default_rng(4), 0
    a = float(stats.norm.cdf(shift / math.sqrt(2)))
    for _ in range(400):
        found = superiority_interval(rng.normal(shift, 1, 6).tolist(), rng.normal(0, 1, 6).tolist())
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= a <= found.high
    assert covered / 400 >= 0.92


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 10_000), min_size=4, max_size=7, unique=True),
    st.lists(st.integers(0, 10_000), min_size=4, max_size=7, unique=True),
)
def test_the_interval_of_the_shift_holds_what_the_exact_test_does_not_reject(
    x: list[int], y: list[int]
) -> None:
    found = shift_interval(x, y)

    differences = np.unique(np.subtract.outer(x, y))
    for shift in (differences[:-1] + differences[1:]) / 2 + 1e-4:  # no ties there
        moved = (np.array(x) - shift).tolist()
        p = stats.mannwhitneyu(moved, y, method="exact").pvalue
        assert found.low is not None
        assert found.high is not None
        if len({*moved, *y}) == len(x) + len(y):
            assert (found.low <= shift <= found.high) == (p > 0.05)


@given(likert, likert)
def test_the_interval_of_the_shift_holds_the_shift_and_mirrors(x: list[int], y: list[int]) -> None:
    found, mirrored = shift_interval(x, y), shift_interval(y, x)

    assert found.undefined == mirrored.undefined
    if found.low is not None and found.high is not None and mirrored.low is not None:
        shift = hodges_lehmann(x, y)
        assert shift is not None
        assert found.low <= shift <= found.high
        assert mirrored.low == -found.high


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ([], [1, 2], "empty_group"),
        ([1, 2, 3], [4, 5, 6], "too_few"),
        ([3] * 5, [3] * 5, "no_variation"),
        ([4] * 5, [3] * 5, "no_variation"),
    ],
)
def test_an_interval_of_the_shift_that_cannot_be_had_says_why(
    x: list[float], y: list[float], reason: str
) -> None:
    found = shift_interval(x, y)

    assert (found.low, found.high, found.undefined) == (None, None, reason)


def test_large_groups_have_about_the_interval_of_exact_counting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(0.3, 1, 41).tolist(), rng.normal(0, 1, 43).tolist()
    exact = shift_interval(x, y)
    interval._rank_of_bound.cache_clear()
    monkeypatch.setattr(interval, "LARGEST_EXACT_COUNT", 0)

    approximate = shift_interval(x, y)

    interval._rank_of_bound.cache_clear()
    assert approximate.method != exact.method
    assert approximate.low == pytest.approx(exact.low, abs=0.03)
    assert approximate.high == pytest.approx(exact.high, abs=0.03)


def test_too_many_differences_are_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranksum, "MOST_DIFFERENCES", 3)

    assert hodges_lehmann([1, 2], [3, 4]) is None
    assert shift_interval([1, 2], [3, 4]).undefined == "too_large"
    assert superiority_interval([], [1]).undefined == "empty_group"


@given(likert, likert)
def test_placements_count_who_is_below_and_above(x: list[int], y: list[int]) -> None:
    of_x, of_y = placements(x, y)

    signs = np.sign(np.subtract.outer(x, y))
    assert of_x.tolist() == pytest.approx(signs.mean(axis=1).tolist())
    assert of_y.tolist() == pytest.approx((-signs).mean(axis=0).tolist())
