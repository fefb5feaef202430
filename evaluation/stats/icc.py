"""Intraclass correlations: all six forms, from the analysis of variance of participants × raters.

Sources: Shrout & Fleiss (1979), Psychol. Bull. 86:420-428 (the forms); McGraw & Wong (1996),
Psychol. Methods 1:30-46, corrected ibid. 1:390 (the intervals).
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri

from evaluation.stats.interval import Interval

Form = Literal["icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k"]
FORMS: tuple[Form, ...] = ("icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k")
MCGRAW_WONG = "F distribution (McGraw & Wong 1996)"
NoIcc = Literal["too_few", "no_variation", "not_positive"]


@dataclass(frozen=True, slots=True)
class Icc:
    """``value`` is None exactly where ``undefined`` says why. ``not_positive``: the variance to be
    divided by is estimated as zero or less, and the ratio would mean nothing."""

    form: Form
    value: float | None
    interval: Interval
    undefined: NoIcc | None


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Of a complete table of ``n`` participants by ``k`` raters; exact."""

    n: int
    k: int
    between: Fraction  # participants
    within: Fraction
    raters: Fraction
    error: Fraction


@dataclass(frozen=True, slots=True)
class IccTable:
    """``participants``: those scored by every rater, who alone are used; ``left_out``: the others,
    of those with a score at all."""

    participants: int
    raters: int
    left_out: int
    forms: tuple[Icc, ...]

    def form(self, name: Form) -> Icc:
        return self.forms[FORMS.index(name)]


def intraclass_correlations(scores: NDArray[np.float64], level: float = 0.95) -> IccTable:
    """All six forms of ``scores`` (participants, raters), NaN where a score is missing.

    1: each participant has other raters; 2: the raters are a sample of raters, absolute agreement;
    3: these raters only, consistency. _1: of one rater's score, _k: of the mean over all raters.
    Mean squares are computed in fractions, so that "no variation" is a fact and not a rounding.
    """
    scored = scores[~np.isnan(scores).all(axis=1)]
    complete = scored[~np.isnan(scored).any(axis=1)]
    n, k = complete.shape
    left_out = len(scored) - n
    if n < 2 or k < 2:
        return IccTable(n, k, left_out, tuple(_undefined(f, "too_few", level) for f in FORMS))
    squares = mean_squares(complete)
    if squares.between == squares.within == 0:
        return IccTable(n, k, left_out, tuple(_undefined(f, "no_variation", level) for f in FORMS))
    return IccTable(n, k, left_out, tuple(_icc(form, squares, level) for form in FORMS))


def mean_squares(complete: NDArray[np.float64]) -> MeanSquares:
    n, k = complete.shape
    rows = [[Fraction(score) for score in row] for row in complete.tolist()]
    of_rows = [sum(row, Fraction()) for row in rows]
    of_raters = [sum(column, Fraction()) for column in zip(*rows, strict=True)]
    correction = sum(of_rows, Fraction()) ** 2 / (n * k)
    total = sum((score**2 for row in rows for score in row), Fraction()) - correction
    between = sum((one**2 for one in of_rows), Fraction()) / k - correction
    raters = sum((one**2 for one in of_raters), Fraction()) / n - correction
    return MeanSquares(
        n,
        k,
        between=between / (n - 1),
        within=(total - between) / (n * (k - 1)),
        raters=raters / (k - 1),
        error=(total - between - raters) / ((n - 1) * (k - 1)),
    )


def _icc(form: Form, ms: MeanSquares, level: float) -> Icc:
    n, k = ms.n, ms.k
    noise = ms.within if form.startswith("icc_1") else ms.error
    extra = k * (ms.raters - ms.error) / n if form.startswith("icc_2") else Fraction()
    divisor = ms.between + (k - 1) * noise + extra
    if form.endswith("k"):
        divisor = ms.between + extra / k
    if divisor <= 0:
        return _undefined(form, "not_positive", level)
    value = float((ms.between - noise) / divisor)
    return Icc(form, value, _interval(form, value, ms, level), None)


def _interval(form: Form, value: float, ms: MeanSquares, level: float) -> Interval:
    no_error = ms.within == 0 if form.startswith("icc_1") else ms.error == 0
    if no_error and (not form.startswith("icc_2") or ms.raters == 0):
        return Interval(level, None, None, MCGRAW_WONG, "perfect_agreement")
    if form.startswith("icc_2"):
        low, high = _agreement_bounds(ms, level)
    else:
        low, high = _consistency_bounds(form, ms, level)
    if form.endswith("k"):
        low, high = (_stepped_up(bound, ms.k) for bound in (low, high))
    if not (
        -math.inf < low <= value <= high < math.inf and low < high
    ):  # not where a bound is NaN either
        return Interval(level, None, None, MCGRAW_WONG, "unstable")
    return Interval(level, low, high, MCGRAW_WONG, None)


def _consistency_bounds(form: Form, ms: MeanSquares, level: float) -> tuple[float, float]:
    """Of one score: (F/F* − 1)/(F/F* + k − 1), for forms 1 and 3."""
    n, k = ms.n, ms.k
    one_way = form.startswith("icc_1")
    noise, freedom = (ms.within, n * (k - 1)) if one_way else (ms.error, (n - 1) * (k - 1))
    ratio = float(ms.between / noise)
    lowest = ratio / float(fdtri(n - 1, freedom, (1 + level) / 2))
    highest = ratio * float(fdtri(freedom, n - 1, (1 + level) / 2))
    return (lowest - 1) / (lowest + k - 1), (highest - 1) / (highest + k - 1)


def _agreement_bounds(ms: MeanSquares, level: float) -> tuple[float, float]:
    """Of one score, form 2; v are Satterthwaite's degrees of freedom."""
    n, k = ms.n, ms.k
    between, raters, error = float(ms.between), float(ms.raters), float(ms.error)
    rho = (between - error) / (between + (k - 1) * error + k * (raters - error) / n)
    a, b = k * rho, n * (1 + (k - 1) * rho) - k * rho
    divisor = (a * raters) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1))
    if divisor == 0:
        return math.nan, math.nan
    v = (a * raters + b * error) ** 2 / divisor
    other = k * raters + (k * n - k - n) * error
    down = float(fdtri(float(n - 1), v, (1 + level) / 2))
    up = float(fdtri(v, float(n - 1), (1 + level) / 2))
    low = n * (between - down * error) / (down * other + n * between)
    high = n * (up * between - error) / (other + n * up * between)
    return low, high


def _stepped_up(bound: float, k: int) -> float:
    """Spearman and Brown: from one rater's score to the mean of k."""
    divisor = 1 + (k - 1) * bound
    return k * bound / divisor if divisor > 0 else -math.inf


def _undefined(form: Form, reason: NoIcc, level: float) -> Icc:
    why: Literal["too_few", "no_variation"] = "too_few" if reason == "too_few" else "no_variation"
    none = Interval(level, None, None, MCGRAW_WONG, why)
    return Icc(form, None, none, reason)
