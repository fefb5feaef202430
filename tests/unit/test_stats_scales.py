"""Describing answers and scoring questionnaires."""

import math

import numpy as np
import pandas as pd
import pingouin
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluation.stats.icc import intraclass_correlations
from evaluation.stats.scales import cronbach_alpha, describe

answers = arrays(
    np.int64, st.tuples(st.integers(3, 8), st.integers(2, 6)), elements=st.integers(1, 7)
)


def test_answers_are_described_by_median_quartiles_and_counts() -> None:
    found = describe([1, 2, 2, 4, 5, 5], range(1, 6))

    assert (found.n, found.counts) == (6, (1, 2, 0, 1, 2))
    assert (found.median, found.q1, found.q3, found.iqr) == (3, 2, 4.75, 2.75)


def test_nobody_who_answered_leaves_nothing_to_describe() -> None:
    found = describe([], range(1, 6))

    assert (found.n, found.counts, found.median, found.iqr) == (0, (0,) * 5, None, None)


def test_an_answer_beside_the_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="6 is no point of a scale from 1 to 5"):
        describe([3, 6], range(1, 6))


@given(answers)
def test_cronbachs_alpha_and_interval_equal_pingouins(given: np.ndarray) -> None:
    found = cronbach_alpha(given.astype(float))

    if np.ptp(given.sum(axis=1)) == 0:
        assert (found.value, found.undefined) == (None, "no_variation")
    else:
        with np.errstate(all="ignore"):
            value, bounds = pingouin.cronbach_alpha(pd.DataFrame(given))
        assert found.value == pytest.approx(value, abs=1e-9)
        if found.interval.undefined is None:
            assert (found.interval.low, found.interval.high) == pytest.approx(
                tuple(bounds), abs=0.00051 * max(1, abs(bounds[0]))
            )


@given(answers)
def test_cronbachs_alpha_is_the_consistency_of_the_mean(given: np.ndarray) -> None:
    found = cronbach_alpha(given.astype(float))

    other = intraclass_correlations(given.astype(float)).form("icc_3_k")
    assert found.value == (None if other.value is None else pytest.approx(other.value))


@pytest.mark.parametrize(
    ("given", "value", "undefined", "interval"),
    [
        ([[1, 1], [2, 2], [3, 3]], 1.0, None, "perfect_agreement"),
        ([[1, 3], [2, 2], [3, 1]], None, "no_variation", "no_variation"),
        ([[1, 2]], None, "too_few", "too_few"),
        ([[1], [2], [3]], None, "too_few", "too_few"),
        ([[1, math.nan], [2, 2], [3, math.nan]], None, "too_few", "too_few"),
    ],
)
def test_a_consistency_that_cannot_be_had_says_why(
    given: list[list[float]], value: float | None, undefined: str | None, interval: str
) -> None:
    found = cronbach_alpha(np.array(given, float))

    assert (found.value, found.undefined) == (value, undefined)
    assert (found.interval.low, found.interval.undefined) == (None, interval)


def test_people_with_a_missing_answer_are_left_out() -> None:
    complete = np.array([[1, 2, 2], [3, 3, 4], [5, 4, 5], [2, 2, 1.0]])

    found = cronbach_alpha(np.vstack([complete, [4, math.nan, 4]]))

    assert (found.people, found.items) == (4, 3)
    assert found.value == cronbach_alpha(complete).value
