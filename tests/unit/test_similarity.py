"""What features alone say about training images."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from duetml.vision import similarity
from duetml.vision.similarity import (
    Overlap,
    category_overlap,
    near_duplicates,
    nearest,
    typical_and_diverse,
)


def at(*degrees: float) -> NDArray[np.float32]:
    """Unit vectors in the plane, so that the angle between two is plain to see."""
    angles = np.radians(np.array(degrees))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_near_duplicates_are_found_once_each_most_alike_first() -> None:
    pairs = near_duplicates(at(0, 90, 10, 91, 180))
    assert [(i, j) for i, j, _ in pairs] == [(1, 3), (0, 2)]
    assert pairs[0][2] == pytest.approx(np.cos(np.radians(1)), abs=1e-5)


def test_the_threshold_decides_what_a_duplicate_is() -> None:
    assert near_duplicates(at(0, 10), threshold=0.99) == []


def test_duplicates_are_found_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    features = at(*np.random.default_rng(0).uniform(0, 360, 50))
    whole = near_duplicates(features)
    monkeypatch.setattr(similarity, "ROWS_AT_ONCE", 7)
    assert [pair[:2] for pair in near_duplicates(features)] == [pair[:2] for pair in whole]


def test_separate_categories_do_not_overlap() -> None:
    assert category_overlap(at(0, 2, 90, 92), ["x", "x", "y", "y"]) == []


def test_overlap_is_the_share_of_images_nearest_to_the_other_category() -> None:
    features = at(0, 1, 3, 90, 95, 200, 203)
    labels = ["cup", "mug", "mug", "dog", "dog", "cup", "cup"]
    # Nearest: cup 0 -> mug, mug 1 -> cup, mug 3 -> mug; of the 3 cups and 2 mugs, 2 lie astray.
    assert category_overlap(features, labels) == [Overlap("cup", "mug", 2 / 5)]


def test_the_most_overlapping_pair_comes_first() -> None:
    features = at(0, 1, 90, 91, 93, 180, 181)
    labels = ["a", "b", "c", "d", "d", "e", "e"]
    pairs = [(overlap.a, overlap.b) for overlap in category_overlap(features, labels)]
    assert pairs == [("a", "b"), ("c", "d")]


def test_a_single_image_overlaps_with_nothing() -> None:
    assert category_overlap(at(0), ["a"]) == []


def test_the_typical_image_comes_first_and_then_the_most_different() -> None:
    assert typical_and_diverse(at(50, 0, 40, 100, 45), 3) == [4, 3, 1]


@given(st.lists(st.floats(0, 359), min_size=1, max_size=12), st.integers(0, 15))
def test_a_choice_is_always_of_k_different_images(degrees: list[float], k: int) -> None:
    chosen = typical_and_diverse(at(*degrees), k)
    assert len(set(chosen)) == len(chosen) == min(k, len(degrees))


def test_nothing_to_choose_from_gives_nothing() -> None:
    assert typical_and_diverse(np.empty((0, 1280), dtype=np.float32), 4) == []
    assert near_duplicates(np.empty((0, 1280), dtype=np.float32)) == []


def test_the_nearest_come_first_with_their_cosines() -> None:
    found = nearest(at(0, 90, 10, 60, 180), at(5)[0], 3)
    assert [row for row, _ in found] == [0, 2, 3]
    assert found[2][1] == pytest.approx(np.cos(np.radians(55)), abs=1e-5)


def test_no_more_are_near_than_there_are() -> None:
    assert len(nearest(at(0, 90), at(5)[0], 60)) == 2
