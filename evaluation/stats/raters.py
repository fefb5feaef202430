"""Raters one by one and two by two: weighted kappa, severity, and agreement with oneself."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]  # (participants, raters), NaN where a score is missing
Weights = Literal["linear", "quadratic"]


@dataclass(frozen=True, slots=True)
class Kappa:
    """``value`` is None exactly where ``undefined`` says why. ``no_variation``: both gave one and
    the same score throughout, so that chance alone would agree as well."""

    value: float | None
    scores: int
    undefined: Literal["too_few", "no_variation"] | None


@dataclass(frozen=True, slots=True)
class PairOfRaters:
    first: int
    second: int
    kappa: Kappa


@dataclass(frozen=True, slots=True)
class Severity:
    """``points``: how much lower the rater scores than the average rater does on the same
    participants; None where the raters' participants do not connect them."""

    rater: int
    scores: int
    mean: float | None
    points: float | None


@dataclass(frozen=True, slots=True)
class Repeats:
    """One rater's scores of the same things twice: shares and points; None without a repeat."""

    pairs: int
    identical: float | None
    mean_difference: float | None
    kappa: Kappa


def weighted_kappa(
    first: Sequence[float], second: Sequence[float], *, weights: Weights = "quadratic"
) -> Kappa:
    """κ_w = 1 − Σ w·o / Σ w·e with w = |i − j| or (i − j)², on the scores' own values.

    ``first`` and ``second`` score the same things in the same order. Sources: Cohen (1968),
    Psychol. Bull. 70:213-220; Fleiss & Cohen (1973), Educ. Psychol. Meas. 33:613-619 (quadratic).
    """
    one, other = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if len(one) != len(other):
        raise ValueError("The two raters must have scored the same things.")
    if len(one) < 2:
        return Kappa(None, len(one), "too_few")
    power = 1 if weights == "linear" else 2
    (a, n_a), (b, n_b) = (np.unique(scores, return_counts=True) for scores in (one, other))
    distances = np.abs(np.subtract.outer(a, b)) ** power
    expected = float(n_a @ distances @ n_b) / len(one) ** 2
    if expected == 0:
        return Kappa(None, len(one), "no_variation")
    observed = float((np.abs(one - other) ** power).mean())
    return Kappa(1 - observed / expected, len(one), None)


def kappa_of_pairs(scores: Scores, weights: Weights = "quadratic") -> tuple[PairOfRaters, ...]:
    """Every pair of raters (columns) on the participants both scored."""
    found = []
    for first, second in combinations(range(scores.shape[1]), 2):
        both = ~np.isnan(scores[:, [first, second]]).any(axis=1)
        one, other = (scores[both, rater].tolist() for rater in (first, second))
        found.append(PairOfRaters(first, second, weighted_kappa(one, other, weights=weights)))
    return tuple(found)


def severities(scores: Scores) -> tuple[Severity, ...]:
    """Least squares of score = participant + rater, the raters' effects adding to zero.

    A missing score costs nothing but itself: raters are compared on the participants they share.
    With a complete table ``points`` is the grand mean less the rater's mean. Source: the two-way
    layout without replication, Searle (1971), Linear Models, ch. 7.
    """
    given = ~np.isnan(scores)
    raters = scores.shape[1]
    if not raters:
        return ()
    per_rater = given.sum(axis=0)
    kept = given.any(axis=1)
    present, values = given[kept].astype(np.float64), np.where(given, scores, 0.0)[kept]
    per_row = present.sum(axis=1)
    # Normal equations with the participants swept out: a Laplacian, of rank raters − 1 if connected
    normal = np.diag(per_rater.astype(np.float64)) - present.T @ (present / per_row[:, np.newaxis])
    right = (values - present * (values.sum(axis=1) / per_row)[:, np.newaxis]).sum(axis=0)
    connected = int(np.linalg.matrix_rank(normal)) == raters - 1
    effects = np.linalg.pinv(normal) @ right
    return tuple(
        Severity(
            rater=rater,
            scores=int(per_rater[rater]),
            mean=float(scores[given[:, rater], rater].mean()) if per_rater[rater] else None,
            points=-float(effects[rater]) if connected else None,
        )
        for rater in range(raters)
    )


def repeats(first: Sequence[float], second: Sequence[float]) -> Repeats:
    """How far a rater agrees with themselves; ``first`` and ``second`` in the same order."""
    kappa = weighted_kappa(first, second)
    if not len(first):
        return Repeats(0, None, None, kappa)
    differences = np.abs(np.subtract(first, second))
    return Repeats(len(first), float((differences == 0).mean()), float(differences.mean()), kappa)
