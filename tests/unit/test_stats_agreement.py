"""Agreement of raters: against krippendorff, pingouin and statsmodels, and what is undefined."""

import math

import krippendorff
import numpy as np
import pandas as pd
import pingouin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats as scipy_stats
from statsmodels.stats.inter_rater import cohens_kappa

from evaluation.stats.icc import FORMS, intraclass_correlations
from evaluation.stats.krippendorff import METRICS, Metric, krippendorff_alpha
from evaluation.stats.raters import (
    Weights,
    kappa_of_pairs,
    repeats,
    severities,
    weighted_kappa,
)

_ = math.nan
PINGOUIN_FORMS = ("ICC(1,1)", "ICC(A,1)", "ICC(C,1)", "ICC(1,k)", "ICC(A,k)", "ICC(C,k)")
WEIGHTS: tuple[Weights, ...] = ("linear", "quadratic")

likert = arrays(
    np.int64, st.tuples(st.integers(2, 8), st.integers(2, 5)), elements=st.integers(1, 5)
)
gaps = st.integers(0, 2**40 - 1)


def seeded() -> np.random.Generator:
    return np.random.default_rng(1)


def with_gaps(scores: np.ndarray, which: int) -> np.ndarray:
    """About a quarter of the scores missing."""
    missing = np.random.default_rng(which).random(scores.shape) < 0.25
    return np.where(missing, math.nan, scores.astype(float))


@settings(max_examples=60)
@given(likert, gaps, st.sampled_from(METRICS))
def test_alpha_equals_that_of_the_package_krippendorff(
    complete: np.ndarray, which: int, metric: Metric
) -> None:
    scores = with_gaps(complete, which)

    found = krippendorff_alpha(scores, metric, seeded())

    paired = scores[(~np.isnan(scores)).sum(axis=1) >= 2]
    if not len(paired):
        assert (found.value, found.undefined) == (None, "no_pairs")
    elif len(np.unique(paired[~np.isnan(paired)])) == 1:
        assert (found.value, found.undefined) == (None, "no_variation")
    else:
        other = krippendorff.alpha(reliability_data=paired.T, level_of_measurement=metric)
        assert found.value == pytest.approx(other, abs=1e-12)


@given(likert)
def test_ordinal_alpha_is_interval_alpha_of_the_midranks(scores: np.ndarray) -> None:
    ranks = np.array(scipy_stats.rankdata(scores).reshape(scores.shape), np.float64)

    ordinal = krippendorff_alpha(scores.astype(float), "ordinal", seeded())

    assert ordinal.value == pytest.approx(krippendorff_alpha(ranks, "interval", seeded()).value)


def test_the_interval_of_alpha_holds_it_and_is_drawn_again_from_its_seed() -> None:
    scores = (
        np.random.default_rng(3).integers(1, 6, (12, 5)).astype(float) + np.arange(12.0)[:, None]
    )

    once, again = (krippendorff_alpha(scores, "ordinal", seeded()) for _ in range(2))

    assert once == again
    assert once.value is not None
    assert once.interval.low is not None
    assert once.interval.high is not None
    assert once.interval.low < once.value < once.interval.high


def test_the_bootstrap_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(60):
        quality = rng.normal(size=(40, 1))
        scores = quality + rng.normal(size=(40, 4))  # of infinitely many units, α = ½
        interval = krippendorff_alpha(scores, "interval", rng).interval
        assert interval.low is not None
        assert interval.high is not None
        covered += interval.low <= 0.5 <= interval.high
    assert covered >= 50


@pytest.mark.parametrize(
    ("scores", "value", "undefined", "interval"),
    [
        ([[1, 1], [2, 2], [3, 3]], 1.0, None, "perfect_agreement"),
        ([[1, _], [_, 2], [3, _]], None, "no_pairs", "too_few"),
        ([[2, 2], [2, 2]], None, "no_variation", "no_variation"),
        ([[1, 2], [_, 2]], 0.0, None, "too_few"),
        ([[3, 3], [3, 3], [3, 4]], 0.0, None, "unstable"),
    ],
)
def test_an_alpha_that_cannot_be_had_says_why(
    scores: list[list[float]], value: float | None, undefined: str | None, interval: str
) -> None:
    found = krippendorff_alpha(np.array(scores, float), "nominal", seeded())

    assert (found.value, found.undefined) == (value, undefined)
    assert (found.interval.low, found.interval.undefined) == (None, interval)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(6))
def test_the_six_correlations_and_intervals_equal_pingouins(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(1, 6, (6 + seed, 2 + seed % 4)) + rng.integers(0, 4, (6 + seed, 1))
    long = pd.DataFrame(
        [(row, column, score) for (row, column), score in np.ndenumerate(scores)],
        columns=["participant", "rater", "score"],
    )

    found = intraclass_correlations(scores.astype(float))

    other = pingouin.intraclass_corr(long, "participant", "rater", "score").set_index("Type")
    for form, name in zip(found.forms, PINGOUIN_FORMS, strict=True):
        assert form.value == pytest.approx(other.loc[name, "ICC"])
        if form.interval.undefined is None:
            bounds = (form.interval.low, form.interval.high)
            assert bounds == pytest.approx(tuple(other.loc[name, "CI95"]), abs=0.00501)
    assert found.form("icc_3_1").interval.undefined is None


@given(likert)
def test_a_correlation_is_at_most_one_inside_its_interval_and_never_nan(
    scores: np.ndarray,
) -> None:
    for form in intraclass_correlations(scores.astype(float)).forms:
        assert (form.value is None) == (form.undefined is not None)
        if form.value is not None:
            assert form.value <= 1
        if form.interval.undefined is None:
            assert form.interval.low is not None
            assert form.value is not None
            assert form.interval.high is not None
            assert form.interval.low <= form.value <= form.interval.high
        if form.value == 1:
            assert (np.ptp(scores - scores[:, :1], axis=0) == 0).all()


def test_correlations_use_the_participants_whom_every_rater_scored() -> None:
    scores = np.array([[1, 2], [3, 3], [4, 5], [5, _], [_, _]])

    found = intraclass_correlations(scores)

    assert (found.participants, found.raters, found.left_out) == (3, 2, 1)
    assert found.forms == intraclass_correlations(scores[:3]).forms


@pytest.mark.parametrize(
    ("scores", "undefined"),
    [
        ([[3, 3], [3, 3], [3, 3]], ["no_variation"] * 6),
        ([[3, 3]], ["too_few"] * 6),
        ([[3], [4]], ["too_few"] * 6),
        ([[1, 1], [2, 2], [3, 3]], [None] * 6),
        # participants and raters are alike on average: nothing is left to divide by
        ([[1, 2], [2, 1]], [None, "not_positive", None, *["not_positive"] * 3]),
    ],
)
def test_a_correlation_that_cannot_be_had_says_why(
    scores: list[list[float]], undefined: list[str | None]
) -> None:
    found = intraclass_correlations(np.array(scores, float))

    assert [form.undefined for form in found.forms] == undefined
    assert all(form.interval.undefined for form in found.forms)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=12),
    st.sampled_from(WEIGHTS),
)
def test_kappa_equals_that_of_statsmodels(pairs: list[tuple[int, int]], weights: Weights) -> None:
    table = np.zeros((5, 5))
    for a, b in pairs:
        table[a - 1, b - 1] += 1

    found = weighted_kappa(*map(list, zip(*pairs, strict=True)), weights=weights)

    if len({score for pair in pairs for score in pair}) == 1:
        assert (found.value, found.undefined) == (None, "no_variation")
    else:
        other = cohens_kappa(table, wt=weights, return_results=False)
        assert found.value == pytest.approx(float(other))


def test_every_pair_of_raters_is_compared_on_what_both_scored() -> None:
    scores = np.array([[1, 1, 5], [2, 2, _], [3, 3, 4], [4, 5, _]])

    pairs = kappa_of_pairs(scores)

    assert [(p.first, p.second, p.kappa.scores) for p in pairs] == [(0, 1, 4), (0, 2, 2), (1, 2, 2)]
    assert pairs[0].kappa == weighted_kappa([1, 2, 3, 4], [1, 2, 3, 5])


def test_severity_is_how_far_below_the_average_rater_one_scores() -> None:
    scores = np.array([[5, 4, 3], [4, 3, 2], [3, 2, 1.0]])

    assert [one.points for one in severities(scores)] == pytest.approx([-1, 0, 1])
    assert [one.mean for one in severities(scores)] == [4, 3, 2]


def test_severity_allows_for_which_participants_a_rater_met() -> None:
    quality, severity = np.array([1.0, 2, 3, 4, 5, 6]), np.array([-0.5, 0, 0.5])
    scores = quality[:, None] - severity
    scores[0, 2] = scores[5, 0] = scores[4, 0] = scores[1, 2] = math.nan

    assert [one.points for one in severities(scores)] == pytest.approx(severity.tolist())


def test_severity_is_unknown_where_nothing_connects_the_raters() -> None:
    apart = severities(np.array([[1, _], [2, _], [_, 3], [_, 4]]))

    assert [(one.points, one.scores) for one in apart] == [(None, 2), (None, 2)]
    assert severities(np.empty((3, 0))) == ()


def test_repeats_say_how_far_a_rater_agrees_with_themselves() -> None:
    found = repeats([1, 3, 4, 5], [1, 4, 4, 3])

    assert (found.pairs, found.identical, found.mean_difference) == (4, 0.5, 0.75)
    assert found.kappa == weighted_kappa([1, 3, 4, 5], [1, 4, 4, 3])
    assert repeats([], []).identical is None


def test_raters_of_different_things_are_refused() -> None:
    with pytest.raises(ValueError, match="same things"):
        weighted_kappa([1, 2], [1])


def test_all_forms_have_a_name() -> None:
    assert [form.form for form in intraclass_correlations(np.eye(3)).forms] == list(FORMS)
