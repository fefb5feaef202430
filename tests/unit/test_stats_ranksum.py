"""The rank-sum test against published values, other programs and complete enumeration."""

import math
import shutil
import subprocess
from collections import Counter
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluation.stats import ranksum
from evaluation.stats.counting import sums_of_choices
from evaluation.stats.ranksum import (
    hodges_lehmann,
    holm,
    mann_whitney,
    mann_whitney_approximate,
)

# Mehta & Patel, StatXact manual: systolic blood pressure, 4 treated, 11 controls, with ties.
TREATED = [94, 108, 110, 90]
CONTROLS = [80, 94, 85, 90, 90, 90, 108, 94, 78, 105, 88]
# Hollander & Wolfe (1973), p. 69: permeability of the chorioamnion, no ties.
AT_TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
EARLY = [1.15, 0.88, 0.90, 0.74, 1.21]

likert = st.lists(st.integers(1, 5), min_size=1, max_size=6)


@pytest.fixture
def never_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranksum, "LARGEST_EXACT_COUNT", 0)


def enumerated_p(x: list[int], y: list[int]) -> Fraction:
    """The definition itself: every division of the pooled values, in fractions."""
    pooled = x + y
    rank = [
        Fraction(2 * sum(w < v for w in pooled) + sum(w == v for w in pooled) + 1, 2)
        for v in pooled
    ]
    expected = Fraction(len(x)) * sum(rank) / len(pooled)
    observed = abs(sum(rank[: len(x)]) - expected)
    sums = [sum(chosen) for chosen in combinations(rank, len(x))]
    return Fraction(sum(abs(w - expected) >= observed for w in sums), len(sums))


def likert_p(x: list[int], y: list[int]) -> Fraction:
    """The same for few distinct values: how many of each value x receives, weighted by the ways."""
    tied = sorted(Counter(x + y).items())
    below = [sum(size for _, size in tied[:i]) for i in range(len(tied))]
    ranks = [2 * before + size + 1 for before, (_, size) in zip(below, tied, strict=True)]
    doubled_mean = len(x) * (len(x) + len(y) + 1)
    own = Counter(x)
    observed = abs(sum(own[v] * r for (v, _), r in zip(tied, ranks, strict=True)) - doubled_mean)
    extreme = 0
    for taken in product(*(range(size + 1) for _, size in tied)):
        if sum(taken) != len(x):
            continue
        if abs(sum(t * r for t, r in zip(taken, ranks, strict=True)) - doubled_mean) >= observed:
            extreme += math.prod(math.comb(s, t) for (_, s), t in zip(tied, taken, strict=True))
    return Fraction(extreme, math.comb(len(x) + len(y), len(x)))


def likert_sample(seed: int, n: int) -> tuple[list[int], list[int]]:
    rng = np.random.default_rng(seed)
    return rng.integers(2, 6, n).tolist(), rng.integers(1, 6, n).tolist()


@pytest.mark.parametrize(("x", "u"), [(range(6), 0), (range(6, 12), 36)])
def test_complete_separation_of_six_and_six_gives_the_smallest_exact_p(x: range, u: int) -> None:
    result = mann_whitney(x, sorted(set(range(12)) - set(x)))

    assert (result.u, result.method, result.undefined) == (u, "exact", None)
    assert result.p == pytest.approx(2 / 924)
    assert f"{result.p:.5f}" == "0.00216"


def test_six_and_six_with_u_of_six_is_not_significant() -> None:
    result = mann_whitney([1, 2, 3, 4, 5, 12], [6, 7, 8, 9, 10, 11])

    assert result.u == 6
    assert f"{result.p:.3f}" == "0.065"


@pytest.mark.usefixtures("never_exact")
def test_the_normal_approximation_of_complete_separation_is_the_published_0_0051() -> None:
    result = mann_whitney(range(6, 12), range(6))

    assert result.method == "asymptotic"
    assert f"{result.p:.4f}" == "0.0051"


def test_tied_blood_pressures_give_the_exact_p_of_statxact() -> None:
    result = mann_whitney(TREATED, CONTROLS)

    assert result.ties
    assert f"{result.p:.4f}" == "0.0989"
    assert hodges_lehmann(TREATED, CONTROLS) == 9.5


def test_permeabilities_give_the_published_w_p_and_shift() -> None:
    result = mann_whitney(AT_TERM, EARLY)

    assert (result.u, result.ties) == (35, False)
    assert f"{result.p:.4f}" == "0.2544"
    assert hodges_lehmann(AT_TERM, EARLY) == pytest.approx(0.305)


@given(likert, likert)
def test_p_equals_the_enumeration_of_all_divisions(x: list[int], y: list[int]) -> None:
    result = mann_whitney(x, y)

    if len({*x, *y}) == 1:
        assert (result.p, result.undefined) == (None, "no_variation")
    else:
        assert result.p == pytest.approx(float(enumerated_p(x, y)), rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_thirty_and_thirty_likert_scores_are_counted_exactly(seed: int) -> None:
    x, y = likert_sample(seed, 30)

    result = mann_whitney(x, y)

    assert result.method == "exact"
    assert result.p == pytest.approx(float(likert_p(x, y)), rel=1e-12)


@pytest.mark.parametrize(("n_x", "n_y"), [(5, 9), (12, 12), (60, 60), (3, 200), (90, 110)])
def test_without_ties_p_and_u_equal_scipys_exact_test(n_x: int, n_y: int) -> None:
    values = np.random.default_rng(n_x).permutation(n_x + n_y).tolist()

    result = mann_whitney(values[:n_x], values[n_x:])

    other = stats.mannwhitneyu(values[:n_x], values[n_x:], method="exact")
    assert (result.u, result.method) == (other.statistic, "exact")
    assert result.p == pytest.approx(other.pvalue, rel=1e-10)


@pytest.mark.usefixtures("never_exact")
@pytest.mark.parametrize("seed", range(4))
def test_with_ties_the_asymptotic_p_equals_scipys(seed: int) -> None:
    x, y = likert_sample(seed, 9)

    result = mann_whitney(x, y)

    other = stats.mannwhitneyu(x, y, method="asymptotic")
    assert result.method == "asymptotic"
    assert result.p == pytest.approx(other.pvalue, rel=1e-12)


def test_a_published_analysis_is_repeated_by_the_normal_approximation() -> None:
    x, y = likert_sample(3, 6)

    approximate = mann_whitney_approximate(x, y)

    assert approximate.method == "asymptotic"
    assert approximate.p == pytest.approx(stats.mannwhitneyu(x, y, method="asymptotic").pvalue)
    assert approximate.u == mann_whitney(x, y).u


@given(st.lists(st.integers(0, 9), min_size=1, max_size=9), st.integers(1, 9))
def test_the_sums_of_all_choices_are_counted(scores: list[int], chosen: int) -> None:
    chosen = min(chosen, len(scores))

    counts = sums_of_choices(np.array(scores), chosen)

    enumerated = Counter(sum(some) for some in combinations(scores, chosen))
    assert {s: n for s, n in enumerate(counts.tolist()) if n} == enumerated


@given(likert, likert)
def test_the_shift_is_the_median_of_all_differences(x: list[int], y: list[int]) -> None:
    assert hodges_lehmann(x, y) == np.median(np.subtract.outer(x, y))


def test_groups_too_large_to_count_are_approximated_as_scipy_does() -> None:
    x, y = likert_sample(1, 400)

    result = mann_whitney(x, y)

    assert result.method == "asymptotic"
    assert result.p == pytest.approx(stats.mannwhitneyu(x, y, method="asymptotic").pvalue)


@pytest.mark.parametrize("seed", range(4))
def test_with_ties_p_equals_scipys_exhaustive_permutation_test(seed: int) -> None:
    x, y = likert_sample(seed, 6)
    x = x[:4]

    def distance(a: np.ndarray, b: np.ndarray) -> float:
        return abs(float(np.sign(np.subtract.outer(a, b)).sum()))

    other = stats.permutation_test(
        (x, y), distance, vectorized=False, n_resamples=10**6, alternative="greater"
    )
    assert mann_whitney(x, y).p == pytest.approx(other.pvalue, rel=1e-12)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="Rscript is not installed")
@pytest.mark.parametrize(
    ("x", "y"),
    [(AT_TERM, EARLY), likert_sample(2, 400)],
    ids=["exact without ties", "asymptotic with ties"],
)
def test_p_equals_that_of_r(x: list[float], y: list[float]) -> None:
    script = f"cat(format(wilcox.test(c({str(x)[1:-1]}), c({str(y)[1:-1]}))$p.value, digits=15))"
    printed = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True)

    assert mann_whitney(x, y).p == pytest.approx(float(printed.stdout), rel=1e-9)


@given(likert, likert)
def test_swapping_the_groups_mirrors_the_effect_and_keeps_p(x: list[int], y: list[int]) -> None:
    one, other = mann_whitney(x, y), mann_whitney(y, x)

    assert one.p == other.p
    assert one.u is not None
    assert other.u == len(x) * len(y) - one.u
    assert one.cliffs_delta is not None
    assert other.cliffs_delta == -one.cliffs_delta
    shift = hodges_lehmann(x, y)
    assert shift is not None
    assert hodges_lehmann(y, x) == -shift


@given(likert, likert)
def test_a_monotone_transform_changes_nothing(x: list[int], y: list[int]) -> None:
    transformed = mann_whitney([math.exp(v) for v in x], [math.exp(v) for v in y])

    assert transformed == mann_whitney(x, y)


@given(likert, likert)
def test_effect_sizes_count_the_pairs(x: list[int], y: list[int]) -> None:
    result = mann_whitney(x, y)

    larger = sum(a > b for a, b in product(x, y))
    smaller = sum(a < b for a, b in product(x, y))
    pairs = len(x) * len(y)
    assert result.u == larger + (pairs - larger - smaller) / 2
    assert result.superiority == pytest.approx(result.u / pairs)
    assert result.cliffs_delta == pytest.approx((larger - smaller) / pairs)


def test_the_whole_distribution_sums_to_one_where_x_is_in_the_middle() -> None:
    assert mann_whitney([2, 3], [1, 4]).p == 1.0


def test_equal_values_leave_p_undefined_and_the_effect_zero() -> None:
    result = mann_whitney([3, 3, 3], [3, 3])

    assert (result.p, result.method, result.undefined) == (None, None, "no_variation")
    assert (result.u, result.superiority, result.cliffs_delta) == (3.0, 0.5, 0.0)


@pytest.mark.parametrize(("x", "y"), [([], [1, 2]), ([1, 2], []), ([], [])])
def test_an_empty_group_leaves_everything_undefined(x: list[int], y: list[int]) -> None:
    result = mann_whitney(x, y)

    assert (result.n_x, result.n_y, result.undefined) == (len(x), len(y), "empty_group")
    assert (result.u, result.p, result.superiority, result.cliffs_delta) == (None,) * 4
    assert hodges_lehmann(x, y) is None


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_value_that_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        mann_whitney([1, bad], [2, 3])


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.01, 0.02, 0.03, 0.04, 0.05], [0.05, 0.08, 0.09, 0.09, 0.09]),
        ([0.6, 0.7], [1.0, 1.0]),
    ],
)
def test_holm_gives_the_textbook_values(p_values: list[float], adjusted: list[float]) -> None:
    result = holm({f"EQ{i}": p for i, p in enumerate(p_values)})

    assert list(result.values()) == pytest.approx(adjusted)


def test_holm_leaves_undefined_tests_out_of_the_count() -> None:
    result = holm({"EQ1": 0.01, "EQ2": None, "EQ3": 0.03})

    assert result == {"EQ1": pytest.approx(0.02), "EQ2": None, "EQ3": pytest.approx(0.03)}
    assert list(result) == ["EQ1", "EQ2", "EQ3"]


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.floats(0.001, 0.2))
def test_holm_rejects_what_the_step_down_procedure_rejects(ps: list[float], alpha: float) -> None:
    adjusted = holm({str(i): p for i, p in enumerate(ps)})

    rejected: set[str] = set()
    for step, (p, name) in enumerate(sorted((p, str(i)) for i, p in enumerate(ps))):
        if (len(ps) - step) * p > alpha:
            break
        rejected.add(name)
    assert {name for name, p in adjusted.items() if p is not None and p <= alpha} == rejected


def test_holm_refuses_what_is_not_a_probability() -> None:
    with pytest.raises(ValueError, match="EQ2"):
        holm({"EQ1": 0.5, "EQ2": math.nan})
