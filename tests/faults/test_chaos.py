"""A whole study while processes die one after the other: everything acknowledged is still there."""

import os
import signal
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path

import pytest

from tests.integration.test_simulate import STUDY, assert_nothing_lost, seeded
from tests.stack import ROOT, Stack

pytestmark = pytest.mark.faults
VICTIMS = ("web", "compute", "agents", "broker", "quick", "beat")
SECONDS_BETWEEN = 6


def test_a_study_survives_the_death_of_every_process(
    stack: Stack, data: Path, tmp_path: Path
) -> None:
    seeded(stack, data, tmp_path)
    out, said = tmp_path / "out", tmp_path / "said"
    command = ["simulate", STUDY, "--participants", "6", "--raters", "2", "--minutes-scale", "0.03"]
    place = ["--url", stack.url, "--out", str(out)]

    with said.open("wb") as file:
        robots = subprocess.Popen(
            [sys.executable, "manage.py", *command, *place],
            cwd=ROOT,
            env=dict(stack.env),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    deaths = kill_in_turn(stack, said, robots)

    assert robots.wait(240) == 0, said.read_text()
    assert deaths >= len(VICTIMS)
    assert_nothing_lost(out)


def kill_in_turn(stack: Stack, said: Path, robots: "subprocess.Popen[bytes]") -> int:
    """Until the participants have finished. Returns how many processes died."""
    deaths = 0
    for program in cycle(VICTIMS):
        time.sleep(SECONDS_BETWEEN)
        if robots.poll() is not None or "participants:" in said.read_text():
            return deaths
        pid = stack.pid_of(program)
        if pid:
            os.kill(pid, signal.SIGKILL)
            deaths += 1
    return deaths
