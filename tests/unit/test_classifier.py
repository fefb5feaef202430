"""The classifier: accurate on real photographs, honest in its confidences, stored without
surprises.
"""

import os
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from duetml.vision.backbone import load_backbone
from duetml.vision.classifier import Classifier, NotTrainable, SvmSettings, _shortened, fit

DATA = Path(os.environ.get("DUETML_TEST_DATA", "../shared/data"))
REAL = DATA / "weights" / "mobilenet_v2_1.0_224_tf2.pth"

Features = NDArray[np.float32]


def clouds(k: int, each: int, seed: int = 0, noise: float = 0.6) -> tuple[Features, list[str]]:
    """k clouds of unit vectors in 32 dimensions that overlap a little, named a, b, c, …"""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(k, 32))
    rows = np.repeat(centres, each, axis=0) + rng.normal(size=(k * each, 32)) * noise
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), [chr(97 + i) for i in range(k) for _ in range(each)]


def winners(classifier: Classifier, features: Features) -> list[str]:
    return [max(shares, key=lambda label: shares[label]) for shares in classifier.predict(features)]


@pytest.mark.parametrize("k", [2, 3, 7])
def test_probabilities_add_up_and_name_every_category(k: int) -> None:
    features, labels = clouds(k, 8)
    for shares in fit(features, labels).predict(features):
        assert list(shares) == sorted(set(labels))
        assert sum(shares.values()) == pytest.approx(1, abs=1e-12)
        assert min(shares.values()) >= 0


@pytest.mark.parametrize("k", [2, 3, 7])
def test_the_winner_is_the_one_scikit_learn_names(k: int) -> None:
    features, labels = clouds(k, 8)
    unseen, _ = clouds(k, 30, seed=1, noise=1.5)
    oracle = LinearSVC(random_state=0, max_iter=10_000).fit(features, labels)
    assert np.mean(oracle.predict(unseen) == winners(fit(features, labels), unseen)) > 0.99


@pytest.mark.parametrize("each", [4, 40])
def test_turning_the_axes_keeps_every_picture_where_it_is(each: int) -> None:
    rows = clouds(3, each)[0].astype(np.float64)
    short, axes = _shortened(rows)
    assert short.shape == (len(rows), min(rows.shape))
    np.testing.assert_allclose(short @ axes, rows, atol=1e-12)
    np.testing.assert_allclose(short @ short.T, rows @ rows.T, atol=1e-12)


def test_a_category_of_pictures_all_alike_is_fitted() -> None:
    features, labels = clouds(2, 5)
    alike = np.repeat(features[:1], 4, axis=0)
    classifier = fit(np.concatenate([features, alike]), [*labels, *"cccc"])
    assert classifier.held_out is not None
    assert np.isfinite(classifier.held_out.shares).all()


def test_confidence_is_about_as_often_right_as_it_says() -> None:
    features, labels = clouds(5, 30, noise=1.6)
    unseen, truth = clouds(5, 200, seed=1, noise=1.6)
    classifier = fit(features, labels)
    says = np.mean([max(shares.values()) for shares in classifier.predict(unseen)])
    right = np.mean(np.array(winners(classifier, unseen)) == truth)
    assert 0.5 < right < 0.98
    assert abs(says - right) < 0.06


def test_a_few_well_separated_images_do_not_claim_certainty() -> None:
    features, labels = clouds(2, 3, noise=0.05)
    assert max(max(shares.values()) for shares in fit(features, labels).predict(features)) < 0.98


def test_a_category_below_the_number_of_folds_is_not_calibrated_and_the_report_says_so() -> None:
    features, labels = clouds(3, 5)
    classifier = fit(features[:-3], labels[:-3])  # two images left of "c"
    assert not classifier.report.calibrated
    assert classifier.report.per_category == {"a": 5, "b": 5, "c": 2}
    assert winners(classifier, features[:1]) == ["a"]


def test_one_image_per_category_is_enough_to_train() -> None:
    features, labels = clouds(2, 1)
    assert winners(fit(features, labels), features) == ["a", "b"]


def test_the_report_holds_what_is_recorded_of_a_run() -> None:
    features, labels = clouds(3, 6)
    report = fit(features, labels, SvmSettings(c=2.0, seed=4)).report
    assert (report.n, report.calibrated, report.settings.c, report.settings.seed) == (
        18,
        True,
        2,
        4,
    )
    assert report.temperature is not None
    assert report.temperature > 0
    assert report.seconds > 0
    assert report.versions.keys() == {"python", "numpy", "scipy", "scikit-learn"}


def test_the_order_of_the_images_changes_no_byte() -> None:
    features, labels = clouds(4, 6)
    order = list(range(len(labels)))
    Random(1).shuffle(order)
    shuffled = fit(features[order], [labels[i] for i in order])
    assert shuffled.to_bytes() == fit(features, labels).to_bytes()


def test_a_stored_classifier_is_read_back_whole() -> None:
    features, labels = clouds(3, 6)
    labels = [f"動物 {label}\0" for label in labels]
    classifier = fit(features, labels)
    again = Classifier.from_bytes(classifier.to_bytes())
    assert again.predict(features) == classifier.predict(features)
    assert again.report == classifier.report
    assert again.to_bytes() == classifier.to_bytes()


@pytest.mark.parametrize("cut", [0, 10, 200, -30])
def test_damaged_bytes_are_refused(cut: int) -> None:
    data = fit(*clouds(2, 4)).to_bytes()
    with pytest.raises(ValueError, match="not a stored classifier"):
        Classifier.from_bytes(data[:cut])


def test_a_stored_classifier_whose_arrays_disagree_is_refused() -> None:
    classifier = fit(*clouds(3, 4))
    shortened = replace(classifier, bias=classifier.bias[:2])
    with pytest.raises(ValueError, match="disagree"):
        Classifier.from_bytes(shortened.to_bytes())


def test_one_category_cannot_be_trained() -> None:
    features, labels = clouds(1, 5)
    with pytest.raises(NotTrainable) as caught:
        fit(features, labels)
    assert caught.value.reason == "too_few_categories"


def test_an_empty_category_cannot_be_trained() -> None:
    features, labels = clouds(2, 5)
    with pytest.raises(NotTrainable) as caught:
        fit(features, labels, categories=["a", "b", "c"])
    assert caught.value.reason == "empty_category"


@pytest.mark.parametrize("wrong", [{"calibration": "sigmoid"}, {"c": 0.0}, {"folds": 1}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"calibration|folds"):
        SvmSettings(**wrong)  # type: ignore[arg-type]


def test_calibration_can_be_switched_off() -> None:
    classifier = fit(*clouds(3, 6), SvmSettings(calibration="none"))
    assert not classifier.report.calibrated


@pytest.mark.skipif(not REAL.exists(), reason=f"no real weights at {REAL}: set DUETML_TEST_DATA")
def test_ten_photographs_of_each_of_five_animals_are_enough() -> None:
    kinds = ["butterfly", "elephant", "flamingo", "panda", "starfish"]
    photos = [sorted((DATA / "images" / "animals" / kind).glob("*.jpg"))[:20] for kind in kinds]
    features = load_backbone(REAL).embed([p.read_bytes() for group in photos for p in group])
    truth = np.repeat(kinds, 20)
    training = np.tile(np.arange(20) < 10, 5)
    classifier = fit(features[training], truth[training].tolist())
    assert np.mean(np.array(winners(classifier, features[~training])) == truth[~training]) > 0.9
