"""The photographs and weights that benches measure with, and what they say where there are none."""

import csv
import sys
from pathlib import Path

import numpy as np

from duetml.vision.backbone import Features, load_backbone
from tests.conftest import WEIGHTS, data_folder
from tests.stack import ROOT


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def weights() -> Path:
    return data_folder() / WEIGHTS


def or_leave() -> None:
    """End the bench, without an error, where there is nothing to measure with."""
    if not (data_folder() / "images").is_dir() or not weights().is_file():
        say(f"Nothing measured: no photographs and weights in {data_folder()}.")
        sys.exit(0)


def files(folder: str) -> list[Path]:
    """All photographs of "animals" or "objects", by kind."""
    return sorted((data_folder() / "images" / folder).glob("*/*.jpg"))


def usages() -> dict[str, str]:
    """What each kind of object is for."""
    with (data_folder() / "images" / "objects_usage.csv").open() as file:
        return {row["class"]: row["usage"] for row in csv.DictReader(file)}


def embedded(folder: str) -> tuple[Features, np.ndarray]:
    """Features and kind of every photograph; kept under var/bench, as they never change."""
    kept = ROOT / "var" / "bench" / f"{folder}.npz"
    backbone = load_backbone(weights())
    if not kept.is_file() or np.load(kept)["digest"] != backbone.digest:
        photographs = files(folder)
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            kept,
            features=backbone.embed([one.read_bytes() for one in photographs]),
            kinds=np.array([one.parent.name for one in photographs]),
            digest=backbone.digest,
        )
    found = np.load(kept)
    return found["features"], found["kinds"]
