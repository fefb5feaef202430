"""Everything on one machine in the foreground: start, watch, stop."""

import fcntl
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from celery import Celery

from duetml.config.environment import ROOT, Environment
from duetml.config.process import orphans, readiness
from duetml.config.process.broker import private_broker
from duetml.config.process.folders import Folders, folders_under
from duetml.config.process.ports import require_free
from duetml.config.process.programs import all_programs
from duetml.config.process.supervisor import Child, Supervisor, write_configuration

READY_WITHIN_SECONDS = 90
TRY_AGAIN_AFTER_SECONDS = 30
STOP_WITHIN_SECONDS = 40
Say = Callable[[str], None]


class AlreadyRunningError(Exception):
    """Another `up` uses the same storage folder; the text says so."""


class SupervisorError(Exception):
    """The supervisor itself did not start or did not survive; the text names its log."""


@dataclass
class Wish:
    """Whether somebody asked to stop. A plain flag: a signal handler may set it at any moment."""

    stop: bool = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        self.stop = True


@dataclass
class Watch:
    """What was said about the children so far, and when a given-up one is tried again."""

    say: Say
    folders: Folders
    pids: dict[str, int] = field(default_factory=dict)
    given_up: dict[str, float] = field(default_factory=dict)

    def observe(self, children: list[Child], now: float) -> list[str]:
        """Say what changed; the names of children to try again (`now`: time.monotonic())."""
        again = []
        for child in children:
            if child.state == "RUNNING":
                self._running(child)
            elif child.state == "FATAL" and child.name not in self.given_up:
                log = self.folders.log_of(child.name)
                self.say(f"{child.name} does not start; its log says why: {log}")
                self.given_up[child.name] = now + TRY_AGAIN_AFTER_SECONDS
            elif child.state == "FATAL" and now >= self.given_up[child.name]:
                self.given_up[child.name] = now + TRY_AGAIN_AFTER_SECONDS
                again.append(child.name)
        return again

    def _running(self, child: Child) -> None:
        before = self.pids.get(child.name, child.pid)
        if before != child.pid or self.given_up.pop(child.name, None) is not None:
            log = self.folders.log_of(child.name)
            self.say(f"{child.name} had stopped and was started again (log: {log})")
        self.pids[child.name] = child.pid


def run_together(
    env: Environment, host: str, say: Say, app: Celery, when_ready: Callable[[], None]
) -> None:
    """Start everything, call `when_ready` once it answers, return when a wish to stop is fulfilled.

    Raises AlreadyRunningError, PortTaken or SupervisorError before or instead of running.
    """
    folders = folders_under(env.duetml_var.resolve())
    folders.make()
    record = folders.run / "processes.json"
    with _alone(folders.run / "up.lock"), _signals() as wish:
        if count := orphans.reap(record):
            say(f"Ended {count} processes that an earlier start had left behind.")
        require_free(host, env.port)
        socket = env.socket_path.with_suffix(".s")  # short: the supervisor appends its process id
        broker = private_broker(env.socket_path, folders.run) if env.is_embedded_broker else None
        programs = all_programs(host, env.port, broker)
        configuration = folders.run / "supervisord.conf"
        write_configuration(configuration, programs, folders, socket, ROOT)
        process = _start(configuration)
        orphans.note(record, orphans.living([process.pid]))
        ready = threading.Thread(
            target=_announce, args=(env, host, say, app, when_ready, wish), daemon=True
        )
        ready.start()
        try:
            _watch(process, Supervisor(socket), Watch(say, folders), record, wish)
        finally:
            wish.stop = True
            _stop(process)
            orphans.reap(record)
            record.unlink(missing_ok=True)
            ready.join(5)


def _start(configuration: Path) -> "subprocess.Popen[bytes]":
    # In a session of its own: Ctrl-C reaches us alone, and we stop the children in their order.
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)]
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True)  # noqa: S603


def _watch(
    process: "subprocess.Popen[bytes]",
    supervisor: Supervisor,
    watch: Watch,
    record: Path,
    wish: Wish,
) -> None:
    noted: list[orphans.Running] = []
    while not wish.stop:
        if process.poll() is not None:
            raise SupervisorError(
                f"The supervisor ended by itself; see {watch.folders.log_of('supervisor')}"
            )
        children = supervisor.children()
        for name in watch.observe(children, time.monotonic()):
            supervisor.start_again(name)
        # With their command lines: a child that was just forked still bears the supervisor's.
        running = orphans.living([process.pid, *(child.pid for child in children if child.pid)])
        if running != noted and children:
            orphans.note(record, running)
            noted = running
        time.sleep(0.25)


def _announce(
    env: Environment, host: str, say: Say, app: Celery, when_ready: Callable[[], None], wish: Wish
) -> None:
    until = time.monotonic() + READY_WITHIN_SECONDS

    def is_ready() -> bool:
        return readiness.is_serving(host, env.port) and readiness.are_working(app)

    if readiness.wait_for(is_ready, until, lambda: wish.stop):
        when_ready()
    elif not wish.stop:
        log = env.duetml_var.resolve() / "log"
        say(f"Not everything answers after {READY_WITHIN_SECONDS} s; the logs say why: {log}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold the storage folder's lock; the system frees it however this process ends."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(
                f"Already running with the storage folder {lock.parent.parent}."
                " Stop it with Ctrl-C where it runs, or start a second one beside it:"
                " DUETML_VAR=var2 PORT=8001 make demo"
            ) from None
        yield


@contextmanager
def _signals() -> Iterator[Wish]:
    """SIGINT, SIGTERM and SIGHUP become a wish to stop for the time of the block."""
    wish = Wish()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, wish.handle) for number in numbers}
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
