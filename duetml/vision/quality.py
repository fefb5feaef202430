"""How good a classifier is, from what was said of images that it had not seen.

The interval is Clopper and Pearson's. On photographs, 2 to 10 categories of 5 to 50 images each, it
held the accuracy on fresh images of the same kinds in 84 to 97 of 100 draws, 92 on average
(BENCHMARKS.md). Where it did not, fresh images did better nine times of ten: a model for a fold has
seen fewer images than the classifier. Pictures that are nearly alike, like a burst of one thing,
fall into different folds and make all of this look better than fresh pictures will; an image that
lies in several categories is held out of all of them at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from duetml.vision.classifier import HeldOut

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Mistake:
    """An image that was taken for another category."""

    row: int  # its position among the images as they were handed in
    said: str
    p: float  # how sure the classifier was of `said`


@dataclass(frozen=True)
class Quality:
    """`confusion[i][j]`: how many images of category labels[i] were taken for labels[j]."""

    n: int
    accuracy: float
    low: float
    high: float
    confidence: float
    folds: int
    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    mistakes: tuple[Mistake, ...]  # the surest first


def quality(labels: Sequence[str], held_out: HeldOut) -> Quality:
    """`labels`: where the person put each image, in the order that was handed to `fit`.

    Raises ValueError where the two do not belong together.
    """
    if len(labels) != len(held_out.shares) or not set(labels) <= set(held_out.labels):
        raise ValueError("These labels are not those the classifier was fitted with.")
    code_of = {label: code for code, label in enumerate(held_out.labels)}
    true = np.array([code_of[label] for label in labels], dtype=np.intp)
    said = held_out.shares.argmax(axis=1)
    hits = int((said == true).sum())
    low, high = interval(hits, len(labels))
    return Quality(
        n=len(labels),
        accuracy=hits / len(labels),
        low=low,
        high=high,
        confidence=CONFIDENCE,
        folds=held_out.folds,
        labels=held_out.labels,
        confusion=_confusion(true, said, len(held_out.labels)),
        mistakes=_mistakes(true, said, held_out),
    )


def interval(hits: int, n: int) -> tuple[float, float]:
    """Clopper and Pearson's interval (1934) for `hits` of n > 0, at CONFIDENCE."""
    tail = (1 - CONFIDENCE) / 2
    low = float(betaincinv(hits, n - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, n - hits, 1 - tail)) if hits < n else 1.0
    return low, high


def _confusion(
    true: NDArray[np.intp], said: NDArray[np.intp], k: int
) -> tuple[tuple[int, ...], ...]:
    counts = np.bincount(true * k + said, minlength=k * k).reshape(k, k)
    return tuple(tuple(row) for row in counts.tolist())


def _mistakes(
    true: NDArray[np.intp], said: NDArray[np.intp], held_out: HeldOut
) -> tuple[Mistake, ...]:
    wrong = np.flatnonzero(said != true)
    sure = held_out.shares[wrong, said[wrong]]
    return tuple(
        Mistake(int(wrong[i]), held_out.labels[said[wrong[i]]], float(sure[i]))
        for i in np.argsort(-sure, kind="stable")
    )
