"""Before a study: what can be shown with so many participants."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from evaluation.stats.ranksum import mann_whitney, mann_whitney_approximate

EXACT_UP_TO = 15  # participants per condition; beyond, a simulated test is the normal approximation
LARGEST_SAMPLE = 2000
LIKERT_CUTS = {5: (-1.5, -0.5, 0.5, 1.5), 7: (-1.75, -1.05, -0.35, 0.35, 1.05, 1.75)}


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the treatment is assumed to do.

    ``shift``: of the latent quality, in standard deviations of one rater's judgement (participants
    and raters together). ``agreement``: the share of its variance that lies between participants,
    the ICC of one rater. Raters' judgements are cut into a Likert scale of ``points`` (5 or 7) at
    equal steps around the middle of the two conditions; 0 leaves them uncut.
    """

    shift: float
    agreement: float = 0.3
    raters: int = 5
    points: int = 5


@dataclass(frozen=True, slots=True)
class Power:
    """``value``: the share of ``simulations`` in which the test was significant at ``alpha``, the
    level divided by the number of tests; ``error``: its standard error."""

    value: float
    error: float
    alpha: float
    simulations: int


@dataclass(frozen=True, slots=True)
class SampleSize:
    """``each``: the smallest number per condition that reached the power; None where not even
    LARGEST_SAMPLE does."""

    each: int | None
    power: Power


def reachable_p(n_x: int, n_y: int, tests: int = 1) -> float:
    """The smallest two-sided exact p of groups of this size, times the tests Holm begins with:
    complete separation either way, 2 of C(n_x + n_y, n_x) divisions (fewer divisions than 2: 1)."""
    if n_x < 1 or n_y < 1 or tests < 1:
        raise ValueError("A design needs a participant in each condition and a test.")
    return min(1.0, tests * 2 / math.comb(n_x + n_y, n_x))


def smallest_group(tests: int, level: float = 0.05) -> int:
    """The smallest number per condition with which the first of Holm's tests can be significant."""
    if not 0 < level < 1:
        raise ValueError(f"The level is {level}; it must lie between 0 and 1, as 0.05.")
    each = 1
    while reachable_p(each, each, tests) > level:
        each += 1
    return each


def power(
    n_x: int,
    n_y: int,
    assumed: Assumed,
    rng: np.random.Generator,
    *,
    tests: int = 1,
    level: float = 0.05,
    simulations: int = 1000,
) -> Power:
    """Simulated: means over raters, the rank-sum test, significant where p ≤ level/tests.

    level/tests is what Holm asks of the smallest p, so that the power of a criterion is at least
    this. The test is exact up to EXACT_UP_TO participants in the larger group.
    """
    _possible(assumed)
    alpha = level / tests
    if reachable_p(n_x, n_y) > alpha:
        return Power(0.0, 0.0, alpha, 0)
    test = mann_whitney if max(n_x, n_y) <= EXACT_UP_TO else mann_whitney_approximate
    significant = 0
    for _ in range(simulations):
        x = _means(n_x, assumed.shift / 2, assumed, rng)
        y = _means(n_y, -assumed.shift / 2, assumed, rng)
        p = test(x, y).p
        significant += p is not None and p <= alpha
    value = significant / simulations
    return Power(value, math.sqrt(value * (1 - value) / simulations), alpha, simulations)


def sample_size(
    assumed: Assumed,
    seed: int,
    *,
    wanted: float = 0.8,
    tests: int = 1,
    level: float = 0.05,
    simulations: int = 1000,
) -> SampleSize:
    """The smallest equal groups whose simulated power is ``wanted``, by doubling and halving; every
    size is simulated from the same seed."""

    def at(each: int) -> Power:
        rng = np.random.default_rng(seed)
        return power(each, each, assumed, rng, tests=tests, level=level, simulations=simulations)

    high = low = smallest_group(tests, level)
    found = at(high)
    while found.value < wanted:
        if high >= LARGEST_SAMPLE:
            return SampleSize(None, found)
        low, high = high + 1, min(2 * high, LARGEST_SAMPLE)
        found = at(high)
    while low < high:
        middle = (low + high) // 2
        tried = at(middle)
        if tried.value >= wanted:
            high, found = middle, tried
        else:
            low = middle + 1
    return SampleSize(high, found)


def noether_total(superiority: float, *, wanted: float = 0.8, alpha: float = 0.05) -> int:
    """Participants in both conditions together, equal groups, two-sided, without simulation:
    N = (z_{1−α/2} + z_{power})² / {3 (A − ½)²}. Source: Noether (1987), J. Am. Stat. Assoc.
    82:645-647."""
    if not 0 <= superiority <= 1 or superiority == 0.5:
        raise ValueError(f"A is {superiority}; it must lie between 0 and 1 and not be 0.5.")
    z = float(ndtri(1 - alpha / 2)) + float(ndtri(wanted))
    return math.ceil(z**2 / (3 * (superiority - 0.5) ** 2))


def _means(n: int, shift: float, assumed: Assumed, rng: np.random.Generator) -> list[float]:
    quality = rng.normal(shift, math.sqrt(assumed.agreement), (n, 1))
    judged = quality + rng.normal(0, math.sqrt(1 - assumed.agreement), (n, assumed.raters))
    if not assumed.points:
        return [float(mean) for mean in judged.mean(axis=1)]
    points = np.digitize(judged, LIKERT_CUTS[assumed.points]) + 1
    return [int(total) / assumed.raters for total in points.sum(axis=1)]


def _possible(assumed: Assumed) -> None:
    if not 0 <= assumed.agreement <= 1 or assumed.raters < 1:
        raise ValueError("Agreement lies between 0 and 1, and there is at least one rater.")
    if assumed.points and assumed.points not in LIKERT_CUTS:
        raise ValueError("A Likert scale has 5 or 7 points here; 0 leaves judgements uncut.")
