"""What a design can show: reachable p, power, sample size."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from evaluation.stats import design
from evaluation.stats.design import (
    Assumed,
    noether_total,
    power,
    reachable_p,
    sample_size,
    smallest_group,
)
from evaluation.stats.ranksum import mann_whitney


@pytest.mark.parametrize(("n_x", "n_y"), [(1, 1), (2, 3), (4, 4), (6, 6), (5, 9)])
def test_the_reachable_p_is_that_of_complete_separation(n_x: int, n_y: int) -> None:
    separated = mann_whitney(range(n_x), range(n_x, n_x + n_y))

    assert separated.p is not None
    assert reachable_p(n_x, n_y) == pytest.approx(separated.p)


def test_four_a_condition_never_survive_holm_over_five_criteria() -> None:
    assert reachable_p(4, 4, tests=5) > 0.05 >= reachable_p(5, 5, tests=5)
    assert smallest_group(5) == 5
    assert smallest_group(1) == 4


def test_without_an_effect_the_power_is_the_size_of_the_test() -> None:
    found = power(6, 6, Assumed(0, points=0), np.random.default_rng(1), simulations=4000)

    # P(U ≤ 5 or U ≥ 31) for 6 against 6: 2 · 19/924
    assert found.value == pytest.approx(38 / 924, abs=3 * found.error)


def test_of_normal_values_the_power_is_that_of_the_t_test_with_a_twentieth_fewer() -> None:
    """The relative efficiency of the rank-sum test is 3/π (Hodges & Lehmann 1956)."""
    one_rater = Assumed(1.0, points=0, raters=1)

    found = power(20, 20, one_rater, np.random.default_rng(1), simulations=2000)

    fewer = TTestIndPower().power(effect_size=1, nobs1=20 * 3 / math.pi, alpha=0.05)
    assert found.value == pytest.approx(fewer, abs=3 * found.error)


def test_power_is_the_same_from_the_same_seed_and_grows_with_the_shift() -> None:
    once, again, larger = (
        power(6, 6, Assumed(shift), np.random.default_rng(5), tests=5, simulations=300)
        for shift in (1.0, 1.0, 2.0)
    )

    assert once == again
    assert once.alpha == 0.01
    assert once.value < larger.value


def test_a_design_that_cannot_reach_the_level_has_no_power() -> None:
    assert power(4, 4, Assumed(9), np.random.default_rng(1), tests=5).value == 0


def test_the_sample_size_reaches_the_power_and_one_less_does_not() -> None:
    assumed = Assumed(1.0)

    found = sample_size(assumed, 3, tests=5, simulations=300)

    assert found.each is not None
    assert found.power.value >= 0.8
    one_less = power(
        found.each - 1, found.each - 1, assumed, np.random.default_rng(3), tests=5, simulations=300
    )
    assert one_less.value < 0.8


def test_no_sample_is_large_enough_for_no_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(design, "LARGEST_SAMPLE", 20)

    assert sample_size(Assumed(0), 1, simulations=50).each is None


def test_noethers_sample_size_has_the_power_it_is_for() -> None:
    each = noether_total(0.7) // 2
    shift = math.sqrt(2) * float(stats.norm.ppf(0.7))  # of two normal groups with A = .7

    found = power(
        each, each, Assumed(shift, points=0, raters=1), np.random.default_rng(2), simulations=2000
    )

    assert found.value == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: reachable_p(0, 5),
        lambda: smallest_group(5, level=0),
        lambda: noether_total(0.5),
        lambda: noether_total(1.2),
        lambda: power(6, 6, Assumed(1, agreement=2), np.random.default_rng(1)),
        lambda: power(6, 6, Assumed(1, points=4), np.random.default_rng(1)),
    ],
)
def test_an_impossible_design_is_refused(impossible: object) -> None:
    assert callable(impossible)
    with pytest.raises(ValueError, match=r"\."):
        impossible()
