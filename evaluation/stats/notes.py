"""What has to be said beside the numbers of an analysis, in sentences.

Whatever is undefined has a sentence here that says why, and every interval one that names its
method.
"""

from collections.abc import Iterator, Sequence

from evaluation.stats.analysis import CriterionAnalysis
from evaluation.stats.design import reachable_p
from evaluation.stats.icc import Form
from evaluation.stats.interval import Interval
from evaluation.stats.ranksum import RankSum
from evaluation.stats.sensitivity import (
    AS_IN_THE_PAPER,
    BRUNNER_MUNZEL,
    IN_BLOCKS,
    WITHOUT_RATER,
    InBlocks,
)

LEVEL = 0.05
MOST_SHOWN = 10  # raters named one by one


def notes(
    one: CriterionAnalysis, dropped: int, family: Sequence[CriterionAnalysis]
) -> Iterator[str]:
    """``dropped``: rows of the criterion without a score; ``family``: what Holm counted."""
    yield from _about_rows(one, dropped)
    yield from _about_test(one, family)
    yield from _about_effects(one)
    yield from _about_agreement(one)
    yield from _about_sensitivity(one)


def p_value(p: float) -> str:
    """Three significant digits; tiny ones as powers of ten."""
    return f"{p:.3g}"


def _about_rows(one: CriterionAnalysis, dropped: int) -> Iterator[str]:
    if dropped:
        yield (
            "1 row with a missing score was dropped."
            if dropped == 1
            else f"{dropped} rows with a missing score were dropped."
        )
    for condition, n in (
        (one.control, one.primary.test.n_y),
        (one.treatment, one.primary.test.n_x),
    ):
        if not n:
            yield f"{condition} has no scores, so the conditions cannot be compared."


def _about_test(one: CriterionAnalysis, family: Sequence[CriterionAnalysis]) -> Iterator[str]:
    test = one.primary.test
    if test.undefined == "no_variation":
        yield (
            "All participants have the same mean score: there is nothing to test, and p_exact,"
            " p_holm and a_ci are undefined."
        )
    if test.p is None:
        return
    if test.method == "asymptotic":
        yield (
            f"p_exact is undefined, since {test.n_y} and {test.n_x} participants are too many"
            " to count every division; p_holm builds on the normal approximation,"
            f" p = {p_value(test.p)}."
        )
    else:
        yield (
            "p_exact is the exact conditional rank-sum test of the participants' mean scores"
            f" (ties by mid-ranks); U is that of {one.treatment}."
        )
    tests = sum(other.primary.test.p is not None for other in family)
    yield f"p_holm is adjusted for {tests} {'test' if tests == 1 else 'tests'} by Holm's method."
    smallest, of_family = (reachable_p(test.n_x, test.n_y, number) for number in (1, tests))
    if of_family > LEVEL:
        yield (
            f"With {test.n_y} and {test.n_x} participants p_exact cannot be below"
            f" {p_value(smallest)}, nor the smallest p_holm below {p_value(of_family)}."
        )


def _about_effects(one: CriterionAnalysis) -> Iterator[str]:
    primary, test = one.primary, one.primary.test
    if test.superiority in (0, 1):
        side = "above" if test.superiority else "below"
        yield (
            f"The groups are completely separated: every participant of {one.treatment} lies {side}"
            f" every participant of {one.control}."
        )
    superiority = primary.superiority
    if superiority.low is not None and superiority.high is not None:
        delta = _bounds(2 * superiority.low - 1, 2 * superiority.high - 1)
        yield (
            f"a_ci is a {100 * superiority.level:g} % interval by {superiority.method}; that of"
            f" cliffs_delta follows from it, {delta}."
        )
    if primary.shift is None and test.u is not None:
        yield "hodges_lehmann is undefined: there are too many different values to compare."
    if test.u is not None:
        yield from _interval_note("hodges_lehmann", primary.shift, primary.shift_interval)


def _about_agreement(one: CriterionAnalysis) -> Iterator[str]:
    alpha, icc = one.agreement.alpha_of("ordinal"), one.agreement.icc
    if alpha.undefined == "no_pairs":
        yield "alpha_ordinal is undefined: no participant has the scores of two raters."
    elif alpha.undefined == "no_variation":
        yield "alpha_ordinal is undefined: all scores are the same."
    else:
        yield from _interval_note(
            "alpha_ordinal", alpha.value, alpha.interval, f", seed {one.agreement.seed}"
        )
    if icc.left_out:
        people = "participant" if icc.left_out == 1 else "participants"
        yield f"{icc.left_out} {people} without the scores of all raters left out of the ICCs."
    forms: tuple[Form, ...] = ("icc_2_1", "icc_2_k")
    for name in forms:
        form = icc.form(name)
        if form.undefined == "too_few":
            yield f"{name} is undefined: it needs two participants scored by all of two raters."
        elif form.undefined == "no_variation":
            yield f"{name} is undefined: all scores are the same."
        elif form.undefined == "not_positive":
            yield f"{name} is undefined: the variance it divides by is estimated as not positive."
        else:
            yield from _interval_note(name, form.value, form.interval)


def _about_sensitivity(one: CriterionAnalysis) -> Iterator[str]:
    if one.pooled.p is None and one.pooled.u is not None:
        yield "pooled_p is undefined: all scores are the same."
    yield f"pooled_u and pooled_p, {AS_IN_THE_PAPER} (normal approximation, continuity-corrected)."
    if one.primary.test.u is None:
        return
    yield f"Sensitivity, {BRUNNER_MUNZEL}: {_brunner_munzel(one)}."
    if one.without_rater:
        shown = ", ".join(
            f"{_p_of(without.test)} without {without.rater}" for without in one.without_rater[:10]
        )
        more = f" and {len(one.without_rater) - 10} more" if len(one.without_rater) > 10 else ""
        yield f"Sensitivity, {WITHOUT_RATER}: {shown}{more}."
    if one.blocks is not None:
        yield f"Sensitivity, {IN_BLOCKS}: {_in_blocks(one.blocks)}."


def _brunner_munzel(one: CriterionAnalysis) -> str:
    found = one.primary.brunner_munzel
    if found.p is not None:
        return f"t({found.freedom:.1f}) = {found.statistic:.2f}, p = {p_value(found.p)}"
    return {
        "too_few": "undefined, a condition has fewer than two participants",
        "no_variation": "undefined, all participants have the same mean score",
        "complete_separation": "undefined, the groups are completely separated",
        None: "",
    }[found.undefined]


def _in_blocks(found: InBlocks) -> str:
    if found.p is not None:
        return (
            f"p = {p_value(found.p)} ({found.participants} participants in {found.blocks} blocks)"
        )
    return {
        "no_mixed_block": "undefined, no block holds both conditions",
        "no_variation": "undefined, no block has different values",
        "too_large": "undefined, the blocks are too large to count",
        None: "",
    }[found.undefined]


def _p_of(test: RankSum) -> str:
    if test.p is None:
        return "undefined"
    return f"p = {p_value(test.p)}" + (" (approximate)" if test.method == "asymptotic" else "")


def _interval_note(
    name: str, value: float | None, interval: Interval, more: str = ""
) -> Iterator[str]:
    if value is None:
        return
    level = f"{100 * interval.level:g} %"
    if interval.low is not None and interval.high is not None:
        bounds = _bounds(interval.low, interval.high)
        yield f"{name}: {level} interval {bounds}, by {interval.method}{more}."
    else:
        why = {
            "empty_group": "a condition has no scores",
            "too_few": "there are too few participants",
            "no_variation": "the scores do not vary",
            "perfect_agreement": "the raters agree perfectly, which leaves no error to estimate",
            "too_large": "there are too many different values",
            "unstable": "the data do not determine its bounds",
            None: "",
        }[interval.undefined]
        yield f"{name}: the {level} interval ({interval.method}) is undefined, since {why}."


def _bounds(low: float, high: float) -> str:
    return f"[{low:.3g}, {high:.3g}]"
