"""Exports for tests: made, read, compared."""

import csv
import hashlib
from pathlib import Path

from evaluation.exports.names import data_file
from evaluation.exports.options import Options
from evaluation.work.export import Export, export
from study.models import Study
from tests.raters import NOW, World, make_world, rate_everything

CSV_ONLY = Options(formats=("csv",))


def finished_world(participants: int = 12, raters: int = 5) -> World:
    """Rated completely, closed, unlocked; one condition is better throughout."""
    world = make_world(participants, raters)
    rate_everything(world)
    close(world, unlock=True)
    return world


def close(world: World, *, unlock: bool) -> None:
    world.study.state = Study.State.CLOSED
    world.study.closed_at = NOW
    world.study.unlocked_at = NOW if unlock else None
    world.study.save()


def exported(world: World, target: Path, options: Options = CSV_ONLY, **rest: bool) -> Export:
    return export(world.study, target, by="test", now=NOW, options=options, **rest)


def read(done: Export, table: str, slug: str = "duetml") -> list[dict[str, str]]:
    with (done.target / data_file(slug, table)).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def everything_in(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
