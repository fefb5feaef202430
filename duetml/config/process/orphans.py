"""Processes that outlived their parent.

Children of a supervisor that was killed keep running and hold the port. Their ids are written
down while they run; the next start ends those whose command line is still the one written down
(ids are used again).
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Running:
    pid: int
    command: str


def command_line(pid: int) -> str | None:
    """The command line of a living process, None for one that is gone (or a zombie)."""
    if Path("/proc/self/cmdline").exists():
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return None
        return raw.replace(b"\0", b" ").decode(errors="replace").strip() or None
    answer = subprocess.run(  # noqa: S603 - fixed program, a number as argument
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or None


def living(pids: Iterable[int]) -> list[Running]:
    """Those among `pids` that live, with their command lines."""
    return [Running(pid, command) for pid in pids if (command := command_line(pid))]


def note(record: Path, running: list[Running]) -> None:
    """Write down what runs, the supervisor first."""
    draft = record.with_suffix(".draft")
    draft.write_text(json.dumps([asdict(process) for process in running]))
    draft.replace(record)


def reap(record: Path, patience_seconds: float = PATIENCE_SECONDS) -> int:
    """End what an earlier run left behind and return how many processes that were.

    The first one written down is the supervisor: asked alone, it stops its own children.
    """
    left = _still_running(record)
    if not left:
        return 0
    _signal(left[0], signal.SIGTERM)
    _wait(left[:1], patience_seconds)
    for process in left:
        _signal(process, signal.SIGTERM)
    _wait(left, patience_seconds)
    for process in left:
        _signal(process, signal.SIGKILL)
    _wait(left, patience_seconds)
    record.unlink(missing_ok=True)
    return len(left)


def _still_running(record: Path) -> list[Running]:
    try:
        noted = [
            Running(int(row["pid"]), str(row["command"])) for row in json.loads(record.read_text())
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [process for process in noted if _is_same(process)]


def _is_same(process: Running) -> bool:
    return command_line(process.pid) == process.command


def _signal(process: Running, number: signal.Signals) -> None:
    if _is_same(process):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, number)


def _wait(processes: list[Running], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(_is_same(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
