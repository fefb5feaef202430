"""The quality of a classifier: told from images it had not seen, and no surer than they allow."""

import numpy as np
import pytest

from duetml.vision.classifier import Classifier, HeldOut, SvmSettings, fit
from duetml.vision.quality import Mistake, interval, quality
from tests.unit.test_classifier import clouds


def held_out(*shares: tuple[float, float]) -> HeldOut:
    return HeldOut(labels=("cat", "dog"), shares=np.array(shares), folds=3)


def test_the_confusion_counts_where_each_image_was_put_and_what_it_was_taken_for() -> None:
    found = quality(["dog", "cat", "dog", "cat"], held_out((0, 1), (0.9, 0.1), (1, 0), (0.6, 0.4)))
    assert found.labels == ("cat", "dog")
    assert found.confusion == ((2, 0), (1, 1))
    assert (found.n, found.accuracy, found.folds) == (4, 0.75, 3)


def test_the_surest_mistake_comes_first() -> None:
    found = quality(["dog", "dog", "cat"], held_out((0.6, 0.4), (0.9, 0.1), (0.8, 0.2)))
    assert found.mistakes == (Mistake(1, "cat", 0.9), Mistake(0, "cat", 0.6))


def test_labels_that_do_not_belong_to_the_classifier_are_refused() -> None:
    with pytest.raises(ValueError, match="labels"):
        quality(["cat"], held_out((1, 0), (0, 1)))
    with pytest.raises(ValueError, match="labels"):
        quality(["cat", "bird"], held_out((1, 0), (0, 1)))


@pytest.mark.parametrize(("hits", "n"), [(0, 6), (6, 6), (7, 10), (480, 500)])
def test_the_interval_holds_the_share_and_stays_between_none_and_all(hits: int, n: int) -> None:
    low, high = interval(hits, n)
    assert 0 <= low <= hits / n <= high <= 1
    assert high - low > 0


def test_six_hits_of_six_promise_little() -> None:
    assert interval(6, 6)[0] < 0.65


def test_what_was_held_out_comes_in_the_order_of_the_images() -> None:
    features, labels = clouds(4, 9, noise=1.2)
    order = np.random.default_rng(5).permutation(len(labels))
    found = fit(features, labels).held_out
    shuffled = fit(features[order], [labels[i] for i in order]).held_out
    assert found is not None
    assert shuffled is not None
    np.testing.assert_array_equal(shuffled.shares, found.shares[order])


def test_what_was_held_out_is_not_what_the_classifier_itself_says() -> None:
    features, labels = clouds(3, 6)
    labels[0] = "b"  # an "a" among the "b"s: only who learnt it calls it a "b"
    classifier = fit(features, labels, SvmSettings(c=100.0))
    assert classifier.held_out is not None
    assert classifier.predict(features[:1])[0]["b"] > 0.5
    assert quality(labels, classifier.held_out).mistakes[0].row == 0


def test_shares_of_one_image_add_up() -> None:
    found = fit(*clouds(3, 6)).held_out
    assert found is not None
    np.testing.assert_allclose(found.shares.sum(axis=1), 1)


def test_nothing_is_held_out_where_a_category_is_smaller_than_the_folds() -> None:
    features, labels = clouds(3, 5)
    assert fit(features[:-3], labels[:-3]).held_out is None


def test_a_stored_classifier_keeps_nothing_that_was_held_out() -> None:
    assert Classifier.from_bytes(fit(*clouds(3, 6)).to_bytes()).held_out is None
