"""All pictures in two dimensions, alike ones near each other.

t-SNE (van der Maaten and Hinton, JMLR 2008) by Barnes and Hut's approximation, on the fifty
directions of most variance and begun from the first two of them: DECISIONS.md has what was
measured. It shows which pictures are neighbours; distances between groups mean little.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

FEW = 20  # with fewer, the two directions of most variance keep more neighbours together
DIRECTIONS = 50
PERPLEXITY = 30.0
ITERATIONS = 500
ANGLE = 0.8  # of the approximation: as many neighbours kept as with 0.5, a quarter faster
FIRST_SPREAD = 1e-4  # standard deviation of the first positions, as scikit-learn's own start has it
ALL_ALIKE = 1e-6
DECIMALS = 4


def layout(features: NDArray[np.float32], seed: int = 0) -> NDArray[np.float64]:
    """(n, d) unit rows -> (n, 2), each number from 0 to 1: the larger of width and height is 1, the
    smaller is centred. The same features and seed give the same points. Works from no row up."""
    if len(features) < 3:
        return _scaled(np.arange(len(features), dtype=np.float64)[:, None] * (1.0, 0.0))
    directions = _directions(features, seed)
    spread = float(directions[:, 0].std())
    if spread < ALL_ALIKE:
        return np.full((len(features), 2), 0.5)
    if len(features) < FEW:
        return _scaled(directions[:, :2])
    return _scaled(_neighbours_together(directions, FIRST_SPREAD / spread, seed))


def _neighbours_together(
    directions: NDArray[np.float64], first: float, seed: int
) -> NDArray[np.float64]:
    machine = TSNE(
        init=(directions[:, :2] * first).astype(np.float32),
        perplexity=min(PERPLEXITY, (len(directions) - 1) / 3),
        max_iter=ITERATIONS,
        angle=ANGLE,
        random_state=seed,
    )
    # One thread: several wait for each other busily, five times as long on a machine that has
    # other work, and add up in an order of their own.
    with threadpool_limits(1, user_api="openmp"):
        points: NDArray[np.float32] = machine.fit_transform(directions)
    return points.astype(np.float64)


def _directions(features: NDArray[np.float32], seed: int) -> NDArray[np.float64]:
    """(n, 2 to DIRECTIONS): coordinates along the directions of most variance."""
    kept = min(DIRECTIONS, *features.shape)
    found = PCA(kept, random_state=seed).fit_transform(features).astype(np.float64)
    plane: NDArray[np.float64] = np.pad(found, ((0, 0), (0, max(0, 2 - kept))))
    return plane


def _scaled(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Into the square from 0 to 1, without distortion."""
    if len(points) == 0:
        return points
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max()) or 1.0
    inside = 0.5 + (points - (low + high) / 2) / extent
    rounded: NDArray[np.float64] = np.round(np.clip(inside, 0, 1), DECIMALS)
    return rounded
