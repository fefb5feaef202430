"""The backbone: the right function of the pixels, the same everywhere, and plain words for a
wrong file.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from duetml.vision import backbone, weights
from duetml.vision.backbone import Backbone, BackboneError, load_backbone
from duetml.vision.network import MobileNetV2
from duetml.vision.weights import describe_backbone

DATA = Path(os.environ.get("DUETML_TEST_DATA", "../shared/data"))
REAL = DATA / "weights" / "mobilenet_v2_1.0_224_tf2.pth"

needs_real_weights = pytest.mark.skipif(
    not REAL.exists(), reason=f"no real weights at {REAL}: set DUETML_TEST_DATA"
)


def jpeg(seed: int, size: tuple[int, int] = (120, 90)) -> bytes:
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 255, (6, 8, 3), dtype=np.uint8))
    out = BytesIO()
    small.resize(size, Image.Resampling.BICUBIC).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture(scope="module")
def untrained() -> Backbone:
    return load_backbone(None)


def saved(path: Path, sidecar: dict[str, object] | None = None) -> Path:
    """Weights of our own with batch norms that are no identities, so that folding them shows."""
    torch.manual_seed(0)
    network = MobileNetV2()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):  # large enough for the picture to reach the last layer
            nn.init.kaiming_normal_(module.weight, mode="fan_in")
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.2, 0.2)
            assert module.running_mean is not None
            assert module.running_var is not None
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    torch.save(network.state_dict(), path)
    if sidecar is not None:
        path.with_suffix(".json").write_text(json.dumps(sidecar))
    return path


class SamePadding(nn.Module):
    """A strided convolution padded as TensorFlow does: the odd row and column at the right and
    bottom.
    """

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = convolution

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        padded = nn.functional.pad(x, (0, 1, 0, 1))
        c = self.convolution
        return nn.functional.conv2d(padded, c.weight, stride=2, groups=c.groups)


def plain_features(path: Path, image: bytes, tf_same: bool) -> NDArray[np.float32]:
    """The definition, without folding or turning: what the fast network is held against."""
    network = MobileNetV2().eval()
    network.load_state_dict(torch.load(path, weights_only=True))
    if tf_same:
        for block in [m for m in network.modules() if isinstance(m, nn.Sequential)]:
            for index, layer in enumerate(block):
                if isinstance(layer, nn.Conv2d) and layer.stride == (2, 2):
                    block[index] = SamePadding(layer)
    with Image.open(BytesIO(image)) as opened:
        square = opened.convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)
    pixels = np.asarray(square, dtype=np.float32) / 255
    imagenet = (pixels - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    scaled = pixels * 2 - 1 if tf_same else imagenet
    x = torch.from_numpy(scaled.transpose(2, 0, 1)[None].astype(np.float32))
    with torch.inference_mode():
        features: NDArray[np.float32] = network.features(x).mean(dim=(2, 3))[0].numpy()
    return (features / np.linalg.norm(features)).astype(np.float32)


@pytest.mark.parametrize("padding", ["symmetric", "tf_same"])
def test_the_fast_network_computes_what_the_plain_one_does(padding: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pth", {"architecture": "mobilenet_v2", "padding": padding})
    fast = load_backbone(path).embed([jpeg(1)])[0]
    plain = plain_features(path, jpeg(1), tf_same=padding == "tf_same")
    np.testing.assert_allclose(fast, plain, atol=2e-6)


def test_the_two_flavours_differ(tmp_path: Path) -> None:
    one = saved(tmp_path / "one.pth", {"padding": "symmetric"})
    other = saved(tmp_path / "other.pth", {"padding": "tf_same"})
    assert not np.allclose(
        load_backbone(one).embed([jpeg(1)]), load_backbone(other).embed([jpeg(1)]), atol=1e-3
    )


def test_the_state_dict_has_the_published_keys() -> None:
    keys = set(MobileNetV2().state_dict())
    expected = {"features.0.0.weight", "features.1.conv.2.running_var", "features.2.conv.1.1.bias"}
    assert expected | {"features.18.1.weight", "classifier.1.weight"} <= keys
    assert len(keys) == 314


def test_features_are_unit_rows_in_the_order_of_the_pictures(untrained: Backbone) -> None:
    pictures = [jpeg(seed) for seed in range(35)]  # more than one batch
    features = untrained.embed(pictures)
    assert features.shape == (35, 1280)
    assert features.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(features[34], untrained.embed([pictures[34]])[0], atol=1e-5)


def test_batches_are_worked_on_one_ahead_and_come_in_order(untrained: Backbone) -> None:
    asked: list[int] = []

    def batches() -> Iterator[list[bytes]]:
        for seed in range(3):
            asked.append(seed)
            yield [jpeg(seed), jpeg(seed + 10)]

    found = untrained.embed_batches(batches())
    first = next(found)
    assert asked == [0, 1]
    np.testing.assert_array_equal(first, untrained.embed([jpeg(0), jpeg(10)]))
    assert len(list(found)) == 2


def test_a_converted_network_is_kept_and_used_again(
    tmp_path: Path, untrained: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = load_backbone(None, cache=tmp_path / "models")
    monkeypatch.setattr(backbone, "_convert_apart", None)  # would fail: nothing is left to convert
    again = load_backbone(None, cache=tmp_path / "models")
    assert again.model == kept.model == untrained.model


def test_another_sidecar_is_another_converted_network(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pth", {"padding": "symmetric"})
    one = load_backbone(path, cache=tmp_path)
    path.with_suffix(".json").write_text('{"padding": "tf_same"}')
    assert load_backbone(path, cache=tmp_path).model != one.model


def test_what_is_wrong_with_a_file_is_told_from_the_process_that_converts(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pth", {"padding": "symmetric"})
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(BackboneError, match=r"w\.pth is damaged"):
        load_backbone(path, cache=tmp_path)
    assert not list(tmp_path.glob("*.onnx*"))


def test_looking_at_pictures_loads_no_torch(tmp_path: Path) -> None:
    load_backbone(None, cache=tmp_path)
    code = (
        "import sys; from pathlib import Path; from duetml.vision.backbone import load_backbone;"
        f"load_backbone(None, Path({str(tmp_path)!r})); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_no_pictures_give_no_rows(untrained: Backbone) -> None:
    assert untrained.embed([]).shape == (0, 1280)


def test_the_untrained_network_is_the_same_every_time(untrained: Backbone) -> None:
    again = load_backbone(None)
    assert (again.digest, again.trained) == (untrained.digest, False)
    assert again.digest.startswith("untrained-")
    np.testing.assert_array_equal(again.embed([jpeg(3)]), untrained.embed([jpeg(3)]))


def test_untrained_features_tell_different_pictures_apart(untrained: Backbone) -> None:
    features = untrained.embed([jpeg(seed) for seed in range(12)])
    others = (features @ features.T)[np.triu_indices(12, 1)]
    assert others.max() < 0.97


def test_the_description_agrees_with_the_loaded_backbone(untrained: Backbone) -> None:
    info = describe_backbone(None)
    assert (info.name, info.digest, info.trained) == (untrained.name, untrained.digest, False)


def test_a_picture_that_cannot_be_decoded_is_named_by_its_position(untrained: Backbone) -> None:
    with pytest.raises(BackboneError, match="number 2"):
        untrained.embed([jpeg(1), b"not a jpeg"])


def test_the_official_file_is_known_by_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "w.pth")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(weights, "OFFICIAL_SHA256_PREFIX", digest[:8])
    assert weights.flavour_of(path).kind == "torchvision"


def test_a_file_of_unknown_flavour_is_never_guessed_at(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pth")
    with pytest.raises(BackboneError, match=r"w\.json"):
        load_backbone(path)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"padding": "valid"}, "padding"),
        ({}, "padding"),
        ({"padding": "symmetric", "architecture": "resnet50"}, "resnet50"),
        ({"padding": "symmetric", "width_multiplier": 0.5}, "width_multiplier"),
        ({"padding": "symmetric", "sha256": "0" * 64}, "sha256"),
        ({"padding": "symmetric", "batch_norm_epsilon": "small"}, "batch_norm_epsilon"),
    ],
)
def test_a_sidecar_that_does_not_fit_is_refused(
    facts: dict[str, object], words: str, tmp_path: Path
) -> None:
    path = saved(tmp_path / "w.pth", facts)
    with pytest.raises(BackboneError, match=words):
        describe_backbone(path)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BackboneError, match="DUETML_BACKBONE"):
        load_backbone(tmp_path / "absent.pth")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pth", {"padding": "symmetric"})
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(BackboneError, match=r"w\.pth is damaged"):
        load_backbone(path)


@pytest.mark.parametrize("state", [{"fc.weight": torch.zeros(3)}, [1, 2], {}])
def test_weights_of_another_network_are_refused(state: object, tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    torch.save(state, path)
    path.with_suffix(".json").write_text('{"padding": "symmetric"}')
    with pytest.raises(BackboneError, match="MobileNetV2"):
        load_backbone(path)


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    path = tmp_path / "w.pth"
    torch.save(Trap(), path)
    path.with_suffix(".json").write_text('{"padding": "symmetric"}')
    with pytest.raises(BackboneError):
        load_backbone(path)
    assert not (tmp_path / "sprung").exists()


@needs_real_weights
def test_the_real_weights_recognise_real_photographs() -> None:
    loaded = load_backbone(REAL)
    names = (
        (REAL.parent / "imagenet_labels.txt").read_text().splitlines()[1:]
    )  # without "background"
    photos = sorted((DATA / "images" / "animals" / "dalmatian").glob("*.jpg"))[:10]
    features = torch.from_numpy(
        np.stack([plain_features(REAL, photo.read_bytes(), tf_same=True) for photo in photos])
    )
    fast = loaded.embed([photo.read_bytes() for photo in photos])
    np.testing.assert_allclose(fast, features.numpy(), atol=5e-3)
    head = MobileNetV2()
    head.load_state_dict(torch.load(REAL, weights_only=True))
    # The length of a feature vector is gone; 20 is about what it is on photographs.
    guesses = head.classifier[1](torch.from_numpy(fast) * 20).argmax(dim=1)
    hits = sum("dalmatian" in names[int(guess)].lower() for guess in guesses)
    assert hits >= 8
