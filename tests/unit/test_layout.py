"""The map: neighbours stay neighbours, the same pictures give the same map, no set of pictures is
too small or too much alike for it.
"""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.manifold import trustworthiness

from duetml.vision.layout import FEW, layout

Features = NDArray[np.float32]


def groups(count: int, each: int, seed: int = 0) -> Features:
    """Unit vectors in `count` groups that do not overlap."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(rng.normal(size=(count, 64)), each, axis=0)
    rows = rows + rng.normal(size=rows.shape) * 0.5
    unit: Features = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


@pytest.mark.parametrize("n", [0, 1, 2, 3, FEW - 1, FEW, 60])
def test_every_picture_gets_a_point_inside_the_square(n: int) -> None:
    points = layout(groups(1, n) if n else np.empty((0, 64), dtype=np.float32))
    assert points.shape == (n, 2)
    assert ((points >= 0) & (points <= 1)).all()


def test_the_map_fills_the_square_in_its_longer_direction() -> None:
    points = layout(groups(4, 10))
    extent = points.max(axis=0) - points.min(axis=0)
    assert extent.max() == pytest.approx(1)
    assert (points.max(axis=0) + points.min(axis=0)) / 2 == pytest.approx([0.5, 0.5], abs=1e-3)


def test_the_same_pictures_give_the_same_map() -> None:
    features = groups(5, 12)
    np.testing.assert_array_equal(layout(features), layout(features))


def test_neighbours_stay_neighbours() -> None:
    features = groups(6, 20)
    points = layout(features)
    assert trustworthiness(features, points, n_neighbors=5) > 0.9
    squared = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    of = np.repeat(np.arange(6), 20)
    assert (of[squared.argmin(axis=1)] == of).mean() > 0.95


@pytest.mark.parametrize("different", [1, 2, 10])
def test_pictures_that_are_all_alike_get_points_too(different: int) -> None:
    features = np.repeat(groups(1, different), 40 // different, axis=0)
    points = layout(features)
    assert np.isfinite(points).all()
    if different == 1:
        assert (points == 0.5).all()
