"""Opening a backup and checking every byte of it."""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from duetml.config.backup import files, manifest
from duetml.config.backup.manifest import BackupError, Manifest

PIECE = 1 << 20
DAMAGED = "is damaged ({what}); copy it once more, or take another backup"


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The backup and what it says of itself. Raises BackupError, naming the file."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _manifest(archive)
    except FileNotFoundError:
        raise BackupError(f"There is no file {path}; name a backup.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as problem:
        what = "it is no zip file" if "not a zip" in str(problem) else str(problem)
        raise BackupError(f"{path} {DAMAGED.format(what=what)}.") from None
    except BackupError as problem:
        text = str(problem)
        raise BackupError(text if text.startswith(str(path)) else f"{path} {text}.") from None


def check(path: Path) -> Manifest:
    """Read all of it: each member is there, has its size and its hash, and none is foreign."""
    with opened(path) as (archive, told):
        there = set(archive.namelist()) - {manifest.NAME}
        if there != set(told.members):
            odd = sorted(there ^ set(told.members))[0]
            raise BackupError(DAMAGED.format(what=f"{odd} is missing or not part of it"))
        for name, member in told.members.items():
            if not files.is_safe(name):
                raise BackupError("names a file outside its folder; it was not made by DuetML")
            if _sha256(archive, name) != (member.bytes, member.sha256):
                raise BackupError(DAMAGED.format(what=f"{name} is not what was written"))
    return told


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        return Manifest.from_json(archive.read(manifest.NAME))
    except KeyError:
        raise BackupError(
            "is not a backup of DuetML; name a file that manage.py backup wrote"
        ) from None


def _sha256(archive: zipfile.ZipFile, name: str) -> tuple[int, str]:
    total, size = hashlib.sha256(), 0
    with archive.open(name) as source:
        while piece := source.read(PIECE):
            total.update(piece)
            size += len(piece)
    return size, total.hexdigest()
