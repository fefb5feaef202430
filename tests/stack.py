"""The running platform: `manage.py up` in a process of its own, with its own storage and port."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.services import free_port

if TYPE_CHECKING:
    from duetml.config.process.supervisor import Child

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 90


@dataclass(frozen=True)
class Stack:
    """`url`: where pages are served; `var`: the storage folder; `env`: what it was started with."""

    url: str
    port: int
    var: Path
    env: Mapping[str, str]
    process: "subprocess.Popen[bytes]"

    def manage(self, *arguments: str, seconds: float = 300) -> str:
        """Run a management command against this stack; what it printed. Fails with its output."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode:
            raise AssertionError(
                f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def log(self, program: str) -> str:
        return (self.var / "log" / f"{program}.log").read_text(errors="replace")

    def pid_of(self, program: str) -> int:
        """The process id of a child, as the supervisor knows it (0 while it does not run)."""
        return next((child.pid for child in self._children() if child.name == program), 0)

    def pids_of(self, program: str) -> list[int]:
        """The same of all that do the same work: web, web-2 …"""
        names = re.compile(rf"{program}(-\d+)?")
        return [one.pid for one in self._children() if names.fullmatch(one.name) and one.pid]

    def _children(self) -> "list[Child]":
        from duetml.config.process.supervisor import Supervisor

        sockets = [self.var / "run" / "broker.s"]
        return Supervisor(next(path for path in sockets if path.exists())).children()


def environment(var: Path, port: int, **extra: str) -> dict[str, str]:
    """The environment of a stack: the caller's, without its services and keys."""
    clean = {
        k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")
    }
    return clean | {"DUETML_VAR": str(var), "PORT": str(port), "PYTHONUNBUFFERED": "1"} | extra


def start(env: Mapping[str, str], *command: str) -> "subprocess.Popen[bytes]":
    """Start `manage.py <command>` in its own process group; what it says goes to <var>/up.out."""
    var = Path(env["DUETML_VAR"])
    with (var / "up.out").open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=dict(env),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def stop(process: "subprocess.Popen[bytes]", number: signal.Signals = signal.SIGTERM) -> int:
    process.send_signal(number)
    return process.wait(60)


def wait_until_said(
    var: Path, words: str, process: "subprocess.Popen[bytes]", seconds: float
) -> None:
    """Until `words` stand in what the stack printed; fails with all of it when they do not come."""
    deadline = time.monotonic() + seconds
    while words not in (said := (var / "up.out").read_text()):
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"“{words}” did not come; it said:\n{said}")
        time.sleep(0.1)


@contextmanager
def running_stack(var: Path, **extra: str) -> Iterator[Stack]:
    """A ready stack for the time of the block. `extra`: environment variables (DATABASE_URL …)."""
    port = free_port()
    env = environment(var, port, **extra)
    process = start(env, "up")
    try:
        wait_until_said(var, "Running at", process, START_SECONDS)
        yield Stack(f"http://localhost:{port}", port, var, env, process)
    finally:
        if process.poll() is None:
            stop(process)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
