"""PostgreSQL and Redis in temporary folders, for as long as a test run needs them."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from duetml.config.process.broker import private_broker

UNPRIVILEGED = ("postgres", "nobody")  # PostgreSQL refuses to run as root


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def what_is_missing() -> list[str]:
    """Names of programs the second stack needs and this machine lacks."""
    redis = shutil.which("redis-server") or shutil.which("valkey-server")
    found = {"redis-server": redis, "postgresql": _postgres_folder()}
    return [name for name, path in found.items() if path is None]


@contextmanager
def postgres() -> Iterator[str]:
    """A fresh PostgreSQL server; its DATABASE_URL."""
    programs = _postgres_folder()
    if programs is None:
        raise FileNotFoundError("postgresql")
    prefix = _as_somebody_else()
    with _folder(owner=prefix[2] if prefix else None) as folder:
        data, port = folder / "data", free_port()
        initdb = [
            str(programs / "initdb"),
            "-D",
            str(data),
            "-U",
            "duetml",
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        subprocess.run(
            [*prefix, *initdb, "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd="/"
        )
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": folder,
        }
        fast = {"fsync": "off", "full_page_writes": "off", "max_connections": 200}
        options = [word for k, v in (settings | fast).items() for word in ("-c", f"{k}={v}")]
        command = [*prefix, str(programs / "postgres"), "-D", str(data), *options]
        ask = [str(programs / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
        with running(command, lambda: subprocess.run(ask, check=False).returncode == 0):
            create = [
                str(programs / "createdb"),
                "-h",
                "127.0.0.1",
                "-p",
                str(port),
                "-U",
                "duetml",
            ]
            subprocess.run([*create, "duetml"], check=True)
            yield f"postgres://duetml@127.0.0.1:{port}/duetml"


@contextmanager
def redis() -> Iterator[str]:
    """A fresh Redis server on a free port; its REDIS_URL."""
    server = shutil.which("redis-server") or shutil.which("valkey-server")
    if server is None:
        raise FileNotFoundError("redis-server")
    port = free_port()
    command = [
        server,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    with running(command, lambda: _listens(port)):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def valkey() -> Iterator[str]:
    """A private broker as `manage.py up` starts it; its REDIS_URL."""
    with _folder(owner=None) as folder:
        path = folder / "broker.sock"
        with running(list(private_broker(path, folder).command), path.exists):
            yield f"unix://{path}"


@contextmanager
def s3() -> Iterator[str]:
    """A server with the interface of S3 (moto's), in memory, that takes every key; its address."""
    port = free_port()
    server = str(Path(sys.executable).parent / "moto_server")
    with running([server, "-H", "127.0.0.1", "-p", str(port)], lambda: _listens(port)):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running(
    command: list[str], is_ready: Callable[[], bool], seconds: float = 30
) -> Iterator[None]:
    """A process for the time of the block, once it is ready."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
    )
    try:
        deadline = time.monotonic() + seconds
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"did not start: {' '.join(command)}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _postgres_folder() -> Path | None:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: p.parts[-3])
    found = str(debian[-1]) if debian else shutil.which("postgres")
    return Path(found).resolve().parent if found else None


def _as_somebody_else() -> list[str]:
    if os.geteuid() != 0:
        return []
    known = Path("/etc/passwd").read_text().splitlines()
    names = {line.split(":", 1)[0] for line in known}
    user = next(name for name in UNPRIVILEGED if name in names)
    return ["runuser", "-u", user, "--"]


@contextmanager
def _folder(owner: str | None) -> Iterator[Path]:
    # Not where the application spools bodies (config/asgi.py): its folders are the tests' own.
    folder = Path(tempfile.mkdtemp(prefix="duetml-", dir=os.environ.get("TMPDIR", "/tmp")))
    try:
        if owner:
            shutil.chown(folder, owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":  # tests/with-services COMMAND …
    missing = what_is_missing()
    if missing:
        sys.stdout.write(
            f"Skipped on PostgreSQL and Redis: {' and '.join(missing)} not installed.\n"
        )
        sys.exit(0)
    with postgres() as database, redis() as broker:
        own = {
            "DATABASE_URL": database,
            "REDIS_URL": broker,
            "SECRET_KEY": "only-for-tests-" + "x" * 40,
        }
        sys.exit(subprocess.run(sys.argv[1:], env=os.environ | own, check=False).returncode)
