"""A small systemd: starts, stops and watches the units of deploy/systemd, as they stand there.

Only what these units use. What they say of accounts and protection is for systemd alone.
"""

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, RLock, Thread

from tests.stack import ROOT

FOLDER = ROOT / "deploy" / "systemd"


@dataclass(frozen=True)
class Unit:
    name: str
    start: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    reload: str = ""
    directory: str = "/"
    settings: str = ""
    stop_seconds: float = 30


def read_unit(name: str, localized: Callable[[str], str]) -> Unit:
    """`name`: duetml-web@01 or duetml-beat. `localized`: gives this machine's places."""
    stem, at, instance = name.partition("@")
    lines = localized((FOLDER / f"{stem}{at}.service").read_text()).splitlines()

    def values(key: str) -> tuple[str, ...]:
        found = [line.partition("=")[2] for line in lines if line.startswith(f"{key}=")]
        return tuple(
            value.replace("%%", "\0").replace("%i", instance).replace("\0", "%") for value in found
        )

    assert values("Restart") == ("always",), name
    return Unit(
        name,
        values("ExecStart")[0],
        values("ExecStartPre"),
        values("ExecStartPost"),
        directory=values("WorkingDirectory")[0],
        settings=values("EnvironmentFile")[0],
        stop_seconds=float(values("TimeoutStopSec")[0]),
    )


def members_of(target: str) -> list[str]:
    """The services a target wants, in the order it names them."""
    lines = (FOLDER / target).read_text().splitlines()
    wanted = [line.removeprefix("Wants=") for line in lines if line.startswith("Wants=")]
    return [name.removesuffix(".service") for line in wanted for name in line.split()]


def read_settings(path: Path) -> dict[str, str]:
    """An EnvironmentFile."""
    lines = [line.strip() for line in path.read_text().splitlines()]
    rows = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value.strip('"') for name, _, value in rows}


@dataclass
class Systemd:
    """The units of one machine; a process that dies is started again."""

    logs: Path
    say: Callable[[str], None]
    units: dict[str, Unit] = field(default_factory=dict)
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)
    _over: Event = field(default_factory=Event)

    def __enter__(self) -> "Systemd":
        self.watcher = Thread(target=self._watch, daemon=True)
        self.watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.watcher.join()
        for name in reversed(list(self.processes)):
            self.stop(name)

    def start(self, name: str) -> None:
        with self._lock:
            unit = self.units[name]
            for command in unit.before:
                self._run(unit, command)
            self.processes[name] = self._begun(unit)
        for command in unit.after:
            self._run(unit, command)

    def stop(self, name: str) -> float:
        """Seconds until it had stopped."""
        with self._lock:
            process = self.processes.pop(name, None)
        if process is None:
            return 0
        begun = time.monotonic()
        process.terminate()
        try:
            process.wait(self.units[name].stop_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.say(f"{name} had to be killed after {self.units[name].stop_seconds:.0f} s")
        return time.monotonic() - begun

    def restart(self, name: str) -> None:
        self.stop(name)
        self.start(name)

    def reload(self, name: str) -> None:
        self._run(self.units[name], self.units[name].reload)

    def kill(self, name: str) -> None:
        """kill -9, and wait until it was started again."""
        before = self.restarts.get(name, 0)
        os.kill(self.processes[name].pid, signal.SIGKILL)
        until = time.monotonic() + 60
        while self.restarts.get(name, 0) == before:
            assert time.monotonic() < until, f"{name} was not started again"
            time.sleep(0.05)

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            with self._lock:
                dead = [name for name, one in self.processes.items() if one.poll() is not None]
            for name in dead:
                self._over.wait(1)  # RestartSec
                with self._lock:
                    if name not in self.processes or self.processes[name].poll() is None:
                        continue
                    with suppress(ProcessLookupError):  # what it left (KillMode=control-group)
                        os.killpg(self.processes[name].pid, signal.SIGKILL)
                    self.processes[name] = self._begun(self.units[name])
                    self.restarts[name] = self.restarts.get(name, 0) + 1

    def _begun(self, unit: Unit) -> "subprocess.Popen[bytes]":
        with (self.logs / f"{unit.name}.log").open("ab") as log:
            return subprocess.Popen(
                shlex.split(unit.start),
                cwd=unit.directory,
                env=environment(unit.settings),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _run(self, unit: Unit, command: str) -> None:
        done = subprocess.run(
            shlex.split(command),
            cwd=unit.directory,
            env=environment(unit.settings),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{unit.name}: {command}\n{done.stdout}{done.stderr}"


def environment(settings: str) -> Mapping[str, str]:
    """What systemd gives a service, and its settings."""
    plain = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/nonexistent"}
    return plain | (read_settings(Path(settings)) if settings else {})
