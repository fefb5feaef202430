"""What else a reader may ask of a difference; each result carries its label into the report."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from evaluation.stats.counting import additions, compact, doubled_midranks, sums_of_choices
from evaluation.stats.interval import placements
from evaluation.stats.ranksum import RankSum, finite, mann_whitney
from evaluation.stats.scores import Scored, means_of

BRUNNER_MUNZEL = "Brunner–Munzel test (allows different spreads)"
WITHOUT_RATER = "the exact rank-sum test without one rater at a time"
IN_BLOCKS = "the exact rank-sum test permuted within randomisation blocks"
AS_IN_THE_PAPER = "as in the paper: treats dependent ratings as independent"

# A sensitivity analysis repeats the test: beyond this it uses the normal approximation.
EXACT_UP_TO = 20_000_000
MOST_RATERS = 100


@dataclass(frozen=True, slots=True)
class BrunnerMunzel:
    """``statistic`` is positive where x is larger; all None where ``undefined`` says why."""

    statistic: float | None
    freedom: float | None
    p: float | None
    undefined: Literal["too_few", "no_variation", "complete_separation"] | None


@dataclass(frozen=True, slots=True)
class WithoutRater:
    rater: str
    test: RankSum


@dataclass(frozen=True, slots=True)
class InBlocks:
    """``blocks``: those that hold both conditions; only they tell the conditions apart."""

    p: float | None
    blocks: int
    participants: int
    undefined: Literal["no_mixed_block", "no_variation", "too_large"] | None


@dataclass(frozen=True, slots=True)
class Placed:
    """One participant's value, condition (is it the treatment?) and randomisation block."""

    value: float
    treated: bool
    block: str


def brunner_munzel(x: Sequence[float], y: Sequence[float]) -> BrunnerMunzel:
    """Test of P(X > Y) + ½ P(X = Y) = ½ without assuming equal shapes; t approximation.

    W = (Â − ½) / √(S²_x/n_x + S²_y/n_y), S² the variance of a group's placements; degrees of
    freedom after Satterthwaite. Undefined where no placement varies: a p of 0 or 1 would be no
    finding but an accident. Source: Brunner & Munzel (2000), Biom. J. 42:17-25.
    """
    if min(len(x), len(y)) < 2:
        return BrunnerMunzel(None, None, None, "too_few")
    of_x, of_y = placements(x, y)
    delta = float(of_x.mean())
    v_x, v_y = (float(one.var(ddof=1)) / len(one) for one in (of_x, of_y))
    if v_x + v_y == 0:
        reason: Literal["complete_separation", "no_variation"]
        reason = "complete_separation" if delta else "no_variation"
        return BrunnerMunzel(None, None, None, reason)
    statistic = delta / math.sqrt(v_x + v_y)
    freedom = (v_x + v_y) ** 2 / (v_x**2 / (len(x) - 1) + v_y**2 / (len(y) - 1))
    return BrunnerMunzel(statistic, freedom, 2 * float(stdtr(freedom, -abs(statistic))), None)


def without_each_rater(
    rows: Iterable[Scored], treatment: str, control: str, criterion: str
) -> tuple[WithoutRater, ...]:
    """The primary test once for each rater, on the means over the others; raters in order of name.

    Empty with fewer than two raters and with more than MOST_RATERS. Groups whose exact distribution
    is long to count are approximated (``test.method`` says which).
    """
    own = [row for row in rows if row.criterion == criterion]
    raters = sorted({row.rater for row in own})
    if not 2 <= len(raters) <= MOST_RATERS:
        return ()
    found = []
    for rater in raters:
        kept = [row for row in own if row.rater != rater]
        x, y = (
            tuple(means_of(kept, condition, criterion).values())
            for condition in (treatment, control)
        )
        found.append(WithoutRater(rater, mann_whitney(x, y, exact_up_to=EXACT_UP_TO)))
    return tuple(found)


def in_blocks(values: Iterable[Placed]) -> InBlocks:
    """P(|W − E W| ≥ |w − E W|), W the sum of the treated's midranks over all participants, under
    all allocations that give each block as many treated as it had.

    Permuted blocks allow fewer allocations than free permutation; this is the test of the design
    as it was drawn. A block with one condition only (after dropouts) cannot vary. Source:
    Rosenberger & Lachin (2016), Randomization in Clinical Trials, ch. 6.
    """
    listed = sorted(values, key=lambda one: one.block)
    if not listed:
        return InBlocks(None, 0, 0, "no_mixed_block")
    scores = compact(doubled_midranks(finite([one.value for one in listed]))[0])
    blocks = []
    places = range(len(listed))
    for _, of_block in groupby(places, key=lambda place: listed[place].block):
        own = list(of_block)
        treated = [place for place in own if listed[place].treated]
        if 0 < len(treated) < len(own):
            blocks.append((scores[own], int(scores[treated].sum()), len(treated)))
    taking_part = sum(len(own) for own, _, _ in blocks)
    if not blocks:
        return InBlocks(None, 0, 0, "no_mixed_block")
    if all(len(set(own.tolist())) == 1 for own, _, _ in blocks):
        return InBlocks(None, len(blocks), taking_part, "no_variation")
    if sum(additions(own, chosen) for own, _, chosen in blocks) > EXACT_UP_TO:
        return InBlocks(None, len(blocks), taking_part, "too_large")
    return InBlocks(_p_in_blocks(blocks), len(blocks), taking_part, None)


def _p_in_blocks(blocks: Sequence[tuple[NDArray[np.int64], int, int]]) -> float:
    """``blocks``: the scores of a block, the observed sum of its treated, how many these are."""
    counts = np.ones(1)
    expected = Fraction(0)
    for own, _, chosen in blocks:
        counts = _convolved(counts, sums_of_choices(own, chosen))
        expected += Fraction(chosen * int(own.sum()), len(own))
    observed = abs(sum(of_treated for _, of_treated, _ in blocks) - expected)
    # |s − E W| ≥ observed in whole numbers: the two nearest sums that are far enough
    below, above = math.floor(expected - observed), math.ceil(expected + observed)
    if below >= above:
        return 1.0
    return min(1.0, float(counts[: max(0, below + 1)].sum() + counts[above:].sum()))


def _convolved(chances: NDArray[np.float64], ways: NDArray[np.float64]) -> NDArray[np.float64]:
    """The chances of each sum after one more block; a block reaches few different sums."""
    sums = np.flatnonzero(ways)
    both = np.zeros(len(chances) + len(ways) - 1)
    for reached in sums.tolist():
        both[reached : reached + len(chances)] += ways[reached] * chances
    both /= both.sum()
    return both
