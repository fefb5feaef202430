"""Published values, each with its source: what the statistics must agree with.

Where a value is printed with few digits, it is compared in those.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest

from evaluation.stats.blinding import Guess, bang, james
from evaluation.stats.design import noether_total
from evaluation.stats.icc import FORMS, intraclass_correlations, mean_squares
from evaluation.stats.interval import shift_interval
from evaluation.stats.krippendorff import Metric, krippendorff_alpha
from evaluation.stats.ranksum import (
    hodges_lehmann,
    holm,
    mann_whitney,
    mann_whitney_approximate,
)
from evaluation.stats.raters import weighted_kappa
from evaluation.stats.scales import cronbach_alpha
from evaluation.stats.sensitivity import brunner_munzel
from study.rules.scoring import sus

_ = math.nan

# Mehta & Patel, StatXact manual: systolic blood pressure, 4 treated, 11 controls, with ties.
TREATED = [94, 108, 110, 90]
CONTROLS = [80, 94, 85, 90, 90, 90, 108, 94, 78, 105, 88]
# Hollander & Wolfe (1973), p. 69: permeability of the chorioamnion, no ties.
AT_TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
EARLY = [1.15, 0.88, 0.90, 0.74, 1.21]
# R's airquality: ozone in May and in August 1973, without the missing days.
MAY = [41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18]
MAY += [14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37]
AUGUST = [39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22]
AUGUST += [59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85]
# Brunner & Munzel (2000): pain scores on the third day after surgery.
PAIN_TREATED = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
PAIN_CONTROL = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]
# Hogarty & Kromrey (1999), as in the manual of R's effsize.
ORDINAL_TREATMENT = [10, 10, 20, 20, 20, 30, 30, 30, 40, 50]
ORDINAL_CONTROL = [10, 20, 30, 40, 40, 50]
# Shrout & Fleiss (1979), table 2: six targets, four judges.
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)
# Krippendorff (2011), section C: twelve units, four observers.
RELIABILITY = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
).T
# Krippendorff (2011), sections A and B: two observers, binary and nominal (letters as numbers).
BINARY = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]], float).T
NOMINAL = np.array([[ord(c) for c in word] for word in ("aabbdcccedda", "babbbccceddd")], float).T
# R's irr, data set anxiety: twenty subjects, three raters.
ANXIETY = np.array(
    [
        [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3],
        [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4],
        [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2],
    ],
    float,
).T
# irr counts the categories in use: raters 2 and 3 never gave a 5, so their 6 is the fifth.
RATERS_2_AND_3 = np.minimum(ANXIETY[:, 1:], 5).T.tolist()
# Bang, Ni & Davis (2004), table 7: the CRISP trial (condition, guess, how many).
CRISP = [
    Guess(condition, guess)
    for condition, guess, people in [
        ("drug", "drug", 82),
        ("drug", "placebo", 25),
        ("drug", None, 170),
        ("placebo", "drug", 27),
        ("placebo", "placebo", 29),
        ("placebo", None, 83),
    ]
    for person in range(people)
]

# Largest U with a two-sided exact p of at most .05 or .01, n against n without ties: the tables of
# Auble (1953), as in Siegel & Castellan (1988) and every textbook.
CRITICAL_05 = {4: 0, 5: 2, 6: 5, 7: 8, 8: 13, 9: 17, 10: 23, 11: 30, 12: 37, 13: 45, 14: 55}
CRITICAL_05 |= {15: 64, 16: 75, 17: 87, 18: 99, 19: 113, 20: 127}
CRITICAL_01 = {5: 0, 6: 2, 7: 4, 8: 7, 9: 11, 10: 16, 12: 27, 15: 51, 20: 105}


def with_u(n: int, u: int) -> tuple[list[int], list[int]]:
    """n different numbers against n others, of which x exceeds y in u pairs."""
    x = list(range(n))
    for place in reversed(range(n)):
        step = min(u, n)
        x[place] += step
        u -= step
    return x, sorted(set(range(2 * n)) - set(x))


@pytest.mark.parametrize(
    ("level", "n", "critical"),
    [(0.05, n, u) for n, u in CRITICAL_05.items()] + [(0.01, n, u) for n, u in CRITICAL_01.items()],
)
def test_the_critical_values_of_u_are_those_of_the_tables(
    level: float, n: int, critical: int
) -> None:
    significant, next_one = (mann_whitney(*with_u(n, u)) for u in (critical, critical + 1))

    assert (significant.u, next_one.u) == (critical, critical + 1)
    assert significant.p is not None
    assert next_one.p is not None
    assert significant.p <= level < next_one.p


@pytest.mark.parametrize(
    ("source", "found", "published"),
    [
        ("6 v 6 separated, 2 of C(12, 6)", lambda: mann_whitney(*with_u(6, 36)).p, "0.002164502"),
        ("3 v 3 separated, 2 of C(6, 3)", lambda: mann_whitney(*with_u(3, 9)).p, "0.1"),
        ("5 v 5 separated, 2 of C(10, 5)", lambda: mann_whitney(*with_u(5, 0)).p, "0.007936508"),
        (
            "the same 6 v 6 by R's wilcox.test(exact = FALSE)",
            lambda: mann_whitney_approximate(*with_u(6, 36)).p,
            "0.005075",
        ),
        ("StatXact, blood pressure, p", lambda: mann_whitney(TREATED, CONTROLS).p, "0.0989"),
        (
            "Hollander & Wolfe, permeability, p",
            lambda: mann_whitney(AT_TERM, EARLY).p,
            "0.2544",
        ),
        ("Hollander & Wolfe, W", lambda: mann_whitney(AT_TERM, EARLY).u, "35"),
        ("Hollander & Wolfe, shift", lambda: hodges_lehmann(AT_TERM, EARLY), "0.305"),
        ("its interval in R, low", lambda: shift_interval(AT_TERM, EARLY).low, "-0.15"),
        ("its interval in R, high", lambda: shift_interval(AT_TERM, EARLY).high, "0.76"),
        (
            "R, example(wilcox.test): ozone, W",
            lambda: mann_whitney_approximate(MAY, AUGUST).u,
            "127.5",
        ),
        (
            "R, example(wilcox.test): ozone, p",
            lambda: mann_whitney_approximate(MAY, AUGUST).p,
            "0.0001208",
        ),
        (
            "Brunner & Munzel (2000), statistic",
            lambda: brunner_munzel(PAIN_CONTROL, PAIN_TREATED).statistic,
            "3.1375",
        ),
        (
            "Brunner & Munzel (2000), degrees of freedom",
            lambda: brunner_munzel(PAIN_CONTROL, PAIN_TREATED).freedom,
            "17.683",
        ),
        (
            "Brunner & Munzel (2000), p",
            lambda: brunner_munzel(PAIN_CONTROL, PAIN_TREATED).p,
            "0.005786",
        ),
        (
            "effsize, Cliff's delta",
            lambda: mann_whitney(ORDINAL_TREATMENT, ORDINAL_CONTROL).cliffs_delta,
            "-0.25",
        ),
        ("Shrout & Fleiss, BMS", lambda: float(mean_squares(SHROUT_FLEISS).between), "11.24"),
        ("Shrout & Fleiss, WMS", lambda: float(mean_squares(SHROUT_FLEISS).within), "6.26"),
        ("Shrout & Fleiss, JMS", lambda: float(mean_squares(SHROUT_FLEISS).raters), "32.49"),
        ("Shrout & Fleiss, EMS", lambda: float(mean_squares(SHROUT_FLEISS).error), "1.02"),
        ("Cronbach of the same = ICC(3,k)", lambda: cronbach_alpha(SHROUT_FLEISS).value, ".91"),
        (
            "irr, kappa2(anxiety[, 2:3], 'equal')",
            lambda: weighted_kappa(*RATERS_2_AND_3, weights="linear").value,
            "0.1459075",
        ),
        (
            "irr, kappa2(anxiety[, 2:3], 'squared')",
            lambda: weighted_kappa(*RATERS_2_AND_3, weights="quadratic").value,
            "0.2520325",
        ),
        (
            "irr, kappa2(anxiety[, 1:2], 'squared')",
            lambda: weighted_kappa(*ANXIETY[:, :2].T.tolist(), weights="quadratic").value,
            "0.297",
        ),
        ("Bang et al. (2004), CRISP, drug", lambda: bang(CRISP, "drug").value, "0.21"),
        ("Bang et al. (2004), CRISP, placebo", lambda: bang(CRISP, "placebo").value, "0.01"),
        ("the same by R's BI, James", lambda: james(CRISP).value, "0.7479275"),
        ("the same by R's BI, James, low", lambda: james(CRISP).interval.low, "0.7053230"),
        ("the same by R's BI, James, high", lambda: james(CRISP).interval.high, "0.7905321"),
        ("Brooke (1996), SUS", lambda: sus([5, 4, 2, 1, 2, 3, 2, 4, 5, 2]), "55"),
        (
            "statpsych, size.test.mann(.05, .90, .3): 44 each",
            lambda: noether_total(0.3, wanted=0.9),
            "88",
        ),
    ],
)
def test_the_value_is_the_published_one(
    source: str, found: Callable[[], float | None], published: str
) -> None:
    value = found()

    assert value is not None
    digits = len(published.partition(".")[2])
    assert round(value, digits) == pytest.approx(float(published), abs=1e-12), source


@pytest.mark.parametrize(
    ("form", "value", "low", "high"),
    [
        # Shrout & Fleiss (1979), table 4; the intervals as R's psych prints them
        ("icc_1_1", 0.17, -0.133, 0.723),
        ("icc_2_1", 0.29, 0.019, 0.761),
        ("icc_3_1", 0.71, 0.342, 0.946),
        ("icc_1_k", 0.44, -0.884, 0.912),
        ("icc_2_k", 0.62, 0.071, 0.927),
        ("icc_3_k", 0.91, 0.676, 0.986),
    ],
)
def test_the_six_correlations_are_those_of_shrout_and_fleiss(
    form: str, value: float, low: float, high: float
) -> None:
    found = intraclass_correlations(SHROUT_FLEISS).forms[[*FORMS].index(form)]  # type: ignore[arg-type]

    assert found.value is not None
    assert found.interval.low is not None
    assert found.interval.high is not None
    assert round(found.value, 2) == value
    assert (round(found.interval.low, 3), round(found.interval.high, 3)) == (low, high)


def test_agreement_of_the_anxiety_ratings_is_that_of_irr() -> None:
    found = intraclass_correlations(ANXIETY).form("icc_2_1")

    assert found.value == pytest.approx(0.198, abs=5e-4)
    assert found.interval.low == pytest.approx(-0.039, abs=5e-4)
    assert found.interval.high == pytest.approx(0.494, abs=5e-4)


@pytest.mark.parametrize(
    ("scores", "metric", "published"),
    [
        (BINARY, "nominal", "0.095"),
        (NOMINAL, "nominal", "0.692"),
        (RELIABILITY, "nominal", "0.743"),
        (RELIABILITY, "ordinal", "0.815"),
        (RELIABILITY, "interval", "0.849"),
    ],
)
def test_alpha_is_that_of_krippendorffs_reliability_data(
    scores: np.ndarray, metric: Metric, published: str
) -> None:
    found = krippendorff_alpha(scores, metric, np.random.default_rng(1))

    assert f"{found.value:.3f}" == published


def test_holm_adjusts_as_r_does() -> None:
    adjusted = holm({"a": 0.01, "b": 0.02, "c": 0.03, "d": 0.04, "e": 0.05})

    # p.adjust(c(.01, .02, .03, .04, .05), "holm")
    assert list(adjusted.values()) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
