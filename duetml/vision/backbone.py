"""MobileNetV2 as a frozen feature extractor: JPEG bytes in, unit vectors of 1280 numbers out.

The network runs in ONNX Runtime, a picture on one thread and as many threads side by side as there
are cores. Threads that share one picture wait for each other at every layer, which costs a
third on a quiet machine and most of the speed on a busy one (BENCHMARKS.md).
"""

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from duetml.vision.weights import (
    FEATURES,
    SIDE,
    BackboneError,
    describe_backbone,
)

__all__ = ["FEATURES", "Backbone", "BackboneError", "load_backbone", "square"]

MOST_THREADS = 8
TOGETHER = 4  # pictures a thread takes at a time: a sixth faster than one by one
# Of duetml.vision.graph and network: raise it when they give another model for the same weights.
CONVERSION = 1

Features = NDArray[np.float32]


@dataclass(frozen=True)
class Backbone:
    """A frozen network ready to embed pictures, and what it must be called in the records."""

    name: str
    digest: str
    trained: bool
    model: bytes = field(repr=False, compare=False)  # ONNX, see duetml.vision.graph.converted
    _session: onnxruntime.InferenceSession = field(repr=False, compare=False)
    _pool: ThreadPoolExecutor = field(repr=False, compare=False)

    def embed(self, images: Sequence[bytes]) -> Features:
        """Features of JPEG pictures: (n, 1280) float32, each row of length 1, in the order given.

        Raises BackboneError naming the position of a picture that cannot be decoded; pictures that
        came through `intake` always can.
        """
        if len(images) == 1:  # not behind the pictures of somebody else's batch
            return self._look(images, 0)
        return next(self.embed_batches([images]))

    def embed_batches(self, batches: Iterable[Sequence[bytes]]) -> Iterator[Features]:
        """The features of each batch, as `embed` gives them; one batch is worked on ahead."""
        ahead: list[Future[Features]] | None = None
        for batch in batches:
            starts = range(0, len(batch), TOGETHER)
            parts = [(batch[start : start + TOGETHER], start) for start in starts]
            begun = [self._pool.submit(self._look, *part) for part in parts]
            if ahead is not None:
                yield _gathered(ahead)
            ahead = begun
        if ahead is not None:
            yield _gathered(ahead)

    def _look(self, jpegs: Sequence[bytes], first: int) -> Features:
        """(n, 1280); `first`: the position of the first of them, for the error."""
        squares = np.stack([square(jpeg, first + i) for i, jpeg in enumerate(jpegs)])
        (features,) = self._session.run(None, {"images": squares})
        rows: Features = features
        return rows


def _gathered(parts: Sequence[Future[Features]]) -> Features:
    if not parts:
        return np.empty((0, FEATURES), dtype=np.float32)
    return np.concatenate([part.result() for part in parts])


def load_backbone(path: Path | None, cache: Path | None = None) -> Backbone:
    """The backbone of a weights file, or for None the untrained network, the same on every machine.

    `cache`: a folder that keeps the converted network. Without it, torch is loaded here to convert.
    Raises BackboneError for a file that is missing, unreadable, of another network or of unknown
    flavour.
    """
    info = describe_backbone(path)
    model = _convert_here(path) if cache is None else _kept(path, info.digest, cache)
    threads = min(len(os.sched_getaffinity(0)), MOST_THREADS) if _knows_its_cores() else 2
    return Backbone(
        info.name,
        info.digest,
        info.trained,
        model,
        _session(model),
        ThreadPoolExecutor(threads, thread_name_prefix="embed"),
    )


def _knows_its_cores() -> bool:
    return hasattr(os, "sched_getaffinity")  # Linux


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _convert_here(path: Path | None) -> bytes:
    from duetml.vision.graph import converted  # torch: seconds and 300 MB, for those who convert

    return converted(path)


def _kept(path: Path | None, digest: str, cache: Path) -> bytes:
    file = cache / f"{digest}.{_settings_of(path)}.onnx"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _convert_apart(path, file)
    return file.read_bytes()


def _settings_of(path: Path | None) -> str:
    """What besides the weights shapes the converted network: our code and the sidecar."""
    sidecar = path.with_suffix(".json") if path else None
    said = sidecar.read_bytes() if sidecar and sidecar.exists() else b""
    return hashlib.sha256(b"%d " % CONVERSION + said).hexdigest()[:12]


def _convert_apart(path: Path | None, file: Path) -> None:
    """In a process of its own, which gives torch's memory back when it ends."""
    command = [sys.executable, "-m", "duetml.vision.graph", str(path or "-"), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (ours)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BackboneError(said[-1] if said else "The backbone could not be converted.")


def square(jpeg: bytes, position: int = 0) -> NDArray[np.uint8]:
    """(224, 224, 3) uint8: the whole picture squashed, which measured better than a centre crop."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            image.draft("RGB", (2 * SIDE, 2 * SIDE))
            small = image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    except (OSError, SyntaxError, ValueError) as error:
        raise BackboneError(f"Picture number {position + 1} cannot be decoded: {error}") from error
    return np.asarray(small)
