"""What features alone tell about training images: copies, overlaps, a choice of a few.

Features are (n, d) float32 rows of length 1, so that a dot product is the cosine. NumPy only: the
agents' side calls this without torch or scikit-learn.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROWS_AT_ONCE = 1024  # bounds the memory of a similarity block to ROWS_AT_ONCE x n


@dataclass(frozen=True)
class Overlap:
    """Two categories, a < b, and the share of their images nearest to one of the other."""

    a: str
    b: str
    share: float


def near_duplicates(
    features: NDArray[np.float32], threshold: float = 0.97
) -> list[tuple[int, int, float]]:
    """All pairs i < j with a cosine of at least `threshold`, most alike first, then by position."""
    pairs = [
        (int(i) + start, int(j), float(block[i, j]))
        for start, block in _blocks(features)
        for i, j in np.argwhere(block >= threshold)
        if i + start < j
    ]
    return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))


def category_overlap(features: NDArray[np.float32], labels: Sequence[str]) -> list[Overlap]:
    """Pairs of categories that run into each other, most overlapping first; no pair of share 0.

    The nearest neighbour of an image is looked for among all other images, of whatever category.
    """
    if len(labels) < 2:
        return []
    sizes = Counter(labels)
    strays: Counter[tuple[str, str]] = Counter()
    for start, block in _blocks(features):
        rows = np.arange(len(block))
        block[rows, rows + start] = -np.inf
        for row, nearest in enumerate(block.argmax(axis=1)):
            own, other = labels[start + row], labels[int(nearest)]
            if own != other:
                strays[min(own, other), max(own, other)] += 1
    overlaps = [Overlap(a, b, n / (sizes[a] + sizes[b])) for (a, b), n in strays.items()]
    return sorted(overlaps, key=lambda overlap: (-overlap.share, overlap.a, overlap.b))


def typical_and_diverse(features: NDArray[np.float32], k: int) -> list[int]:
    """Up to k positions: the most typical image, then each time the one farthest from all so far.

    Farthest-point selection (Gonzalez 1985) from the medoid; ties go to the lower position.
    """
    if len(features) == 0 or k < 1:
        return []
    chosen = [int((features @ features.sum(axis=0)).argmax())]
    closest = features @ features[chosen[0]]
    while len(chosen) < min(k, len(features)):
        closest[chosen] = np.inf
        chosen.append(int(closest.argmin()))
        closest = np.maximum(closest, features @ features[chosen[-1]])
    return chosen


def nearest(
    features: NDArray[np.float32], to: NDArray[np.float32], k: int
) -> list[tuple[int, float]]:
    """The k rows most alike to `to` (d,), as positions with their cosines; ties by position."""
    cosines = features @ to
    order = np.argsort(-cosines, kind="stable")[:k]
    return [(int(row), float(cosines[row])) for row in order]


def _blocks(features: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    for start in range(0, len(features), ROWS_AT_ONCE):
        yield start, features[start : start + ROWS_AT_ONCE] @ features.T
