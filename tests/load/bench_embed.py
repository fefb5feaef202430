"""Photographs from file to stored features: the platform next to bare scripts that do only that.

python -m tests.load.bench_embed       (make bench)

The bare scripts read a file, decode and shrink it as the platform does and run the network, in
turns so that other work on the machine meets all of them. The platform: 500 uploads over HTTP into
a running stack whose compute worker is halted meanwhile; then the clock runs from its continuing
until the last row is there. Ends with an error below FLOOR times the fastest bare script.
"""

import asyncio
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from uuid import uuid4

import numpy as np
import onnxruntime
import torch
from torch import nn

from duetml.vision.backbone import load_backbone, square
from duetml.vision.network import MobileNetV2, load_network
from study.robots.browser import Browser
from tests.faults.bench import inside
from tests.load.photographs import files, or_leave, say, weights
from tests.stack import ROOT, Stack, running_stack

PHOTOGRAPHS = 500
SAMPLE = 64  # of each turn of a bare script
TURNS = 3
FLOOR = 0.80
AT_ONCE = 8

Look = Callable[[Sequence[Path]], None]


def main() -> None:
    or_leave()
    photographs = [*files("animals"), *files("objects")]
    scripts = bare()
    speeds: dict[str, list[float]] = {name: [] for name in scripts}
    platform, uploading = [], []
    with (
        TemporaryDirectory() as folder,
        running_stack(Path(folder), DUETML_BACKBONE=str(weights())) as stack,
    ):
        for turn in range(TURNS):
            new = photographs[turn :: 2 * TURNS][:PHOTOGRAPHS]
            for name, look in scripts.items():
                speeds[name].append(timed(look, new[:: len(new) // SAMPLE][:SAMPLE]))
            uploads, features = asyncio.run(through_the_platform(stack, new))
            uploading.append(uploads)
            platform.append(features)
    report(speeds, platform, uploading)


def report(
    speeds: dict[str, list[float]], platform: Sequence[float], uploading: Sequence[float]
) -> None:
    fastest = max(speeds, key=lambda name: median(speeds[name]))
    best = median(speeds[fastest])
    ratio = median(
        ours / max(one[turn] for one in speeds.values()) for turn, ours in enumerate(platform)
    )
    say("| file → features | images/s (median of the turns) | of the fastest |")
    say("|---|---|---|")
    for name, found in speeds.items():
        say(f"| {name} | {median(found):.0f} | {median(found) / best:.2f} |")
    ours = f"**the platform**, {PHOTOGRAPHS} uploads accepted → rows"
    say(f"| {ours} | {median(platform):.0f} | {ratio:.2f} |")
    peak = gigaflops()
    adds = multiply_adds()
    say(
        f"\nFloor: {adds / 1e6:.0f} million multiply-adds a picture; a large product of matrices"
        f" reached {peak:.0f} GFLOP/s on {os.cpu_count()} cores: {peak * 1e9 / 2 / adds:.0f}"
        f" images/s at the very most. Uploads were accepted at {median(uploading):.0f} a second."
        f" Load while measuring: {os.getloadavg()[0]:.1f}."
    )
    if ratio < FLOOR:
        sys.exit(f"bench_embed: {ratio:.2f} of {fastest}, less than {FLOOR}")


def timed(look: Look, photographs: Sequence[Path]) -> float:
    begun = perf_counter()
    look(photographs)
    return len(photographs) / (perf_counter() - begun)


def bare() -> dict[str, Look]:
    """Every script by name. Symmetric padding everywhere: the network's quickest form in torch."""
    plain = MobileNetV2().eval()
    plain.load_state_dict(torch.load(weights(), weights_only=True))
    last = MobileNetV2().eval()
    last.load_state_dict(plain.state_dict())
    last.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    folded = load_network(weights()).module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    example = torch.zeros(32, 3, 224, 224).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        traced = torch.jit.trace(folded, example)  # type: ignore[no-untyped-call]
        frozen = torch.jit.optimize_for_inference(torch.jit.freeze(traced))
    compiled = torch.compile(folded)
    scripts = {
        "torch eager, batch 32": in_torch(plain, 32),
        "torch channels_last, batch 32": in_torch(last, 32),
        "the same, batch norm folded, batch 8": in_torch(folded, 8),
        "the same, batch norm folded, batch 32": in_torch(folded, 32),
        "TorchScript, frozen, batch 32": in_torch(frozen, 32),
    }
    try:
        with torch.inference_mode():
            compiled(example)  # type: ignore[no-untyped-call]
        scripts["torch.compile, batch 32"] = in_torch(compiled, 32)
    except Exception as problem:  # a machine without a C++ compiler
        say(f"torch.compile is left out: {str(problem).splitlines()[0]}")
    model = load_backbone(weights()).model
    every_core = session(model, 0)
    for batch in (1, 8, 32):
        scripts[f"onnxruntime, all cores on one batch of {batch}"] = in_onnx(every_core, batch, 1)
    alone = session(model, 1)
    for batch in (1, 4):
        scripts[f"onnxruntime, a core for each batch of {batch}"] = in_onnx(
            alone, batch, os.cpu_count() or 1
        )
    return scripts


def in_torch(network: Callable[[torch.Tensor], torch.Tensor] | nn.Module, batch: int) -> Look:
    def look(photographs: Sequence[Path]) -> None:
        for some in batches(photographs, batch):
            pixels = torch.from_numpy(squares(some)).permute(0, 3, 1, 2).to(torch.float32)
            with torch.inference_mode():
                network(pixels / 127.5 - 1).numpy()

    look([*files("animals")[:batch]])  # warm
    return look


def in_onnx(network: onnxruntime.InferenceSession, batch: int, threads: int) -> Look:
    pool = ThreadPoolExecutor(threads)

    def look(photographs: Sequence[Path]) -> None:
        def one(some: Sequence[Path]) -> None:
            network.run(None, {"images": squares(some)})

        list(pool.map(one, batches(photographs, batch)))

    look([*files("animals")[:batch]])
    return look


def session(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def squares(photographs: Sequence[Path]) -> np.ndarray:
    return np.stack([square(one.read_bytes()) for one in photographs])


def batches(photographs: Sequence[Path], size: int) -> Iterator[Sequence[Path]]:
    return (photographs[start : start + size] for start in range(0, len(photographs), size))


async def through_the_platform(stack: Stack, photographs: Sequence[Path]) -> tuple[float, float]:
    """(uploads a second, features a second)"""
    opened = inside(stack, "open")
    worker = stack.pid_of("compute")
    gate = asyncio.Semaphore(AT_ONCE)
    cookies = {"sessionid": opened["session"], "csrftoken": "b" * 32}
    before = rows(stack)
    async with Browser(stack.url, cookies=cookies) as browser:

        async def send(photograph: Path) -> None:
            async with gate:
                await upload(browser, opened["workspace"], photograph)

        os.kill(worker, signal.SIGSTOP)
        try:
            begun = perf_counter()
            await asyncio.gather(*(send(one) for one in photographs))
            uploaded = perf_counter()
        finally:
            os.kill(worker, signal.SIGCONT)
    continued = perf_counter()
    while rows(stack) - before < len(photographs):
        if perf_counter() - continued > 300:
            sys.exit(f"bench_embed: only {rows(stack)} features after 5 minutes")
        time.sleep(0.02)
    done = perf_counter()
    return len(photographs) / (uploaded - begun), len(photographs) / (done - continued)


async def upload(browser: Browser, workspace: str, photograph: Path) -> None:
    address = f"/workspace/{workspace}/upload/"
    fields = {"id": str(uuid4())}
    data = photograph.read_bytes()
    status, answer = await browser.upload(address, data, photograph.name, fields)
    if status != 200:
        sys.exit(f"bench_embed: {photograph.name} was refused: {answer}")


def rows(stack: Stack) -> int:
    with closing(sqlite3.connect(stack.var / "duetml.sqlite3", timeout=10)) as database:
        return int(database.execute("select count(*) from workspace_feature").fetchone()[0])


def multiply_adds() -> int:
    """Of the convolutions, which is all but a hundredth of the work."""
    total = 0

    def count(layer: nn.Module, _inputs: object, output: torch.Tensor) -> None:
        nonlocal total
        total += output[0].numel() * layer.weight[0].numel()  # type: ignore[index]

    module = load_network(None).module
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(count)
    with torch.inference_mode():
        module(torch.zeros(1, 3, 224, 224))
    return total


def gigaflops() -> float:
    side, best = 2048, 0.0
    matrix = torch.rand(side, side)
    for _ in range(5):
        begun = perf_counter()
        matrix @ matrix
        best = max(best, 2 * side**3 / (perf_counter() - begun) / 1e9)
    return best


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
