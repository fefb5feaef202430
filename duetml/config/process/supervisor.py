"""The supervisor: its configuration, and asking it how its children are."""

import shlex
import xmlrpc.client
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from duetml.config.process.folders import Folders
from duetml.config.process.programs import Program

# Each failed start waits a second longer than the one before: about half a minute until FATAL.
START_RETRIES = 7
GROUP = "duetml"
RPC_FACTORY = "supervisor.rpcinterface:make_main_rpcinterface"


@dataclass(frozen=True)
class Child:
    name: str
    state: str  # STARTING, RUNNING, BACKOFF, STOPPING, EXITED, FATAL
    pid: int  # 0 when it does not run


def write_configuration(
    path: Path, programs: Iterable[Program], folders: Folders, socket: Path, directory: Path
) -> None:
    programs = list(programs)
    together = ",".join(program.name for program in programs if program.name != "broker")
    sections = [_supervisor(folders, socket)]
    sections += [_program(program, folders, directory) for program in programs]
    # One group: its members are stopped side by side, and after them the broker.
    sections.append(_section(f"group:{GROUP}", programs=together, priority=20))
    path.write_text("\n".join(sections))


def _supervisor(folders: Folders, socket: Path) -> str:
    return "\n".join(
        [
            _section(
                "supervisord",
                nodaemon="true",
                silent="true",
                logfile=folders.log_of("supervisor"),
                logfile_maxbytes="10MB",
                logfile_backups=2,
                pidfile=folders.run / "supervisord.pid",
                childlogdir=folders.log,
            ),
            _section("unix_http_server", file=socket, chmod="0700"),
            _section(
                "rpcinterface:supervisor",
                **{
                    "supervisor.rpcinterface_factory": RPC_FACTORY,
                },
            ),
        ]
    )


def _program(program: Program, folders: Folders, directory: Path) -> str:
    return _section(
        f"program:{program.name}",
        command=shlex.join(program.command),
        directory=directory,
        priority=program.priority,
        autorestart="true",
        startsecs=2,
        startretries=START_RETRIES,
        stopsignal="TERM",
        stopwaitsecs=program.stop_seconds,
        stopasgroup="true",
        killasgroup="true",
        redirect_stderr="true",
        stdout_logfile=folders.log_of(program.name),
        stdout_logfile_maxbytes="10MB",
        stdout_logfile_backups=3,
    )


def _section(name: str, **values: object) -> str:
    lines = [f"{key}={str(value).replace('%', '%%')}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])


class Supervisor:
    """A client of our own supervisor, over a socket that only its owner may open."""

    def __init__(self, socket: Path) -> None:
        self._address = f"unix://{socket}"

    def children(self) -> list[Child]:
        """How every child is; empty while the supervisor does not answer."""
        rows = self._call("getAllProcessInfo") or []
        return [Child(str(row["name"]), str(row["statename"]), int(row["pid"])) for row in rows]

    def start_again(self, name: str) -> None:
        """Try a child that was given up once more; it answers through its state."""
        group = name if name == "broker" else GROUP
        self._call("startProcess", f"{group}:{name}", False)

    def _call(self, method: str, *arguments: object) -> Any:
        # A connection of its own for every question: a broken one would stay broken.
        transport = SupervisorTransport(serverurl=self._address)
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
            try:
                return getattr(proxy.supervisor, method)(*arguments)
            except (OSError, HTTPException, xmlrpc.client.Error):
                return None
