"""A rehearsal while processes are killed at random moments: everything acknowledged is still
there, and nothing is other than it was said to be."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from study.robots.profiles import PROFILES
from tests.integration.test_simulate import STUDY, assert_nothing_lost, seeded
from tests.stack import ROOT, Stack

pytestmark = pytest.mark.faults
VICTIMS = ("web", "web-2", "compute", "agents", "broker", "quick", "beat")
KILLS = int(os.environ.get("DUETML_KILLS", "50"))
SEED = int(os.environ.get("DUETML_KILL_SEED", "7"))
MEAN_SECONDS = 3.0  # between two kills
ROBOTS = 2 * len(PROFILES)
# So slow that the participants are under way for all the kills.
SCALE = max(0.02, KILLS * MEAN_SECONDS / (45 * 60))


def test_a_kill_of_any_process_at_any_moment_loses_nothing(
    stack: Stack, data: Path, tmp_path: Path
) -> None:
    seeded(stack, data, tmp_path)
    out, said = tmp_path / "out", tmp_path / "said"
    numbers = ["--participants", str(ROBOTS), "--raters", "2", "--minutes-scale", f"{SCALE:.3f}"]
    place = ["--profiles", "mixed", "--url", stack.url, "--out", str(out)]

    with said.open("wb") as file:
        robots = subprocess.Popen(
            [sys.executable, "manage.py", "simulate", STUDY, *numbers, *place],
            cwd=ROOT,
            env=dict(stack.env),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    killed = kill_at_random(stack, said, robots, Random(SEED))

    assert robots.wait(600) == 0, f"after {killed}:\n{said.read_text()}"
    assert len(killed) == KILLS, f"the robots were done after {len(killed)} kills"
    assert set(killed) == set(VICTIMS)
    assert re.search(r"lost +0\n", said.read_text())
    assert re.search(r"wrong +0\n", said.read_text())
    assert_nothing_lost(out)


def kill_at_random(
    stack: Stack, said: Path, robots: "subprocess.Popen[bytes]", rng: Random
) -> list[str]:
    """Kill whatever runs, one after the other, while participants are under way. Who died."""
    killed: list[str] = []
    while len(killed) < KILLS:
        time.sleep(rng.expovariate(1 / MEAN_SECONDS))
        if robots.poll() is not None or "participants:" in said.read_text():
            break
        program = rng.choice(VICTIMS)
        pid = stack.pid_of(program)
        if pid:  # one that is just being started again is left to it
            os.kill(pid, signal.SIGKILL)
            killed.append(program)
    return killed
