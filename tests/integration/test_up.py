"""`manage.py up`: what it does when things go wrong."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from duetml.config.process.orphans import command_line
from tests.services import free_port
from tests.stack import Stack, answers, environment, running_stack, start, stop, wait_until_said

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that may be hurt."""
    with running_stack(tmp_path_factory.mktemp("var")) as running:
        yield running


def soon(condition: Callable[[], bool], seconds: float = 40) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def processes_of(var: Path) -> list[int]:
    """Ids of living processes whose environment names this storage folder."""
    wanted = f"DUETML_VAR={var}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("program", ["web", "broker", "quick"])
def test_a_killed_child_is_started_again(own_stack: Stack, program: str) -> None:
    before = own_stack.pid_of(program)
    os.kill(before, signal.SIGKILL)
    assert soon(lambda: own_stack.pid_of(program) not in (0, before))
    assert soon(lambda: answers(own_stack.url))
    assert soon(lambda: f"{program} had stopped" in (own_stack.var / "up.out").read_text())


def test_a_second_start_on_the_same_storage_is_refused(own_stack: Stack) -> None:
    with pytest.raises(AssertionError, match="Already running with the storage folder"):
        own_stack.manage("up")
    assert answers(own_stack.url)


def test_a_taken_port_is_refused_with_the_fix(own_stack: Stack, tmp_path: Path) -> None:
    other = Stack(
        own_stack.url,
        own_stack.port,
        tmp_path,
        environment(tmp_path, own_stack.port),
        own_stack.process,
    )
    with pytest.raises(
        AssertionError, match=f"Port {own_stack.port} is in use.*PORT=[0-9]+ make demo"
    ):
        other.manage("up")


def test_the_next_start_ends_what_a_killed_parent_left(tmp_path: Path) -> None:
    env = environment(tmp_path, free_port())
    first = start(env, "up")
    wait_until_said(tmp_path, "Running at", first, 90)
    supervisor = next(
        pid for pid in processes_of(tmp_path) if "supervisord" in (command_line(pid) or "")
    )
    left = set(processes_of(tmp_path)) - {first.pid, supervisor}
    for pid in (first.pid, supervisor):
        os.kill(pid, signal.SIGKILL)
    first.wait()
    assert left <= set(processes_of(tmp_path))

    second = start(env, "up")
    try:
        wait_until_said(tmp_path, "an earlier start had left behind", second, 60)
        assert soon(lambda: (tmp_path / "up.out").read_text().count("Running at") == 2, 90)
        assert not left & set(processes_of(tmp_path))
    finally:
        stop(second)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    env = environment(tmp_path, free_port())
    running = start(env, "up")
    wait_until_said(tmp_path, "Running at", running, 90)
    assert stop(running, number) == 0
    assert processes_of(tmp_path) == []


@pytest.mark.faults
def test_a_child_that_cannot_start_is_reported_with_its_log(tmp_path: Path) -> None:
    (tmp_path / "run" / "broker.sock").mkdir(parents=True)
    running = start(environment(tmp_path, free_port()), "up")
    try:
        wait_until_said(tmp_path, "broker does not start", running, 90)
    finally:
        stop(running)
    assert f"{tmp_path}/log/broker.log" in (tmp_path / "up.out").read_text()
