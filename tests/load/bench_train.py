"""From pressing Train to the result on the socket, next to scikit-learn fitting the same model.

python -m tests.load.bench_train       (make bench)

The bare fit: LinearSVC(C=1) with temperature calibration over three folds, from arrays in memory.
Ours besides: the action, the queue, features from the database, ten folds for up to 1,000 images,
the event. Ends with an error where ours takes more than MOST_TIMES the bare fit, with ALLOWANCE
seconds on top.
"""

import asyncio
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.svm import LinearSVC

from duetml.vision.backbone import Features
from duetml.vision.classifier import fit
from study.robots.browser import Browser
from study.robots.journal import Journal
from study.robots.socket import Socket
from tests.load.photographs import embedded, or_leave, say, weights
from tests.stack import ROOT, Stack, running_stack

CATEGORIES = 5
TURNS = {500: 5, 5000: 3}  # by the number of images
MOST_TIMES = 1.5
ALLOWANCE = {500: 0.15, 5000: 0.0}


def main() -> None:
    or_leave()
    rows, missed = [], False
    with (
        TemporaryDirectory() as folder,
        running_stack(Path(folder), DUETML_BACKBONE=str(weights())) as stack,
    ):
        for n, turns in TURNS.items():
            features, codes = photographs(n)
            opened = filled(stack, Path(folder) / "given.npz", features, codes)
            bare, ours, alone = asyncio.run(compare(stack.url, opened, features, codes, turns))
            ratio = (ours - ALLOWANCE[n]) / bare
            missed |= ratio > MOST_TIMES
            rows.append((n, bare, alone, ours, ratio))
    say(
        "| images | bare scikit-learn | our fit alone | click → result | ratio less the allowance |"
    )
    say("|---|---|---|---|---|")
    for n, bare, alone, ours, ratio in rows:
        allowed = f"{ratio:.2f} (less {1000 * ALLOWANCE[n]:.0f} ms)"
        say(f"| {n:,} | {bare:.2f} s | {alone:.2f} s | {ours:.2f} s | {allowed} |")
    say(f"\nLoad while measuring: {os.getloadavg()[0]:.1f}.")
    if missed:
        sys.exit(f"bench_train: more than {MOST_TIMES} times the bare fit")


def photographs(n: int) -> tuple[Features, np.ndarray]:
    """Features in five categories of several kinds each; beyond 1,325 copies with some noise."""
    features, kinds = embedded("animals")
    codes = np.unique(kinds, return_inverse=True)[1] % CATEGORIES
    rng = np.random.default_rng(0)
    order = np.concatenate([rng.permutation(len(codes)) for _ in range(-(-n // len(codes)))])[:n]
    noisy = features[order] + rng.normal(0, 0.008, (n, features.shape[1])) * (n > len(codes))
    unit = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
    return unit.astype(np.float32), codes[order]


def filled(stack: Stack, file: Path, features: Features, codes: np.ndarray) -> dict[str, str]:
    np.savez(file, features=features, codes=codes)
    command = [sys.executable, "-m", "tests.load.sorted_photographs", str(file)]
    done = subprocess.run(command, cwd=ROOT, env=stack.env, stdout=subprocess.PIPE, check=True)
    opened: dict[str, str] = json.loads(done.stdout)
    return opened


async def compare(
    url: str, opened: Mapping[str, str], features: Features, codes: np.ndarray, turns: int
) -> tuple[float, float, float]:
    """Medians of the turns in seconds: (the bare fit, click → result, our fit without the rest)."""
    cookies = {"sessionid": opened["session"]}
    seconds: list[tuple[float, float, float]] = []
    async with Browser(url, cookies=cookies) as browser:
        address = f"/ws/workspace/{opened['workspace']}/"
        async with Socket(browser, address, "bench", Journal()) as socket:
            await click_to_result(socket)  # warms up
            for _ in range(turns):
                bare = await asyncio.to_thread(bare_fit, features, codes)
                ours = await click_to_result(socket)
                alone = await asyncio.to_thread(our_fit, features, codes)
                seconds.append((bare, ours, alone))
    bare, ours, alone = (median(column) for column in zip(*seconds, strict=True))
    return bare, ours, alone


async def click_to_result(socket: Socket) -> float:
    before = len(socket.events("training.done"))
    begun = perf_counter()
    await socket.do("training.start")
    if not await socket.until(lambda: len(socket.events("training.done")) > before, 300):
        sys.exit("bench_train: no result after 5 minutes")
    return perf_counter() - begun


def bare_fit(features: Features, codes: np.ndarray) -> float:
    machine = LinearSVC(C=1.0, random_state=0, max_iter=10_000)
    calibrated = CalibratedClassifierCV(machine, method="temperature", cv=3, ensemble=False)
    begun = perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        calibrated.fit(features.astype(np.float64), codes)
    return perf_counter() - begun


def our_fit(features: Features, codes: np.ndarray) -> float:
    begun = perf_counter()
    fit(features, [str(code) for code in codes])
    return perf_counter() - begun


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
