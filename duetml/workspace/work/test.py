"""One test run: what a trained classifier says of some pictures."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from duetml.vision.classifier import Classifier
from duetml.vision.similarity import nearest
from duetml.vision.weights import BackboneError
from duetml.workspace.models import TestRun, TrainingRun
from duetml.workspace.queries import live_categories
from duetml.workspace.services import testing
from duetml.workspace.work import engine
from duetml.workspace.work.embed import embed_images
from duetml.workspace.work.failing import failing
from duetml.workspace.work.features import stored_features
from duetml.workspace.work.lease import kept

MOST_NEAREST = 3  # training pictures told of a result


def test_run(test_id: str) -> None:
    """Claim the test and do it; nothing happens where it is not to be had."""
    test = TestRun.claim(test_id, timezone.now())
    if test is None:
        return
    with failing(test, testing.fail):
        with kept(test):
            results = _results(test)
        testing.finish(test, results, timezone.now())


def _results(test: TestRun) -> list[dict[str, Any]]:
    run = test.training_run
    digest = run.report["digest"]
    if digest != engine.backbone().digest:
        raise BackboneError(f"run {run.id} was trained with backbone {digest}, which is gone")
    classifier = Classifier.from_bytes(bytes(run.classifier or b""))
    embed_images(test.images)
    vectors = stored_features(test.images, digest)
    predictions = classifier.predict(np.stack([vectors[image] for image in test.images]))
    names = _names(test)
    results: list[dict[str, Any]] = [
        {"image": image, "scores": _scores(shares, names)}
        for image, shares in zip(test.images, predictions, strict=True)
    ]
    if test.workspace.settings.features.nearest:
        _add_nearest(results, run, vectors)
    return results


def _add_nearest(
    results: list[dict[str, Any]], run: TrainingRun, tested: Mapping[str, NDArray[np.float32]]
) -> None:
    """To each result the pictures of the run most like its own, itself left out. One that lies in
    several categories is told once, with the first."""
    home = {image: one["category"] for one in reversed(run.data) for image in one["images"]}
    known = stored_features(list(home), run.report["digest"])
    images = [image for image in home if image in known]
    rows = np.stack([known[image] for image in images])
    for result in results:
        alike = nearest(rows, tested[result["image"]], MOST_NEAREST + 1)
        result["nearest"] = [
            {"image": images[row], "category": home[images[row]], "cosine": round(cosine, 4)}
            for row, cosine in alike
            if images[row] != result["image"]
        ][:MOST_NEAREST]


def _names(test: TestRun) -> dict[str, str]:
    """Category id → its present name; for a deleted one the name it was trained under."""
    trained = {one["category"]: one["name"] for one in test.training_run.data}
    return trained | {str(one.id): one.name for one in live_categories(test.workspace_id)}


def _scores(shares: dict[str, float], names: dict[str, str]) -> list[dict[str, Any]]:
    ranked = sorted(shares.items(), key=lambda share: (-share[1], share[0]))
    return [
        {"category": category, "name": names[category], "p": round(share, 4)}
        for category, share in ranked
    ]
