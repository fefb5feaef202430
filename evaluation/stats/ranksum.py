"""The rank-sum test of Wilcoxon, Mann and Whitney, its effect sizes, and Holm's correction.

The test is conditional on the observed values: every way of dealing them out to the two groups is
equally likely under the null hypothesis. Ties get midranks and need no further correction, unlike
in ``scipy.stats.mannwhitneyu(method="exact")``, which uses the distribution without ties.

Sources: Mann & Whitney (1947), Ann. Math. Stat. 18:50-60 (U); Streitberg & Röhmel (1986), Stat.
Softw. Newsl. 12:10-17 (the recursion over integer scores); Lehmann (1975), Nonparametrics, ch. 1
(midranks, the variance with ties, the continuity correction); Cliff (1993), Psychol. Bull.
114:494-509 (delta); Vargha & Delaney (2000), J. Educ. Behav. Stat. 25:101-132 (A); Hodges &
Lehmann (1963), Ann. Math. Stat. 34:598-611 (shift); Holm (1979), Scand. J. Stat. 6:65-70.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.counting import additions, compact, doubled_midranks, sums_of_choices

Method = Literal["exact", "asymptotic"]
Undefined = Literal["empty_group", "no_variation"]

# Additions in the table of counts, at about 10⁹ a second: 100 against 100 needs 200 to 400 million.
# In the larger groups beyond the limit the normal approximation is close but for tiny p.
LARGEST_EXACT_COUNT = 500_000_000
# Differences between distinct values held at once by hodges_lehmann (8 bytes each).
MOST_DIFFERENCES = 10_000_000


@dataclass(frozen=True, slots=True)
class RankSum:
    """One comparison of x with y; what cannot be computed is None, never NaN.

    ``u``: pairs in which x is larger, ties counting one half (0 … n_x·n_y).
    ``p``: two-sided; None exactly where ``undefined`` names the reason.
    ``superiority``: A = P(X > Y) + ½ P(X = Y); ``cliffs_delta``: 2A − 1.
    With ``no_variation`` u, A and δ are still facts of the sample; with ``empty_group`` they
    are None.
    """

    n_x: int
    n_y: int
    u: float | None
    p: float | None
    method: Method | None
    superiority: float | None
    cliffs_delta: float | None
    ties: bool
    undefined: Undefined | None


def mann_whitney(
    x: Sequence[float], y: Sequence[float], *, exact_up_to: int | None = None
) -> RankSum:
    """Compare two independent groups; raises ValueError for a value that is not finite.

    Exact p: with W the sum of x's midranks over all equally likely divisions of the pooled values
    and w the observed one, p = P(|W − E W| ≥ |w − E W|), compared in integers. Where ties make W
    asymmetric this differs from twice the smaller tail. Asymptotic p (groups too large to count:
    more additions than ``exact_up_to``): normal, variance corrected for ties, continuity
    correction of ½.
    """
    limit = LARGEST_EXACT_COUNT if exact_up_to is None else exact_up_to
    return _rank_sum(x, y, exact_up_to=limit)


def mann_whitney_approximate(x: Sequence[float], y: Sequence[float]) -> RankSum:
    """The same by the normal approximation whatever the size: the p of SPSS, of R with ties, and of
    ``scipy.stats.mannwhitneyu(method="asymptotic")``, to repeat a published analysis."""
    return _rank_sum(x, y, exact_up_to=0)


def _rank_sum(x: Sequence[float], y: Sequence[float], *, exact_up_to: int) -> RankSum:
    pooled = finite([*x, *y])
    n_x, n_y = len(x), len(y)
    if not (n_x and n_y):
        ties = len(np.unique(pooled)) < len(pooled)
        return RankSum(n_x, n_y, None, None, None, None, None, ties, "empty_group")
    ranks, tie_sizes = doubled_midranks(pooled)
    u = (int(ranks[:n_x].sum()) - n_x * (n_x + 1)) / 2
    pairs = n_x * n_y
    p: float | None = None
    method: Method | None = None
    undefined: Undefined | None = None
    if len(tie_sizes) == 1:
        undefined = "no_variation"
    elif additions(compact(ranks), min(n_x, n_y)) <= exact_up_to:
        p, method = _exact_p(compact(ranks), n_x), "exact"
    else:
        p, method = _asymptotic_p(u, n_x, n_y, tie_sizes), "asymptotic"
    ties = len(tie_sizes) < len(pooled)
    return RankSum(n_x, n_y, u, p, method, u / pairs, (2 * u - pairs) / pairs, ties, undefined)


def finite(values: Sequence[float]) -> NDArray[np.float64]:
    """The values as ``(n,) float64``; raises ValueError where one is not a finite number."""
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError("A score is not a finite number; leave missing scores out.")
    return array


def hodges_lehmann(x: Sequence[float], y: Sequence[float]) -> float | None:
    """The shift of x against y: the median of all differences x − y; None for an empty group and
    where there are too many different values to hold all differences (MOST_DIFFERENCES)."""
    found = differences(x, y)
    if found is None:
        return None
    values, up_to = found
    pairs = int(up_to[-1])
    low, high = (int(np.searchsorted(up_to, k)) for k in ((pairs + 1) // 2, pairs // 2 + 1))
    return float((values[low] + values[high]) / 2)


def differences(
    x: Sequence[float], y: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
    """The differences x − y in order, and how many pairs have at most each of them.

    Equal pairs of values are counted, not repeated. None as in hodges_lehmann.
    """
    (of_x, n_x), (of_y, n_y) = (np.unique(finite(v), return_counts=True) for v in (x, y))
    if not 0 < len(of_x) * len(of_y) <= MOST_DIFFERENCES:
        return None
    values = np.subtract.outer(of_x, of_y).ravel()
    order = np.argsort(values, kind="stable")
    pairs = np.multiply.outer(n_x, n_y).ravel().astype(np.int64)
    return values[order], np.cumsum(pairs[order])


def holm(p_values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Holm's step-down adjusted p values, in the order given.

    An undefined p (None) is no test: it is left out of the number of tests and stays None.
    """
    tested = sorted((p, name) for name, p in p_values.items() if p is not None)
    for p, name in tested:
        if not 0 <= p <= 1:
            raise ValueError(f"The p value of {name} is {p}; it must lie between 0 and 1.")
    adjusted: dict[str, float | None] = dict.fromkeys(p_values)
    largest = 0.0
    for position, (p, name) in enumerate(tested):
        largest = max(largest, min(1.0, (len(tested) - position) * p))
        adjusted[name] = largest
    return adjusted


def _exact_p(scores: NDArray[np.int64], n_x: int) -> float:
    """P(|W − E W| ≥ |w − E W|) over all choices of n_x of the scores, w being that of the first.

    Either group gives the same p (its sum is the total minus the other's), so the smaller is
    counted. Counts are floats: exact integers below 2⁵³, a relative error under 1e-13 above.
    """
    group = scores[:n_x] if 2 * n_x <= len(scores) else scores[n_x:]
    chosen, total, number = len(group), int(scores.sum()), len(scores)
    counts = sums_of_choices(scores, chosen)
    distance = np.abs(number * np.arange(len(counts)) - chosen * total)
    observed = abs(number * int(group.sum()) - chosen * total)
    return min(1.0, float(counts[distance >= observed].sum() / counts.sum()))


def _asymptotic_p(u: float, n_x: int, n_y: int, tie_sizes: NDArray[np.int64]) -> float:
    number = n_x + n_y
    tied = float((tie_sizes.astype(np.float64) ** 3 - tie_sizes).sum())
    variance = n_x * n_y / 12 * (number + 1 - tied / (number * (number - 1)))
    z = max(0.0, abs(u - n_x * n_y / 2) - 0.5) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))
