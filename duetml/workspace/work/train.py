"""One training run: look at its pictures, fit the classifier, save it."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from threading import Event
from typing import Any

import numpy as np
import onnxruntime
from django.utils import timezone

from duetml.features import ModelSettings
from duetml.vision.backbone import Backbone
from duetml.vision.classifier import Classifier, NotTrainable, SvmSettings, fit
from duetml.vision.quality import quality
from duetml.workspace.models import TrainingRun
from duetml.workspace.services import training
from duetml.workspace.work import engine
from duetml.workspace.work.embed import embed_images
from duetml.workspace.work.failing import failing
from duetml.workspace.work.features import stored_features
from duetml.workspace.work.lease import kept
from duetml.workspace.work.progress import teller

MOST_MISTAKES = 100  # told of a run, the surest first


def train_run(run_id: str) -> None:
    """Claim the run and do it; nothing happens where it is not to be had."""
    run = TrainingRun.claim(run_id, timezone.now())
    if run is None:
        return
    with failing(run, training.fail):
        try:
            with kept(run) as lost:
                classifier, report = _fitted(run, lost)
        except NotTrainable as problem:
            training.fail(run, problem.reason, timezone.now())
            return
        training.finish(run, classifier.to_bytes(), report, timezone.now())


def _fitted(run: TrainingRun, lost: Event) -> tuple[Classifier, dict[str, Any]]:
    began = time.perf_counter()
    backbone = engine.backbone()
    images = [image for category in run.data for image in category["images"]]
    labels = [category["category"] for category in run.data for _ in category["images"]]
    tell = teller(run, "run", lost)
    embed_images(images, partial(tell, "looking"))
    tell("learning", 0, 1)
    vectors = stored_features(images, backbone.digest)
    wanted = run.workspace.settings.model
    classifier = fit(
        np.stack([vectors[image] for image in images]),
        labels,
        SvmSettings(wanted.c, wanted.calibration, wanted.folds, wanted.seed),
        [category["category"] for category in run.data],
    )
    tell("learning", 1, 1)
    report = _report(classifier, backbone, wanted, time.perf_counter() - began)
    if run.workspace.settings.features.quality:
        report["quality"] = _quality(run, classifier, images, labels)
    return classifier, report


def _report(
    classifier: Classifier, backbone: Backbone, wanted: ModelSettings, seconds: float
) -> dict[str, Any]:
    """What is recorded of a run; per_category goes by category id."""
    facts = asdict(classifier.report)
    return {
        "backbone": backbone.name,
        "digest": backbone.digest,
        "trained": backbone.trained,
        "weights_expected": wanted.weights,
        "weights_used": backbone.digest,
        "weights_match": backbone.digest.startswith(wanted.weights),
        "svm": facts["settings"],
        "n": facts["n"],
        "per_category": facts["per_category"],
        "calibrated": facts["calibrated"],
        "temperature": facts["temperature"],
        "versions": facts["versions"] | {"onnxruntime": onnxruntime.__version__},
        "fit_seconds": round(facts["seconds"], 3),
        "seconds": round(seconds, 3),
    }


def _quality(
    run: TrainingRun, classifier: Classifier, images: Sequence[str], labels: Sequence[str]
) -> dict[str, Any]:
    """What was said of pictures that the classifier had not seen, by ids; the rows and columns of
    the confusion in the order of the categories."""
    if classifier.held_out is None:
        return {"why": "too_few_images"}
    found = quality(labels, classifier.held_out)
    order = [found.labels.index(category["category"]) for category in run.data]
    return {
        "n": found.n,
        "accuracy": round(found.accuracy, 4),
        "low": round(found.low, 4),
        "high": round(found.high, 4),
        "confidence": found.confidence,
        "folds": found.folds,
        "labels": [found.labels[i] for i in order],
        "confusion": [[found.confusion[i][j] for j in order] for i in order],
        "mistakes": [
            {
                "image": images[one.row],
                "category": labels[one.row],
                "said": one.said,
                "p": round(one.p, 4),
            }
            for one in found.mistakes[:MOST_MISTAKES]
        ],
    }
