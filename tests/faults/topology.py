"""The production topology from nothing: python -m tests.faults.topology [--participants 50]

The command lines are the units' of deploy/systemd, the proxy's files those of deploy/nginx, the
settings env.example, and what is typed stands in deploy/RUNBOOK.md. Robots live through a study
behind TLS while every process is restarted once and killed once (of PostgreSQL one, which ends all
the others); then a backup is made, everything destroyed and restored, and the export is the same to
the byte.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import runbook
from tests.faults.behind_the_proxy import Visitor, look, look_at_a_picture
from tests.faults.machine import DATA, Machine, machine, what_is_missing
from tests.faults.units import members_of, read_settings
from tests.stack import ROOT

KILLED = (*members_of("duetml.target"), "redis-server", "nginx")
POOLS = {"practice": ("objects", 24), "animals": ("animals", 96), "mixed": ("*", 120)}
INSTALL, FIRST, ROLL = "Install", "First study", "Restart without anybody noticing"
BACK_UP, RESTORE, UPGRADE = "Back up", "Restore", "Upgrade"
SECTIONS = (INSTALL, FIRST, ROLL, BACK_UP, RESTORE, UPGRADE)
STAFF = ("ann", "correct horse battery staple")


@dataclass
class Figures:
    """Seconds of each part."""

    seconds: dict[str, float] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def timed(self, name: str, work: Callable[[], object]) -> None:
        begun = time.monotonic()
        work()
        self.seconds[name] = time.monotonic() - begun


def run(participants: int, scale: float, folder: Path, say: Callable[[str], None]) -> Figures:
    figures = Figures()
    with machine(folder, say) as here:
        pictures(here.folder / "pictures")
        figures.timed("install", lambda: here.follow(INSTALL))
        study = [one for one in runbook.commands(FIRST) if one[1] != "simulate"]
        for command in study:
            here.type(command)
        visit(here)
        figures.timed("rehearsal", lambda: rehearse(here, participants, scale, figures))
        here.path("/srv/backups/today.zip").unlink()
        figures.timed("backup and its rehearsal", lambda: here.follow(BACK_UP))
        slug = simulated(here)
        before = exported(here, slug, "before")
        destroy(here)
        figures.timed("restore", lambda: here.follow(RESTORE))
        after = exported(here, slug, "after")
        assert before == after, sorted(name for name in before if before[name] != after.get(name))
        say(f"The export of {slug} is the same to the byte: {len(before)} files.")
        upgrade(here)
        clean_logs(here)
    return figures


def rehearse(here: Machine, participants: int, scale: float, figures: Figures) -> None:
    """Robots live on while everything is restarted, killed, and backed up."""
    say = here.systemd.say
    typed = next(one for one in runbook.commands(FIRST) if one[1] == "simulate")
    words = here.words(typed)
    words[words.index("--participants") + 1] = str(participants)
    words += ["--minutes-scale", str(scale)]
    said = here.folder / "log" / "simulate.log"
    with said.open("wb") as file:
        robots = subprocess.Popen(
            [str(ROOT / "deploy" / "manage"), *words[1:]],
            env=here.environment(),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        journal = here.path("/srv/backups/rehearsal.robots.jsonl")
        wait_for(lambda: journal.exists() and journal.stat().st_size > 5_000, robots, said)
        for command in runbook.commands(ROLL):
            say(f"$ {' '.join(command)}")
            figures.timed(" ".join(command[1:]), lambda command=command: here.type(command))  # type: ignore[misc]
            must_run(robots, said)
        here.duetml("ready")
        for name in KILLED:
            say(f"kill -9 {name}")
            here.systemd.kill(name)
            must_run(robots, said)
            here.duetml("ready")
        say("kill -9 of a process of PostgreSQL, which ends every connection")
        crash_postgres(here)
        must_run(robots, said)
        here.duetml("ready")
        for command in runbook.commands(BACK_UP):
            figures.timed(f"{command[1]} under way", lambda command=command: here.type(command))  # type: ignore[misc]
        say(f"Backed up under way; {'still' if robots.poll() is None else 'no longer'} running.")
        assert robots.wait(1800) == 0, said.read_text()
    finally:
        robots.kill()
    text = said.read_text()
    assert re.search(r"lost +0\n", text), text
    assert re.search(r"wrong +0\n", text), text
    figures.said = [line for line in text.splitlines() if line.strip()]


def crash_postgres(here: Machine) -> None:
    """One of its processes dies, so it ends all of them and recovers from its log."""
    ask = "SELECT pid FROM pg_stat_activity WHERE datname = 'duetml' AND pid <> pg_backend_pid()"
    command = ["psql", "-qAt", here.database, "-c", ask]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    os.kill(int(found[0]), signal.SIGKILL)


def wait_for(
    true: Callable[[], bool], robots: "subprocess.Popen[bytes]", said: Path, seconds: float = 300
) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, said.read_text()
        must_run(robots, said)
        time.sleep(0.2)


def must_run(robots: "subprocess.Popen[bytes]", said: Path) -> None:
    assert robots.poll() is None, f"the robots ended too early:\n{said.read_text()}"


def pictures(folder: Path) -> None:
    for pool, (kinds, count) in POOLS.items():
        found = sorted((DATA / "images").glob(f"{kinds}/*/*.jpg"), key=lambda p: p.name)
        (folder / pool).mkdir()
        for number, path in enumerate(found[:count]):
            shutil.copy(path, folder / pool / f"{number:03d}.jpg")


def visit(here: Machine) -> None:
    """What a browser sees."""
    name, password = STAFF
    make = "from django.contrib.auth.models import User as U; U.objects.create_superuser"
    here.duetml("shell", "-c", f"{make}({name!r}, password={password!r})")
    port = re.search(r"listen (\d+);", (here.folder / "conf.d" / "duetml.conf").read_text())
    assert port is not None
    settings = read_settings(here.folder / "etc" / "env")
    visitor = Visitor(here.url, here.folder / "etc" / "tls" / "fullchain.pem")
    look(visitor, f"http://localhost:{port[1]}", settings["DUETML_METRICS_TOKEN"])
    visitor.log_in(name, password)
    _status, _headers, page = visitor.get("/pools/animals/")
    address = re.search(r'src="(/pools/animals/[^"]+)"', page.decode())
    assert address is not None, page.decode()[:2000]
    look_at_a_picture(visitor, address[1])


def simulated(here: Machine) -> str:
    find = "Study.objects.get(slug__contains='-sim-').slug"
    said = here.duetml("shell", "-c", f"from study.models import Study; print('SLUG', {find})")
    return said.split("SLUG ")[1].split()[0]


def exported(here: Machine, slug: str, name: str) -> dict[str, bytes]:
    out = here.folder / "exports" / name
    here.duetml("export", slug, "--out", str(out))
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def destroy(here: Machine) -> None:
    """Database, pictures and models are gone, as on a new machine."""
    for name in members_of("duetml.target"):
        here.systemd.stop(name)
    address = here.database.rpartition("/")[0] + "/postgres"
    for command in ("DROP DATABASE duetml WITH (FORCE)", "CREATE DATABASE duetml"):
        subprocess.run(["psql", "-q", address, "-c", command], check=True)
    shutil.rmtree(here.folder / "srv")
    (here.folder / "srv").mkdir()


def upgrade(here: Machine) -> None:
    """As if the next version had come: tables and static files while everything runs."""
    here.follow(UPGRADE)
    here.follow(ROLL)
    here.duetml("ready")


def clean_logs(here: Machine) -> None:
    """No personal link, key or session is in any log; ours are JSON."""
    settings = read_settings(here.folder / "etc" / "env")
    hidden = [settings["SECRET_KEY"], settings["DUETML_METRICS_TOKEN"], STAFF[1]]
    for path in (here.folder / "log").glob("*.log"):
        text = path.read_text(errors="replace")
        assert not any(secret in text for secret in hidden), path.name
        assert not re.search(r"/study/p/[\w-]{10}|/rating/join/[\w-]{10}", text), path.name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--participants", type=int, default=50)
    parser.add_argument("--minutes-scale", type=float, default=0.04)
    parser.add_argument("--keep", type=Path, help="a new folder to leave everything in")
    given = parser.parse_args()
    if lacking := what_is_missing():
        sys.exit(f"Not installed: {', '.join(lacking)}.")
    folder = given.keep or Path(tempfile.mkdtemp(prefix="duetml-topology-"))
    begun = time.monotonic()

    def say(sentence: str) -> None:
        sys.stdout.write(f"{time.monotonic() - begun:6.1f} s  {sentence}\n")
        sys.stdout.flush()

    try:
        figures = run(given.participants, given.minutes_scale, folder, say)
        for name, seconds in figures.seconds.items():
            say(f"{name}: {seconds:.1f} s")
        sys.stdout.write("\n".join(figures.said) + "\n")
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
