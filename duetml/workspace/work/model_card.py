"""The card that goes with a classifier: what it is, from what, how good, how to use it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.template.loader import render_to_string
from django.utils import translation

from duetml.vision.weights import SIDE
from duetml.workspace.models import TrainingRun

SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&-])")

# Runs as it stands, beside classifier.onnx: python classify.py picture.jpg … (a test does it).
SNIPPET = f"""\
import json, sys
import numpy as np, onnxruntime
from PIL import Image, ImageOps
model = onnxruntime.InferenceSession("classifier.onnx", providers=["CPUExecutionProvider"])
names = json.loads(model.get_modelmeta().custom_metadata_map["categories"])
for path in sys.argv[1:]:
    picture = Image.open(path); picture.draft("RGB", ({2 * SIDE}, {2 * SIDE}))
    upright = ImageOps.exif_transpose(picture).convert("RGB")
    pixels = np.asarray(upright.resize(({SIDE}, {SIDE}), Image.Resampling.BILINEAR))[None]
    shares, label = model.run(["probabilities", "label"], {{"images": pixels}})
    print(path, label[0], json.dumps(dict(zip(names, shares[0].tolist())), ensure_ascii=False))
"""


class Category(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def images(self) -> Sequence[str]: ...


def model_card(
    run: TrainingRun, categories: Sequence[Category], origins: Mapping[str, str], now: datetime
) -> str:
    """Markdown, in the workspace's language. `origins`: image id → pool or upload."""
    workspace = run.workspace
    rows = [_row(category, origins) for category in categories]
    context = {
        "task": plain(" ".join(workspace.task.split())),
        "number": run.number,
        "date": now.date().isoformat(),
        "rows": rows,
        "count": sum(row["images"] for row in rows),
        "given": sum(row["pool"] for row in rows),
        "uploads": sum(row["uploads"] for row in rows),
        "quality": _quality(run) if workspace.settings.features.quality else None,
        "report": run.report,
        "versions": ", ".join(f"{name} {one}" for name, one in run.report["versions"].items()),
        "licence": plain(" ".join(workspace.pool.licence.split())) if workspace.pool else "",
        "side": SIDE,
        "snippet": SNIPPET,
    }
    with translation.override(workspace.language):
        return render_to_string("workspace/model-card.txt", context)


def plain(text: str) -> str:
    """Words of a person that stay words in Markdown."""
    return SPECIAL.sub(r"\\\1", text)


def _row(category: Category, origins: Mapping[str, str]) -> dict[str, Any]:
    uploads = sum(origins.get(image) == "upload" for image in category.images)
    images = len(category.images)
    return {
        "name": plain(category.name),
        "images": images,
        "uploads": uploads,
        "pool": images - uploads,
    }


def _quality(run: TrainingRun) -> dict[str, Any] | None:
    """Shares as percent; None where there were too few images to say."""
    found = run.report.get("quality", {})
    if "accuracy" not in found:
        return None
    percent = {name: f"{100 * found[name]:.0f}" for name in ("accuracy", "low", "high")}
    return percent | {"n": found["n"], "folds": found["folds"]}
