"""The labelled sensitivity analyses against second implementations and complete enumeration."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.nonparametric import rank_compare_2indep

from evaluation.stats.ranksum import mann_whitney
from evaluation.stats.sensitivity import (
    Placed,
    brunner_munzel,
    in_blocks,
    without_each_rater,
)
from evaluation.stats.units import ScoreRow

likert = st.lists(st.integers(1, 5), min_size=2, max_size=8)
blocks = st.lists(
    st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=4),
    min_size=1,
    max_size=3,
)


def placed(given: list[list[tuple[int, bool]]]) -> list[Placed]:
    return [
        Placed(value, treated, f"block {number}")
        for number, block in enumerate(given)
        for value, treated in block
    ]


def enumerated(given: list[list[tuple[int, bool]]]) -> Fraction:
    """The definition: every allocation that keeps the number of treated in each block."""
    pooled = [value for block in given for value, _ in block]

    def rank(value: int) -> Fraction:
        return Fraction(2 * sum(w < value for w in pooled) + pooled.count(value) + 1, 2)

    ranks = [[rank(value) for value, _ in block] for block in given]
    treated = [sum(is_treated for _, is_treated in block) for block in given]
    ways = [list(combinations(r, number)) for r, number in zip(ranks, treated, strict=True)]
    sums = [sum(sum(chosen) for chosen in choice) for choice in product(*ways)]
    expected = Fraction(sum(sums), len(sums))
    observed = sum(rank(value) for block in given for value, is_treated in block if is_treated)
    far = sum(abs(total - expected) >= abs(observed - expected) for total in sums)
    return Fraction(far, len(sums))


@given(likert, likert)
def test_brunner_munzel_equals_scipys_and_statsmodels(x: list[int], y: list[int]) -> None:
    found = brunner_munzel(x, y)

    if found.undefined is None:
        other = stats.brunnermunzel(y, x)
        assert (found.statistic, found.p) == pytest.approx((other.statistic, other.pvalue))
        third = rank_compare_2indep(x, y)
        assert (found.freedom, found.p) == pytest.approx((third.df, third.pvalue))
    else:
        separated = min(x) > max(y) or max(x) < min(y)
        assert found.undefined == ("complete_separation" if separated else "no_variation")
        assert (found.statistic, found.freedom, found.p) == (None, None, None)


@settings(max_examples=60)
@given(blocks)
def test_p_within_blocks_equals_the_enumeration_of_all_allocations(
    given: list[list[tuple[int, bool]]],
) -> None:
    found = in_blocks(placed(given))

    mixed = [block for block in given if len({treated for _, treated in block}) == 2]
    if not mixed:
        assert (found.p, found.undefined) == (None, "no_mixed_block")
    elif all(len({value for value, _ in block}) == 1 for block in mixed):
        assert (found.p, found.undefined) == (None, "no_variation")
    else:
        assert found.p == pytest.approx(float(enumerated(given)), rel=1e-12)
        assert (found.blocks, found.participants) == (len(mixed), sum(map(len, mixed)))


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=2, max_size=9))
def test_one_block_of_everybody_is_the_primary_test(given: list[tuple[int, bool]]) -> None:
    x, y = ([value for value, treated in given if treated is group] for group in (True, False))

    found, primary = in_blocks(placed([given])), mann_whitney(x, y)

    assert (found.p is None) == (primary.p is None)
    assert found.p == (None if primary.p is None else pytest.approx(primary.p))


def test_three_blocks_of_four_separated_leave_fewer_allocations_than_free_permutation() -> None:
    block = [(1, False), (2, False), (4, True), (5, True)]

    found = in_blocks(placed([block, block, block]))

    assert found.p == pytest.approx(2 / 6**3)
    assert mann_whitney([4, 5] * 3, [1, 2] * 3).p == pytest.approx(2 / 924)


def test_fifty_blocks_are_counted() -> None:
    rng = np.random.default_rng(1)
    given = [[(int(v), i < 2) for i, v in enumerate(rng.integers(1, 30, 4))] for _ in range(50)]

    found = in_blocks(placed(given))

    assert found.undefined is None
    assert found.p is not None
    draws = [simulated(given, rng) for _ in range(2000)]
    assert found.p == pytest.approx(np.mean(draws), abs=0.04)


def simulated(given: list[list[tuple[int, bool]]], rng: np.random.Generator) -> bool:
    """Is a random allocation within the blocks at least as far out as the observed one?"""
    values = np.array([[value for value, _ in block] for block in given])
    ranks = stats.rankdata(values).reshape(values.shape)
    expected = ranks.mean(axis=1).sum() * 2
    drawn = rng.permuted(ranks, axis=1)[:, :2].sum()
    return bool(abs(drawn - expected) >= abs(ranks[:, :2].sum() - expected) - 1e-9)


def test_leaving_a_rater_out_is_the_test_of_the_means_over_the_others() -> None:
    scores = {"d1": (5, 4, 1), "d2": (4, 4, 2), "b1": (2, 3, 5), "b2": (1, 3, 4)}
    rows = [
        ScoreRow(who, "duetml" if who[0] == "d" else "baseline", f"R{number}", "EQ1", score)
        for who, given in scores.items()
        for number, score in enumerate(given, start=1)
    ]

    found = without_each_rater(rows, "duetml", "baseline", "EQ1")

    assert [one.rater for one in found] == ["R1", "R2", "R3"]
    assert found[2].test == mann_whitney([4.5, 4], [2.5, 2])
    assert found[0].test == mann_whitney([2.5, 3], [4, 3.5])
    assert without_each_rater(rows[:1], "duetml", "baseline", "EQ1") == ()
