"""From ratings to results: who counts as one value, and what is missing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from evaluation.stats.ranksum import mann_whitney
from evaluation.stats.units import Comparison, ScoreRow, as_in_the_paper, compare, participant_means

RATERS = ("r1", "r2", "r3", "r4", "r5")


def ratings(
    condition: str, scores: Mapping[str, Sequence[int]], criterion: str = "EQ1"
) -> list[ScoreRow]:
    """One row per score; the raters are r1, r2, … in order."""
    return [
        ScoreRow(participant, condition, rater, criterion, score)
        for participant, given in scores.items()
        for rater, score in zip(RATERS, given, strict=False)
    ]


def study(criterion: str, duetml: Iterable[int], baseline: Iterable[int]) -> list[ScoreRow]:
    """Five raters who agree on every participant."""
    return [
        *ratings("duetml", {f"d{i}": [s] * 5 for i, s in enumerate(duetml)}, criterion),
        *ratings("baseline", {f"b{i}": [s] * 5 for i, s in enumerate(baseline)}, criterion),
    ]


def test_the_participant_is_the_unit_of_the_primary_analysis() -> None:
    rows = study("EQ1", [4, 4, 5, 5, 5, 5], [1, 2, 2, 3, 3, 3])

    comparison = compare(rows, "duetml", "baseline", ["EQ1"])

    (result,) = comparison.rows
    assert comparison.unit == "participant"
    assert (result.treatment.n, result.control.n, result.treatment.ratings) == (6, 6, 30)
    assert result.test == mann_whitney([4, 4, 5, 5, 5, 5], [1, 2, 2, 3, 3, 3])
    assert result.p_holm == result.test.p == pytest.approx(2 / 924)
    assert result.interval is not None
    assert result.interval.high == 1


def test_pooling_counts_every_rater_and_finds_more_than_there_is() -> None:
    rows = study("EQ1", [4, 2, 5, 3, 5, 4], [3, 2, 4, 3, 5, 1])

    pooled = as_in_the_paper(rows, "duetml", "baseline", ["EQ1"])

    (result,) = pooled.rows
    (primary,) = compare(rows, "duetml", "baseline", ["EQ1"]).rows
    assert (pooled.unit, result.treatment.n, result.control.n) == ("pooled", 30, 30)
    assert (result.p_holm, result.interval) == (None, None)
    assert result.test.superiority == primary.test.superiority
    assert result.test.p is not None
    assert primary.test.p is not None
    assert result.test.p < primary.test.p / 5


def test_holm_runs_over_the_criteria_of_the_comparison() -> None:
    rows = [
        *study("EQ1", [4, 4, 5, 5, 5, 5], [1, 2, 2, 3, 3, 3]),
        *study("EQ2", [4, 4, 5, 5, 5, 2], [1, 2, 2, 3, 3, 3]),
        *study("EQ3", [3] * 6, [3] * 6),
    ]

    first, second, third = compare(rows, "duetml", "baseline", ["EQ1", "EQ2", "EQ3"]).rows

    assert first.p_holm == pytest.approx(2 * 2 / 924)
    assert second.p_holm == second.test.p
    assert (third.test.p, third.p_holm, third.test.undefined) == (None, None, "no_variation")


def test_a_missing_rating_leaves_the_mean_of_the_others() -> None:
    rows = ratings("duetml", {"d1": [5, 4], "d2": [3, 3, 3, 3, 4]})

    means = participant_means(rows)

    assert [(m.participant, m.mean, m.ratings) for m in means] == [("d1", 4.5, 2), ("d2", 3.2, 5)]


def test_equal_means_of_different_numbers_of_raters_tie() -> None:
    rows = [
        *ratings("duetml", {"d1": [3, 3, 4], "d2": [5, 5]}),
        *ratings("baseline", {"b1": [1, 1], "b2": [2, 2]}),
    ]
    rows += [ScoreRow("b1", "baseline", f"more{i}", "EQ1", s) for i, s in enumerate([5, 5, 4, 4])]

    (result,) = compare(rows, "duetml", "baseline", ["EQ1"]).rows

    assert result.test.ties
    assert (result.control.ratings, result.test.u) == (8, 3.5)


def test_each_condition_is_described_in_its_unit() -> None:
    rows = [
        *ratings("duetml", {"d1": [1, 3], "d2": [4, 4], "d3": [5, 5], "d4": [3, 3]}),
        *ratings("baseline", {"b1": [2, 2], "b2": [1, 2]}),
    ]

    (result,) = compare(rows, "duetml", "baseline", ["EQ1"]).rows

    assert (result.treatment.mean, result.treatment.median) == (3.5, 3.5)
    assert (result.treatment.q1, result.treatment.q3) == (2.75, 4.25)
    assert (result.control.condition, result.control.median) == ("baseline", 1.75)
    assert result.shift == 1.75


def test_a_criterion_nobody_rated_is_reported_as_empty() -> None:
    rows = study("EQ1", [4, 5], [1, 2])

    _, missing = compare(rows, "duetml", "baseline", ["EQ1", "EQ2"]).rows

    assert (missing.test.undefined, missing.p_holm, missing.shift) == ("empty_group", None, None)
    assert (missing.treatment.n, missing.treatment.median, missing.treatment.q1) == (0, None, None)


def test_other_conditions_and_criteria_change_nothing() -> None:
    rows = study("EQ1", [4, 5, 3], [1, 2, 3])
    pilot = ratings("pilot", {"p1": [5, 5], "d0": [1, 2]})
    others = [*pilot, *pilot, *study("EQ9", [1, 1], [5, 5])]

    mixed = compare([*rows, *others], "duetml", "baseline", ["EQ1"])

    assert mixed == compare(rows, "duetml", "baseline", ["EQ1"])


def test_swapping_treatment_and_control_mirrors_the_effect() -> None:
    rows = study("EQ1", [4, 5, 3, 3], [1, 2, 3, 4])

    (one,) = compare(rows, "duetml", "baseline", ["EQ1"]).rows
    (other,) = compare(rows, "baseline", "duetml", ["EQ1"]).rows

    assert (one.test.p, one.shift) == (other.test.p, -(other.shift or 0))
    assert one.test.cliffs_delta == -(other.test.cliffs_delta or 0) == 0.5625


@pytest.mark.parametrize("analyse", [compare, as_in_the_paper])
def test_rows_that_contradict_themselves_are_refused(analyse: Callable[..., Comparison]) -> None:
    rows = study("EQ1", [4], [1])
    moved = replace(rows[0], condition="baseline", rater="r9")

    with pytest.raises(ValueError, match="scored EQ1 of participant d0 twice"):
        analyse([*rows, rows[0]], "duetml", "baseline", ["EQ1"])
    with pytest.raises(ValueError, match="d0 appears in two conditions"):
        analyse([*rows, moved], "duetml", "baseline", ["EQ1"])


def test_questions_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="both duetml"):
        compare([], "duetml", "duetml", ["EQ1"])
    with pytest.raises(ValueError, match="named twice"):
        compare([], "duetml", "baseline", ["EQ1", "EQ1"])


def test_without_an_effect_pooling_finds_one_too_often_and_the_exact_test_does_not() -> None:
    rng, found, studies = np.random.default_rng(6), {"participant": 0, "pooled": 0}, 400
    for _ in range(studies):
        quality = rng.normal(0, 0.3**0.5, (12, 1)) + rng.normal(0, 0.7**0.5, (12, 5))
        scores = np.clip(np.round(3 + quality), 1, 5).astype(int).tolist()
        rows = [
            *ratings("duetml", {f"d{i}": given for i, given in enumerate(scores[:6])}),
            *ratings("baseline", {f"b{i}": given for i, given in enumerate(scores[6:])}),
        ]
        for analyse in (compare, as_in_the_paper):
            comparison = analyse(rows, "duetml", "baseline", ["EQ1"])
            p = comparison.rows[0].test.p
            found[comparison.unit] += p is not None and p <= 0.05

    assert found["participant"] / studies < 0.07
    assert found["pooled"] / studies > 0.1
