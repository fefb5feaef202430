"""The production topology, from nothing to restored, with a few robots."""

from pathlib import Path

import pytest

from tests.faults import topology
from tests.faults.machine import what_is_missing

pytestmark = [pytest.mark.faults, pytest.mark.postgres]


def test_a_study_survives_restarts_kills_and_a_restore_behind_the_proxy(tmp_path: Path) -> None:
    if lacking := what_is_missing():
        pytest.skip(f"{', '.join(lacking)} not installed")

    figures = topology.run(8, 0.04, tmp_path, lambda sentence: None)

    assert any("completed" in line and "8 of 8" in line for line in figures.said)
