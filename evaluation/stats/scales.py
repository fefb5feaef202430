"""Describing answers, and how well the items of a questionnaire go together.

The System Usability Scale, the raw NASA-TLX and the short UEQ are scored where they are asked
(``study.rules.scoring``); their scores are compared like every measure (``contrast.contrasts``).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri

from evaluation.stats.icc import mean_squares
from evaluation.stats.interval import Interval
from evaluation.stats.scores import quartiles

FELDT = "F distribution (Feldt 1965)"


@dataclass(frozen=True, slots=True)
class Description:
    """``counts``: of each point of the scale, in order. ``iqr`` = q3 − q1 (see ``quartiles``); all
    None without an answer."""

    n: int
    counts: tuple[int, ...]
    median: float | None
    q1: float | None
    q3: float | None
    iqr: float | None


@dataclass(frozen=True, slots=True)
class Consistency:
    """Cronbach's alpha of ``items`` over ``people`` who answered all; None where ``undefined``."""

    value: float | None
    interval: Interval
    items: int
    people: int
    undefined: Literal["too_few", "no_variation"] | None


def describe(answers: Sequence[int], points: range) -> Description:
    """Raises ValueError for an answer that is none of the scale's points."""
    strange = set(answers) - set(points)
    if strange:
        raise ValueError(f"{min(strange)} is no point of a scale from {points[0]} to {points[-1]}.")
    given = Counter(answers)
    counts = tuple(given[point] for point in points)
    if not answers:
        return Description(0, counts, None, None, None, None)
    q1, median, q3 = quartiles(answers)
    return Description(len(answers), counts, median, q1, q3, q3 - q1)


def cronbach_alpha(answers: NDArray[np.float64], level: float = 0.95) -> Consistency:
    """α = k/(k − 1) · (1 − Σ item variances / variance of the sums) = ICC(3,k), of ``answers``
    (people, items), NaN where one is missing: people with a missing answer are left out.

    Undefined where the people's sums do not differ. Reverse-keyed items must have been turned.
    Sources: Cronbach (1951), Psychometrika 16:297-334; interval: Feldt (1965), ibid. 30:357-370.
    """
    complete = answers[~np.isnan(answers).any(axis=1)]
    people, items = complete.shape
    if people < 2 or items < 2:
        none = Interval(level, None, None, FELDT, "too_few")
        return Consistency(None, none, items, people, "too_few")
    squares = mean_squares(complete)
    if squares.between == 0:
        none = Interval(level, None, None, FELDT, "no_variation")
        return Consistency(None, none, items, people, "no_variation")
    alpha = float(1 - squares.error / squares.between)
    if squares.error == 0:
        none = Interval(level, None, None, FELDT, "perfect_agreement")
        return Consistency(alpha, none, items, people, None)
    freedom = (float(people - 1), float((people - 1) * (items - 1)))
    low, high = (
        1 - (1 - alpha) * float(fdtri(*freedom, at)) for at in ((1 + level) / 2, (1 - level) / 2)
    )
    return Consistency(alpha, Interval(level, low, high, FELDT, None), items, people, None)
