"""The file with the backbone's weights: what it is, and whether it may be trusted.

Neither torch nor scikit-learn is imported here: the web process asks `describe_backbone` whether
the features it shows come from trained weights.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

NAME = "mobilenet_v2"
SIDE = 224  # of the pictures it sees, in pixels
FEATURES = 1280
OFFICIAL_URL = "https://download.pytorch.org/models/mobilenet_v2-7ebf99e0.pth"
OFFICIAL_SHA256_PREFIX = "7ebf99e0"
UNTRAINED_SEED = 20241118


class BackboneError(Exception):
    """The backbone cannot be used; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Flavour:
    """What the numbers in a file expect of the network around them.

    "torchvision": padding 1 on all sides, pixels scaled by ImageNet's mean and deviation.
    "tf_same": TensorFlow's SAME padding, pixels scaled to [-1, 1].
    """

    kind: Literal["torchvision", "tf_same"]
    batch_norm_epsilon: float = 1e-5


@dataclass(frozen=True)
class BackboneInfo:
    """Which backbone a path stands for, as recorded with every training run."""

    name: str
    digest: str  # sha256 of the weights file, or "untrained-…"
    trained: bool


def describe_backbone(path: Path | None) -> BackboneInfo:
    """Name and digest of the backbone `load_backbone(path)` gives, without loading it.

    Raises BackboneError as load_backbone does, except for what only reading the tensors can show.
    """
    if path is None:
        mark = hashlib.sha256(f"{NAME} seed {UNTRAINED_SEED}".encode()).hexdigest()[:16]
        return BackboneInfo(name=NAME, digest=f"untrained-{mark}", trained=False)
    flavour_of(path)
    return BackboneInfo(name=NAME, digest=digest_of(path), trained=True)


def digest_of(path: Path) -> str:
    """The sha256 of a file, remembered until the file changes. Raises BackboneError."""
    try:
        stat = path.stat()
        return _hashed(path, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise BackboneError(
            f"The backbone file {path} cannot be read ({error.strerror}). Name an existing file in"
            " DUETML_BACKBONE, or leave it empty and run: manage.py fetch_backbone"
        ) from error


@lru_cache(maxsize=8)
def _hashed(path: Path, size: int, modified_ns: int) -> str:
    """Size and time are only part of the key: a replaced file is hashed anew."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flavour_of(path: Path) -> Flavour:
    """The flavour named by the sidecar `<stem>.json`, or of the official file, known by its hash.

    Never a guess: the wrong padding costs nine points of accuracy and nobody would notice.
    """
    digest = digest_of(path)
    sidecar = path.with_suffix(".json")
    if sidecar.exists():
        return _read_sidecar(sidecar, digest)
    if digest.startswith(OFFICIAL_SHA256_PREFIX):
        return Flavour(kind="torchvision")
    raise BackboneError(
        f"{path} is not the official MobileNetV2 file and has no description beside it."
        f' Write {sidecar.name} next to it, with "architecture": "mobilenet_v2" and'
        ' "padding": "symmetric" or "tf_same",'
        " or run: manage.py fetch_backbone"
    )


def _read_sidecar(sidecar: Path, digest: str) -> Flavour:
    try:
        facts = json.loads(sidecar.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BackboneError(
            f"{sidecar} cannot be read as JSON: {error}. Repair or remove it."
        ) from error
    if not isinstance(facts, dict):
        raise BackboneError(f"{sidecar} must hold one JSON object. Repair or remove it.")
    for key, expected in (("architecture", NAME), ("width_multiplier", 1.0), ("input_size", 224)):
        if facts.get(key, expected) != expected:
            raise BackboneError(
                f"{sidecar} says {key} {facts[key]!r}; only {expected!r} is supported."
            )
    if facts.get("sha256", digest) != digest:
        raise BackboneError(
            f"{sidecar} describes another file: its sha256 is not that of the weights beside it."
            " Fetch the weights again, or correct the description."
        )
    return Flavour(
        kind=_kind(facts.get("padding"), sidecar), batch_norm_epsilon=_epsilon(facts, sidecar)
    )


def _kind(padding: object, sidecar: Path) -> Literal["torchvision", "tf_same"]:
    if padding == "symmetric":
        return "torchvision"
    if padding == "tf_same":
        return "tf_same"
    raise BackboneError(f'{sidecar} must say "padding": "symmetric" or "tf_same", not {padding!r}.')


def _epsilon(facts: dict[str, object], sidecar: Path) -> float:
    """PyTorch's own epsilon, as the layout is PyTorch's too, unless the sidecar names another."""
    epsilon = facts.get("batch_norm_epsilon", 1e-5)
    if not isinstance(epsilon, float) or not 0 < epsilon < 1:
        raise BackboneError(f"{sidecar}: batch_norm_epsilon must be a small positive number.")
    return epsilon
