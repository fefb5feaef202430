"""One test run: what a trained classifier says of some pictures."""

import logging
from typing import Any

import numpy as np
from django.utils import timezone

from duetml.vision.classifier import Classifier
from duetml.vision.weights import BackboneError
from duetml.workspace.models import TestRun
from duetml.workspace.queries import live_categories
from duetml.workspace.services import testing
from duetml.workspace.work import engine
from duetml.workspace.work.embed import embed_images
from duetml.workspace.work.features import stored_features
from duetml.workspace.work.lease import kept

log = logging.getLogger(__name__)


def test_run(test_id: str) -> None:
    """Claim the test and do it; nothing happens where it is not to be had."""
    test = TestRun.claim(test_id, timezone.now())
    if test is None:
        return
    try:
        with kept(test):
            results = _results(test)
        testing.finish(test, results, timezone.now())
    except BackboneError as problem:
        log.error("test %s: %s", test.id, problem)
        testing.fail(test, "backbone", timezone.now())
    except Exception:
        log.exception("test %s failed", test.id)
        testing.fail(test, "crashed", timezone.now())


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
    return [
        {"image": image, "scores": _scores(shares, names)}
        for image, shares in zip(test.images, predictions, strict=True)
    ]


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
