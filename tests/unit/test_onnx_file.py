"""The classifier as one ONNX file: it says what the workspace says, with any weights."""

import json
import os
from collections.abc import Sequence
from io import BytesIO
from itertools import islice
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from PIL import Image

from duetml.drawings import draw_pool
from duetml.vision.backbone import Backbone, load_backbone
from duetml.vision.classifier import Classifier, SvmSettings, fit
from duetml.vision.onnx_file import onnx_file
from tests.unit.test_backbone import saved

DATA = Path(os.environ.get("DUETML_TEST_DATA", "../shared/data"))
REAL = DATA / "weights" / "mobilenet_v2_1.0_224_tf2.pth"
KINDS = ("leopard", "dolphin", "panda")
SHARP = SvmSettings(c=1000, calibration="none")  # differences show, whatever the features are worth
NAMES = {"panda": "パンダ", "dolphin": "“dolphin” & co", "leopard": "leopard"}


@pytest.fixture(scope="module")
def untrained() -> Backbone:
    return load_backbone(None)


def drawn(count: int) -> list[bytes]:
    return [drawing.jpeg for drawing in islice(draw_pool("animals", 1), count)]


def trained(
    backbone: Backbone, pictures: Sequence[bytes], settings: SvmSettings = SHARP
) -> Classifier:
    """As many pictures of each of KINDS, one kind after the other."""
    labels = [kind for kind in KINDS for _ in range(len(pictures) // len(KINDS))]
    return fit(backbone.embed(pictures), labels, settings)


def squares(pictures: Sequence[bytes]) -> NDArray[np.uint8]:
    """What the model card tells its reader to do."""
    found = []
    for picture in pictures:
        with Image.open(BytesIO(picture)) as image:
            image.draft("RGB", (448, 448))
            found.append(image.convert("RGB").resize((224, 224), Image.Resampling.BILINEAR))
    return np.stack([np.asarray(one) for one in found])


def run(file: bytes, pictures: Sequence[bytes]) -> tuple[NDArray[np.float32], list[str]]:
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    shares, labels = session.run(["probabilities", "label"], {"images": squares(pictures)})
    return np.asarray(shares), list(labels)


def assert_says_the_same(
    backbone: Backbone, classifier: Classifier, pictures: Sequence[bytes]
) -> None:
    shares, labels = run(onnx_file(backbone, classifier, NAMES), pictures)
    said = classifier.predict(backbone.embed(pictures))
    np.testing.assert_allclose(shares, [[one[kind] for kind in NAMES] for one in said], atol=1e-4)
    assert labels == [NAMES[max(one, key=lambda kind: one[kind])] for one in said]
    assert np.ptp(shares, axis=0).max() > 0.1  # it does tell pictures apart


@pytest.mark.parametrize("padding", ["symmetric", "tf_same"])
def test_both_flavours_of_weights_say_what_the_workspace_says(padding: str, tmp_path: Path) -> None:
    backbone = load_backbone(saved(tmp_path / "w.pth", {"padding": padding}))
    pictures = drawn(12)
    assert_says_the_same(backbone, trained(backbone, pictures), pictures)


def test_the_untrained_stand_in_says_what_the_workspace_says(untrained: Backbone) -> None:
    pictures = drawn(24)
    assert_says_the_same(untrained, trained(untrained, pictures[:12]), pictures)


@pytest.mark.skipif(not REAL.exists(), reason=f"no real weights at {REAL}: set DUETML_TEST_DATA")
def test_real_weights_say_of_real_photographs_what_the_workspace_says() -> None:
    backbone = load_backbone(REAL)
    files = [sorted((DATA / "images" / "animals" / kind).glob("*.jpg")) for kind in KINDS]
    known = [file.read_bytes() for group in files for file in group[:8]]
    unknown = [file.read_bytes() for group in files for file in group[8:16]]
    assert_says_the_same(backbone, trained(backbone, known, SvmSettings()), unknown)


def test_the_file_says_what_it_is(untrained: Backbone) -> None:
    file = onnx_file(untrained, trained(untrained, drawn(6)), NAMES)
    model = onnx.load_from_string(file)
    told = {one.key: one.value for one in model.metadata_props}
    assert json.loads(told["categories"]) == list(NAMES.values())
    assert told["weights"] == untrained.digest
    assert (model.ir_version, model.opset_import[0].version) == (7, 13)
    assert len(file) < 10_000_000


def test_names_of_other_labels_are_refused(untrained: Backbone) -> None:
    with pytest.raises(ValueError, match="not those of the classifier"):
        onnx_file(untrained, trained(untrained, drawn(6)), {"panda": "p", "leopard": "l"})
