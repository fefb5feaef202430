"""The whole analysis of a study, and what is said of it."""

import json
import random
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pytest

from evaluation.stats import analysis, ranksum
from evaluation.stats.analysis import agreement, analyse
from evaluation.stats.contrast import contrasts
from evaluation.stats.interval import shift_interval, superiority_interval
from evaluation.stats.long_table import LongTable, Rating, read
from evaluation.stats.ranksum import holm, mann_whitney
from evaluation.stats.report import CriterionReport, lines, report
from evaluation.stats.units import ScoreRow, as_in_the_paper, compare

FIELDS = ["criterion", "n", "u", "u_of", "p_exact", "p_holm", "a", "a_ci", "cliffs_delta"]
FIELDS += ["hodges_lehmann", "pooled_u", "pooled_p", "alpha_ordinal", "icc_2_1", "icc_2_k", "notes"]


def study(seed: int = 1, criteria: int = 3, each: int = 6, raters: int = 5) -> list[ScoreRow]:
    """Random scores, the first criterion a point better with duetml."""
    rng = random.Random(seed)
    rows = []
    for condition in ("duetml", "baseline"):
        for person in range(each):
            for number in range(1, criteria + 1):
                quality = 3 + rng.gauss(0, 0.7) + (condition == "duetml" and number == 1)
                for rater in range(1, raters + 1):
                    score = min(5, max(1, round(quality + rng.gauss(0, 0.7))))
                    code = f"{condition[0]}{person}"
                    rows.append(ScoreRow(code, condition, f"R{rater}", f"EQ{number}", score))
    return rows


def table(rows: Iterable[ScoreRow], gaps: Iterable[int] = ()) -> LongTable:
    left_out = set(gaps)
    written = "".join(
        f"{r.participant},{r.condition},{r.rater},{r.criterion},"
        f"{'' if place in left_out else r.score}\n"
        for place, r in enumerate(rows)
    )
    return read(f"participant,condition,rater,criterion,score\n{written}".encode())


def of_scores(duetml: list[list[int]], baseline: list[list[int]]) -> list[ScoreRow]:
    """One list per participant: the raters' scores, None for nothing."""
    return [
        ScoreRow(f"{condition[0]}{person}", condition, f"R{rater}", "EQ1", score)
        for condition, people in (("duetml", duetml), ("baseline", baseline))
        for person, scores in enumerate(people)
        for rater, score in enumerate(scores)
    ]


def only(rows: Iterable[ScoreRow]) -> CriterionReport:
    (one,) = report(table(rows))
    return one


def noted(one: CriterionReport, words: str) -> bool:
    return any(words in note for note in one.notes)


def test_the_analysis_agrees_with_the_two_units_of_analysis() -> None:
    rows, keys = study(), ["EQ1", "EQ2", "EQ3"]

    found = analyse(rows, "duetml", "baseline", keys)

    participant = compare(rows, "duetml", "baseline", keys)
    pooled = as_in_the_paper(rows, "duetml", "baseline", keys)
    for one, first, second in zip(found, participant.rows, pooled.rows, strict=True):
        assert one.primary.test == first.test
        assert (one.primary.p_holm, one.primary.shift) == (first.p_holm, first.shift)
        assert one.pooled == second.test


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = study()
    shuffled = random.Random(2).sample(rows, len(rows))

    assert report(table(shuffled)) == report(table(rows))


def test_another_name_of_the_conditions_mirrors_the_effects() -> None:
    rows = study()
    swapped = [
        replace(row, condition="z-baseline") if row.condition == "baseline" else row for row in rows
    ]

    for one, other in zip(report(table(rows)), report(table(swapped)), strict=True):
        assert (one.u_of, other.u_of) == ("duetml", "z-baseline")
        assert one.a is not None
        assert one.cliffs_delta is not None
        assert one.hodges_lehmann is not None
        assert other.a == pytest.approx(1 - one.a)
        assert other.cliffs_delta == pytest.approx(-one.cliffs_delta)
        assert other.hodges_lehmann == pytest.approx(-one.hodges_lehmann)
        assert (other.p_exact, other.alpha_ordinal) == (one.p_exact, one.alpha_ordinal)


def test_blocks_are_used_where_they_are_known() -> None:
    rows = study(criteria=1)
    block_of = {row.participant: f"block {int(row.participant[1]) // 2}" for row in rows}

    (without,) = analyse(rows, "duetml", "baseline", ["EQ1"])
    (found,) = analyse(rows, "duetml", "baseline", ["EQ1"], block_of)

    assert without.blocks is None
    assert found.blocks is not None
    assert (found.blocks.blocks, found.blocks.participants) == (3, 12)
    assert found.blocks.p != found.primary.test.p


def test_measures_without_raters_are_compared_in_the_same_way() -> None:
    family = {
        "SUS": ([80.0, 75, 90, 85], [60.0, 70, 65, 72.5]),
        "TLX": ([30.0, 40, 20], [35.0, 30, 50]),
    }

    found = contrasts(family)

    assert {name: one.test for name, one in found.items()} == {
        name: mann_whitney(*groups) for name, groups in family.items()
    }
    assert {name: one.p_holm for name, one in found.items()} == holm(
        {name: one.test.p for name, one in found.items()}
    )
    assert found["SUS"].superiority == superiority_interval(*family["SUS"])
    assert found["SUS"].shift_interval == shift_interval(*family["SUS"])


def test_agreement_refuses_a_table_that_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "LARGEST_TABLE", 10)

    with pytest.raises(ValueError, match="12 participants by 5 raters are too many"):
        agreement(study(criteria=1))


def test_the_json_has_the_fields_in_their_order_and_no_nan() -> None:
    found = [one.as_dict() for one in report(table(study(), gaps=[3]))]

    assert [list(one) for one in found] == [FIELDS] * 3
    assert json.loads(json.dumps(found, allow_nan=False))
    assert [one["criterion"] for one in found] == ["EQ1", "EQ2", "EQ3"]
    assert list(report(table(study()))[0].n.items()) == [("baseline", 6), ("duetml", 6)]


def test_the_last_condition_by_name_is_compared_with_the_first() -> None:
    one = only(of_scores([[5, 5], [4, 4], [5, 4]], [[1, 2], [2, 2], [1, 1]]))

    assert (one.u_of, one.u, one.a, one.cliffs_delta) == ("duetml", 9, 1, 1)
    assert one.p_exact == pytest.approx(0.1)
    assert one.hodges_lehmann == 3
    assert noted(one, "every participant of duetml lies above every participant of baseline")
    assert noted(one, "p_exact cannot be below 0.1")
    assert noted(one, "hodges_lehmann: the 95 % interval")
    assert noted(one, "Brunner–Munzel test (allows different spreads): undefined")


def test_missing_scores_are_dropped_with_a_note_and_means_are_over_the_rest() -> None:
    rows = study(criteria=1)

    one = report(table(rows, gaps=[0, 1, 2, 3, 4, 7]))[0]

    assert one.n == {"baseline": 6, "duetml": 5}  # all five scores of d0 are missing
    assert noted(one, "6 rows with a missing score were dropped.")
    assert noted(one, "1 participant without the scores of all raters left out of the ICCs.")
    assert noted(report(table(rows, gaps=[3]))[0], "1 row with a missing score was dropped.")


def test_no_variation_is_null_with_a_note_each() -> None:
    one = only(of_scores([[3, 3]] * 4, [[3, 3]] * 4))

    assert (one.u, one.a, one.cliffs_delta, one.hodges_lehmann) == (8, 0.5, 0, 0)
    undefined = (one.p_exact, one.p_holm, one.a_ci, one.pooled_p)
    assert undefined == (None,) * 4
    assert (one.alpha_ordinal, one.icc_2_1, one.icc_2_k) == (None,) * 3
    for words in (
        "p_exact, p_holm and a_ci are undefined",
        "pooled_p is undefined",
        "alpha_ordinal is undefined",
        "icc_2_1 is undefined",
        "icc_2_k is undefined",
    ):
        assert noted(one, words)


def test_equal_means_over_different_scores_leave_only_the_test_undefined() -> None:
    one = only(of_scores([[2, 4], [4, 2], [3, 3]], [[3, 3], [2, 4], [4, 2]]))

    assert (one.p_exact, one.icc_2_k) == (None, None)
    assert one.pooled_p is not None
    assert one.alpha_ordinal is not None
    assert noted(one, "icc_2_k is undefined: the variance it divides by")


def test_a_condition_without_scores_leaves_nothing_to_compare() -> None:
    rows = of_scores([[5, 4], [4, 4]], [[1, 2]])

    (one,) = report(table(rows, gaps=[4, 5]))

    assert one.n == {"baseline": 0, "duetml": 2}
    assert (one.u, one.p_exact, one.p_holm, one.a, one.a_ci) == (None,) * 5
    assert (one.cliffs_delta, one.hodges_lehmann, one.pooled_u, one.pooled_p) == (None,) * 4
    assert noted(one, "baseline has no scores, so the conditions cannot be compared.")


def test_one_rater_leaves_agreement_undefined_and_the_test_defined() -> None:
    one = only(of_scores([[5], [4], [5]], [[1], [2], [1]]))

    assert one.p_exact is not None
    assert (one.alpha_ordinal, one.icc_2_1) == (None, None)
    assert noted(one, "alpha_ordinal is undefined: no participant has the scores of two raters.")
    assert not noted(one, "without one rater")


def test_perfect_agreement_is_one_on_purpose_without_an_interval() -> None:
    one = only(of_scores([[5, 5], [4, 4], [3, 3]], [[1, 1], [2, 2], [3, 3]]))

    assert (one.alpha_ordinal, one.icc_2_1, one.icc_2_k) == (1, 1, 1)
    assert noted(one, "is undefined, since the raters agree perfectly")


def test_groups_too_large_to_count_leave_p_exact_undefined_and_say_what_holm_builds_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ranksum, "LARGEST_EXACT_COUNT", 0)

    one = only(study(criteria=1))

    assert one.p_exact is None
    assert one.p_holm is not None
    assert noted(one, "6 and 6 participants are too many to count every division")


def test_every_number_that_is_null_has_a_note_that_names_it_or_its_group() -> None:
    reports = [
        *report(table(study(), gaps=range(0, 90, 7))),
        only(of_scores([[3, 3]] * 2, [[3, 3]] * 2)),
        only(of_scores([[1]], [[2]])),
    ]

    for one in reports:
        for name, value in one.as_dict().items():
            assert value is not None or noted(one, name)


def test_every_interval_names_its_method_and_the_pooled_test_its_label() -> None:
    one = report(table(study()))[0]

    assert noted(one, "a_ci is a 95 % interval by Newcombe (2006), method 5")
    assert noted(one, "hodges_lehmann: 95 % interval [")
    assert noted(one, "alpha_ordinal: 95 % interval [")
    assert noted(one, "2,000 resamples, percentiles, seed 20241118")
    assert noted(one, "icc_2_1: 95 % interval [")
    assert noted(one, "as in the paper: treats dependent ratings as independent")
    assert noted(one, "p_holm is adjusted for 3 tests by Holm's method.")


def test_the_readable_table_shows_the_same_numbers() -> None:
    reports = report(table(study()))

    shown = list(lines(reports))

    assert shown[0] == "duetml compared with baseline: effects are duetml minus baseline."
    for one, line in zip(reports, shown[3:6], strict=True):
        cells = line.split()
        assert cells[:4] == [one.criterion, "6", "/", "6"]
        assert float(cells[4]) == one.u
        assert float(cells[5]) == pytest.approx(one.p_exact, rel=0.01)
        assert float(cells[-1]) == pytest.approx(one.icc_2_k, abs=0.001)
    assert all(f"- {note}" in shown for one in reports for note in one.notes)


def test_decimal_scores_are_averaged_exactly() -> None:
    rows = [
        Rating(f"{condition}{person}", condition, rater, "E", Fraction(score, 10))
        for condition, people in (("a", [(1, 2, 3), (2, 2, 2)]), ("b", [(3, 1, 2), (4, 4, 4)]))
        for person, scores in enumerate(people)
        for rater, score in zip("xyz", scores, strict=True)
    ]

    (found,) = analyse(rows, "b", "a", ["E"])

    assert found.primary.test == mann_whitney([2, 4], [2, 2])
