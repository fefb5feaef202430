"""A confidence interval for Cliff's delta."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from evaluation.stats.ranksum import finite

NoInterval = Literal["too_few", "no_variation", "complete_separation"]


@dataclass(frozen=True, slots=True)
class DeltaInterval:
    """Bounds of Cliff's delta within [−1, 1]; both None exactly where ``undefined`` says why.

    ``too_few``: fewer than two values in a group. ``complete_separation``: every x on one side of
    every y, which leaves no variation to estimate an error from.
    """

    level: float
    low: float | None
    high: float | None
    undefined: NoInterval | None


def cliffs_delta_interval(
    x: Sequence[float], y: Sequence[float], level: float = 0.95
) -> DeltaInterval:
    """Brunner and Munzel's t interval for A = P(X > Y) + ½ P(X = Y), taken to δ = 2A − 1.

    Variance of A: that of each group's placements (the share of the other group a value exceeds,
    ties one half), over the group's size; degrees of freedom after Satterthwaite. It allows
    unequal variances and ties, and is cut at ±1. It is approximate, and too short for strong
    effects in small groups: of normal samples of 12 against 12, two standard deviations apart,
    the 95 % interval covered δ in 87 % of the simulations where it was defined (94 % with no
    shift). Source:
    Brunner & Munzel (2000), Biom. J. 42:17-25, corrected in Neubert & Brunner (2007), Comput.
    Stat. Data Anal. 51:5192-5204.
    """
    if not 0 < level < 1:
        raise ValueError(f"The level is {level}; it must lie between 0 and 1, as 0.95.")
    if min(len(x), len(y)) < 2:
        return DeltaInterval(level, None, None, "too_few")
    exceeds = np.sign(np.subtract.outer(finite(x), finite(y)))
    delta = float(exceeds.mean())
    of_x, of_y = _variance_of_mean(exceeds.mean(axis=1)), _variance_of_mean(exceeds.mean(axis=0))
    if of_x + of_y == 0:  # without rounding: the placements are then all −1, all 0 or all 1
        return DeltaInterval(level, None, None, "complete_separation" if delta else "no_variation")
    freedom = (of_x + of_y) ** 2 / (of_x**2 / (len(x) - 1) + of_y**2 / (len(y) - 1))
    reach = float(stdtrit(freedom, (1 + level) / 2)) * math.sqrt(of_x + of_y)
    return DeltaInterval(level, max(-1.0, delta - reach), min(1.0, delta + reach), None)


def _variance_of_mean(placements: NDArray[np.float64]) -> float:
    return float(placements.var(ddof=1)) / len(placements)
