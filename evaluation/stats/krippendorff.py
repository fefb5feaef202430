"""Krippendorff's alpha: agreement of any number of raters, with missing scores, at three levels of
measurement.

α = 1 − D_o/D_e: the disagreement within units over the one expected if all pairable scores were
dealt out at random. δ² is 0 or 1 (nominal), the squared difference (interval), or (ordinal) the
squared number of scores between two values, ends counted half, which is the squared difference of
midranks; so that no table of values is needed.

Sources: Krippendorff (2011), Computing Krippendorff's alpha-reliability; Hayes & Krippendorff
(2007), Commun. Methods Meas. 1:77-89. Interval: bootstrap over units, as Zapf et al. (2016), BMC
Med. Res. Methodol. 16:93, recommend.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.interval import Interval

Metric = Literal["nominal", "ordinal", "interval"]
METRICS: tuple[Metric, ...] = ("nominal", "ordinal", "interval")
RESAMPLES = 2000
LARGEST_BOOTSTRAP = 2_000_000  # units × different values

Scores = NDArray[np.float64]  # (units, raters), NaN where a rater did not score a unit
Counts = NDArray[np.int64]  # (units, values): how many raters gave a unit a value


@dataclass(frozen=True, slots=True)
class Alpha:
    """``value`` is None exactly where ``undefined`` says why; ``units`` have two scores or more."""

    metric: Metric
    value: float | None
    interval: Interval
    units: int
    undefined: Literal["no_pairs", "no_variation"] | None


def krippendorff_alpha(
    scores: Scores, metric: Metric, rng: np.random.Generator, level: float = 0.95
) -> Alpha:
    """Alpha with a percentile interval of RESAMPLES bootstrap samples of units.

    1 is perfect agreement, 0 what chance gives; below 0, raters agree less than by chance.
    The interval is undefined (``unstable``) where more resamples than its tails hold have no
    variation, and under ``perfect_agreement``, where every resample repeats the sample.
    """
    values, counts = pairable(scores)
    method = f"bootstrap over participants, {RESAMPLES:,} resamples, percentiles"
    if not len(counts):
        none = Interval(level, None, None, method, "too_few")
        return Alpha(metric, None, none, 0, "no_pairs")
    alpha = _alphas(values, counts, metric, np.ones((1, len(counts)), np.int64))[0]
    if np.isnan(alpha):
        none = Interval(level, None, None, method, "no_variation")
        return Alpha(metric, None, none, len(counts), "no_variation")
    interval = _interval(values, counts, metric, float(alpha), method, rng, level)
    return Alpha(metric, float(alpha), interval, len(counts), None)


def pairable(scores: Scores) -> tuple[NDArray[np.float64], Counts]:
    """The different values in order, and the counts of the units with two scores or more."""
    given = ~np.isnan(scores)
    kept = scores[given.sum(axis=1) >= 2]
    present = ~np.isnan(kept)
    values, which = np.unique(kept[present], return_inverse=True)
    counts = np.zeros((len(kept), len(values)), np.int64)
    np.add.at(counts, (np.nonzero(present)[0], which), 1)
    return values, counts


def _interval(
    values: NDArray[np.float64],
    counts: Counts,
    metric: Metric,
    alpha: float,
    method: str,
    rng: np.random.Generator,
    level: float,
) -> Interval:
    units = len(counts)
    if units < 2:
        return Interval(level, None, None, method, "too_few")
    if alpha == 1:
        return Interval(level, None, None, method, "perfect_agreement")
    if counts.size > LARGEST_BOOTSTRAP:
        return Interval(level, None, None, method, "too_large")
    at_once = max(1, 2_000_000 // counts.size)
    found: list[NDArray[np.float64]] = []
    for begin in range(0, RESAMPLES, at_once):
        several = min(at_once, RESAMPLES - begin)
        weights = rng.multinomial(units, np.full(units, 1 / units), size=several)
        found.append(_alphas(values, counts, metric, weights))
    alphas = np.concatenate(found)
    defined = alphas[~np.isnan(alphas)]
    if len(alphas) - len(defined) > (1 - level) / 2 * len(alphas):
        return Interval(level, None, None, method, "unstable")
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2]).tolist()
    if low == high:
        return Interval(level, None, None, method, "unstable")
    return Interval(level, low, high, method, None)


def _alphas(
    values: NDArray[np.float64], counts: Counts, metric: Metric, weights: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Alpha of each sample; a row of ``weights`` (samples, units) says how often it holds a unit.

    NaN where all scores of a sample are the same. Within a unit of m scores the disagreement of
    its pairs counts 1/(m − 1), so that a unit weighs as much as it has scores.
    """
    sizes = counts.sum(axis=1)
    of_value = weights @ counts  # (samples, values)
    total = of_value.sum(axis=1)
    if metric == "nominal":
        same_pairs = (counts * (counts - 1)).sum(axis=1)
        within = (sizes * (sizes - 1) - same_pairs) / (sizes - 1)
        observed = weights @ within
        expected = total * (total - 1) - (of_value * (of_value - 1)).sum(axis=1)
    else:
        at = _places(values, of_value, metric)
        observed = _spread_within(counts, sizes, at, weights)
        first = (of_value * at).sum(axis=1)
        expected = 2 * (total * (of_value * at**2).sum(axis=1) - first**2)
    alone = (of_value > 0).sum(axis=1) == 1
    with np.errstate(divide="ignore", invalid="ignore"):
        alphas: NDArray[np.float64] = 1 - (total - 1) * observed / expected
    alphas[alone] = np.nan
    return alphas


def _places(
    values: NDArray[np.float64], of_value: NDArray[np.int64], metric: Metric
) -> NDArray[np.float64]:
    """Where each value stands: (samples, values) midranks, or (1, values) distances."""
    if metric == "ordinal":
        midranks = np.cumsum(of_value, axis=1) - of_value / 2
        centred: NDArray[np.float64] = midranks - midranks.mean(axis=1, keepdims=True)
        return centred
    distances: NDArray[np.float64] = (values - values.mean())[np.newaxis]
    return distances


def _spread_within(
    counts: Counts,
    sizes: NDArray[np.int64],
    at: NDArray[np.float64],
    weights: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Σ over units of 2 (m Σ v² − (Σ v)²)/(m − 1), for each sample; exactly 0 for a unit whose
    scores are all the same."""
    mean = counts @ at.T / sizes[:, np.newaxis]  # (units, samples)
    squares = counts @ (at**2).T - sizes[:, np.newaxis] * mean**2
    squares[(counts > 0).sum(axis=1) == 1] = 0.0
    within = 2 * sizes[:, np.newaxis] / (sizes[:, np.newaxis] - 1) * squares
    spread: NDArray[np.float64] = (weights.T * within).sum(axis=0)
    return spread
