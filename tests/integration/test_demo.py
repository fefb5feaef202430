"""`manage.py demo`: seeding twice keeps everything; the network is given up quickly."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from duetml.config.demo import studies
from duetml.config.demo.weights import is_reachable
from study.rules.derivation import derive
from study.rules.protocol import read_protocol
from tests.services import free_port
from tests.stack import ROOT, environment

pytestmark = pytest.mark.stack


def seed(var: Path, **extra: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--only-seed"],
        cwd=ROOT,
        env=environment(
            var, 8000, OPENAI_API_KEY="", DUETML_BACKBONE_URL="http://127.0.0.1:1/w", **extra
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def addresses(table: str) -> list[str]:
    """What each address of the table is, in its order."""
    return [line.split("http")[0].strip() for line in table.splitlines() if "http" in line]


def credentials(table: str) -> list[str]:
    return re.findall(r"name: \w+   password: \S+", table)


def test_seeding_twice_keeps_all_and_the_studio_comes_first_unless_it_is_off(
    tmp_path: Path,
) -> None:
    first, second = seed(tmp_path), seed(tmp_path, DUETML_STUDIO="0")
    assert len(credentials(first)) == 2
    assert credentials(second) == credentials(first)
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600
    assert "The assistant is the offline advisor" in second
    assert "UNTRAINED" in second
    assert addresses(first) == ["Try it yourself", *addresses(second)]
    assert "http://localhost:8000/studio/" in first


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Takes connections and never answers, as a filtered network does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/weights.pth"


def test_a_server_that_never_answers_counts_as_no_network(silent_server: str) -> None:
    assert not is_reachable(silent_server, seconds=0.3)
    assert not is_reachable(f"http://127.0.0.1:{free_port()}/weights.pth")


def test_the_short_study_differs_from_the_full_one_in_its_times_only() -> None:
    source = studies.SOURCE.read_text()
    scale = studies.SHORT_MINUTES / studies.task_minutes(read_protocol(source))
    short = read_protocol(derive(source, minutes_scale=scale))
    assert studies.task_minutes(short) == pytest.approx(studies.SHORT_MINUTES)
    assert short.simulated
    assert [step.key for step in short.steps] == [s.key for s in read_protocol(source).steps]
