"""What the sample as it came to be can show: power for differences assumed, never found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.stats.design import Assumed, power

SHIFTS = (0.5, 1.0, 1.5, 2.0)  # standard deviations
SEED, SIMULATIONS = 1, 500


@dataclass(frozen=True, slots=True)
class Foresight:
    """`power`: by shift; `level`: what one test is asked for; `agreement`: assumed, of one rater.
    The same sample gives the same numbers."""

    n_x: int
    n_y: int
    raters: int
    tests: int
    level: float
    agreement: float
    power: Sequence[tuple[float, float]]


def foresight(n_x: int, n_y: int, raters: int, tests: int) -> Foresight | None:
    """None where a condition or the raters are missing."""
    if min(n_x, n_y, raters, tests) < 1:
        return None
    found = []
    for shift in SHIFTS:
        assumed, rng = Assumed(shift, raters=raters), np.random.default_rng(SEED)
        told = power(n_x, n_y, assumed, rng, tests=tests, simulations=SIMULATIONS)
        found.append((shift, told.value))
    return Foresight(n_x, n_y, raters, tests, told.alpha, assumed.agreement, tuple(found))
