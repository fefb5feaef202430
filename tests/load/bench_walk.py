"""Pages of forms: the platform's beside oTree's and a bare Django page's, in one run.

python -m tests.load.bench_walk [ROUNDS]       (make bench)

The same seven pages, the same client, alternating, on PostgreSQL and on SQLite: 50 participants
without think time, then 100 with 2 s. oTree (pip: otree, psycopg2-binary) is installed into a
folder of its own, var/otree, in production mode; without it (no network) its rows are left out.
Ends with an error below 2 × oTree, below 0.7 × the bare page or above 200 ms.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.load.bench_ack import percentiles
from tests.services import free_port, postgres, redis
from tests.stack import ROOT, running_stack

HERE = Path(__file__).parent / "walk"
ROUNDS = 3
PEOPLE, WALKS = 50, 150
THINKERS, THINK_SECONDS = 100, 2.0
LEAST_OF_OTREE, LEAST_OF_BARE, MOST_MS = 2.0, 0.7, 200
OTREE = ("otree==6.0.15", "psycopg2-binary==2.9.13")
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Peer:
    """Something that serves the pages. `start()` is the address of one walk's first page."""

    name: str
    start: Callable[[], str]
    pids: Callable[[], list[int]]
    pages_per_second: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    p95: float = 0.0

    @property
    def speed(self) -> float:
        return median(self.pages_per_second)


def main(rounds: int = ROUNDS) -> None:
    wrong: list[str] = []
    for database in ("PostgreSQL", "SQLite"):
        with ExitStack() as stack, TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            url = stack.enter_context(postgres()) if database == "PostgreSQL" else ""
            peers = [
                stack.enter_context(make(url, Path(folder) / make.__name__))
                for make in (platform, otree, bare)
            ]
            there = [peer for peer in peers if peer is not None]
            measure(there, rounds)
        tell(database, there)
        wrong += missed(database, there)
    if wrong:
        sys.exit("bench_walk: missed: " + "; ".join(wrong))


def measure(peers: list[Peer], rounds: int) -> None:
    for peer in peers:
        walk(peer, PEOPLE, PEOPLE, 0)  # warm
    for _ in range(rounds):
        for peer in peers:
            before = cpu_seconds(peer.pids())
            told = walk(peer, PEOPLE, WALKS, 0)
            spent = cpu_seconds(peer.pids()) - before
            peer.pages_per_second.append(told["pages"] / told["seconds"])
            peer.cpu_ms.append(1000 * spent / told["requests"])
    for peer in peers:
        told = walk(peer, THINKERS, THINKERS, THINK_SECONDS)
        peer.p95 = percentiles(told["waits"])[1]


def walk(peer: Peer, people: int, walks: int, think: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.load.walk.client", peer.start()]
    command += [str(people), str(walks), str(think)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{peer.name}: {done.stderr[-3000:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def tell(database: str, peers: list[Peer]) -> None:
    head = f"pages/s, {PEOPLE} at once | CPU-ms per request | p95, {THINKERS} thinking"
    say(f"\n| {database} | {head} |")
    say("|---|---|---|---|")
    for peer in peers:
        cpu = median(peer.cpu_ms)
        say(f"| {peer.name} | {peer.speed:.0f} | {cpu:.1f} | {peer.p95:.0f} ms |")
    ours = peers[0].speed
    say("".join(f"\n{ours / peer.speed:.2f} × {peer.name}" for peer in peers[1:]))


def missed(database: str, peers: list[Peer]) -> list[str]:
    ours, *others = peers
    least = {"oTree 6": LEAST_OF_OTREE, "bare Django": LEAST_OF_BARE}
    said = [
        f"{ours.speed / peer.speed:.2f} × {peer.name} on {database}"
        for peer in others
        if ours.speed < least[peer.name] * peer.speed
    ]
    return said + ([f"p95 {ours.p95:.0f} ms on {database}"] if ours.p95 > MOST_MS else [])


@contextmanager
def platform(url: str, folder: Path) -> Iterator[Peer]:
    folder.mkdir()
    with ExitStack() as held:
        own = {}
        if url:
            broker = held.enter_context(redis())
            own = {"DATABASE_URL": url, "REDIS_URL": broker, "SECRET_KEY": "k" * 60}
        stack = held.enter_context(running_stack(folder, **own))
        stack.manage("study_create", str(HERE / "walk.yaml"), "--slug", "walk")
        stack.manage("study_open", "walk", "--override", "untrained")
        start = f"{stack.url}/study/s/walk/"
        yield Peer("platform", lambda: start, lambda: stack.pids_of("web"))


@contextmanager
def bare(url: str, folder: Path) -> Iterator[Peer]:
    folder.mkdir()
    port = free_port()
    database = another(url, "bare") if url else f"sqlite:///{folder}/db.sqlite3"
    env = os.environ | {"BARE_DATABASE_URL": database}
    subprocess.run([sys.executable, "-m", "tests.load.walk.bare"], cwd=ROOT, env=env, check=True)
    flags = "--lifespan off --no-access-log --no-proxy-headers --no-server-header"
    command = [sys.executable, "-m", "uvicorn", "tests.load.walk.bare:application"]
    with process([*command, "--port", str(port), *flags.split()], env, port, ROOT) as pids:
        yield Peer("bare Django", lambda: f"http://127.0.0.1:{port}/", pids)


@contextmanager
def otree(url: str, folder: Path) -> Iterator[Peer | None]:
    programs = installed_otree()
    if programs is None:
        yield None
        return
    subprocess.run(["cp", "-r", str(HERE / "otree"), str(folder)], check=True)
    for needed in ("_static", "_templates/global"):
        (folder / needed).mkdir(parents=True)
    port = free_port()
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    env |= {"OTREE_PRODUCTION": "1", "OTREE_REST_KEY": "key"}
    env["PATH"] = f"{programs}:{env['PATH']}"
    if url:
        env["DATABASE_URL"] = another(url, "otree")
    subprocess.run(
        ["otree", "resetdb", "--noinput"],
        cwd=folder,
        env=env,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with process([str(programs / "otree"), "prodserver", str(port)], env, port, folder) as pids:
        yield Peer("oTree 6", lambda: new_session(port), pids)


def new_session(port: int) -> str:
    """oTree makes its participants beforehand: a session with room for one walk of all."""
    body = json.dumps({"session_config_name": "walk", "num_participants": 2 * WALKS}).encode()
    headers = {"otree-rest-key": "key", "content-type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/sessions", body, headers)
    with urllib.request.urlopen(request, timeout=120) as answer:
        address: str = json.load(answer)["session_wide_url"]
    return f"http://127.0.0.1:{port}/join/{address.rstrip('/').rsplit('/', 1)[-1]}"


def installed_otree() -> Path | None:
    """The folder of oTree's programs, in an environment of its own."""
    home = ROOT / "var" / "otree"
    if not (home / "bin" / "otree").exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
            pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", *OTREE]
            subprocess.run(pip, check=True)
        except subprocess.CalledProcessError:
            say("oTree could not be installed: its rows are left out.")
            return None
    return home / "bin"


def another(url: str, name: str) -> str:
    """A fresh database beside the one of an address; its address."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@contextmanager
def process(
    command: list[str], env: dict[str, str], port: int, folder: Path
) -> Iterator[Callable[[], list[int]]]:
    """A server for the time of the block; the ids of it and its children."""
    child = subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(port, child)
        yield lambda: family(child.pid)
    finally:
        os.killpg(child.pid, 15)
        child.wait(20)


def wait_for(port: int, child: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and child.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit(f"nothing answers at port {port}")


def family(pid: int) -> list[int]:
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    children = [int(word) for word in done.stdout.split()]
    return [pid, *(one for child in children for one in family(child))]


def cpu_seconds(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(words[11]) + int(words[12])
    return total / CLOCK_TICKS


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
