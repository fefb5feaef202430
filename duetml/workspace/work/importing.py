"""A researcher's own pictures, from a folder or a zip file, into a pool.

Nothing is ever unpacked to disk: names are only words, and every file is read up to its limit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from duetml.vision import intake
from duetml.workspace.models import Pool
from duetml.workspace.services import files, pools
from duetml.workspace.services.refusal import Refused

MOST_FILES = 20_000
MOST_BYTES = 10_000_000_000  # of all files together, unpacked
IGNORED = ("__MACOSX", "Thumbs.db", "desktop.ini")


class ImportingError(Exception):
    """Nothing can be imported from there; the message is one sentence."""


@dataclass(frozen=True)
class File:
    """`read` gives at most as many bytes as asked for. `refused`: why it is not even opened."""

    name: str
    read: Callable[[int], bytes]
    refused: str = ""


@dataclass
class Outcome:
    added: int = 0
    duplicates: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def found_in(path: Path) -> list[File]:
    """The files of a folder or zip file by name, hidden ones left out. Raises ImportingError."""
    if path.is_dir():
        found = list(_in_folder(path))
    elif path.is_file():
        found = list(_in_zip(path))
    else:
        raise ImportingError(f"{path} is neither a folder nor a zip file.")
    if not found:
        raise ImportingError(f"{path} holds no files.")
    return sorted(found, key=lambda file: file.name)


def import_files(
    pool: Pool, found: list[File], now: datetime, on_file: Callable[[int, int], None]
) -> Outcome:
    """Add what can be used; the rest is told with a reason. `on_file(done, total)` after each."""
    outcome = Outcome()
    for number, file in enumerate(found, start=1):
        try:
            picture = _picture(file)
        except Refused as refused:
            outcome.refused.append((file.name, refused.message))
        else:
            if pools.add(pool, picture, file.name, now):
                outcome.added += 1
            else:
                outcome.duplicates.append(file.name)
        on_file(number, len(found))
    return outcome


def _picture(file: File) -> intake.Picture:
    if file.refused:
        raise Refused("refused", file.refused)
    try:
        data = file.read(files.LIMITS.max_bytes + 1)
    except Exception as problem:  # zipfile and its decompressors fail in many ways
        told = _("“%(name)s” cannot be read: %(problem)s")
        values = {"name": files.shown(file.name), "problem": problem}
        raise Refused("unreadable", told % values) from None
    return files.read(data, file.name)


def _in_folder(folder: Path) -> Iterator[File]:
    count = 0
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if _is_hidden(name) or (path.is_dir() and not path.is_symlink()):
            continue
        count = _counted(count)
        # A link may lead anywhere on this machine.
        refused = _("“%(name)s” is a link.") % {"name": files.shown(name)}
        yield File(name, _opener(path), refused if path.is_symlink() else "")


def _opener(path: Path) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        with path.open("rb") as file:
            return file.read(most)

    return read


def _in_zip(path: Path) -> Iterator[File]:
    try:
        archive = ZipFile(path)
    except (BadZipFile, OSError, ValueError, NotImplementedError) as problem:
        raise ImportingError(f"{path} is not a folder or a whole zip file ({problem}).") from None
    members = [one for one in archive.infolist() if not one.filename.endswith("/")]
    if sum(one.file_size for one in members) > MOST_BYTES:
        raise ImportingError(f"{path} would unpack to more than {MOST_BYTES / 1e9:g} GB.")
    count = 0
    for member in members:
        if _is_hidden(member.filename):
            continue
        count = _counted(count)
        yield File(member.filename, _member(archive, member), _why_not(member))


def _member(archive: ZipFile, member: ZipInfo) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        with archive.open(member) as file:
            return file.read(most)

    return read


def _why_not(member: ZipInfo) -> str:
    name = {"name": files.shown(member.filename)}
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]):
        return _("“%(name)s” has a path that leads out of the zip file.") % name
    if member.flag_bits & 1:
        return _("“%(name)s” is encrypted.") % name
    if member.file_size > files.LIMITS.max_bytes:
        return files.too_large(member.filename).message
    return ""


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part in IGNORED or (part.startswith(".") and part != "..") for part in parts)


def _counted(count: int) -> int:
    if count >= MOST_FILES:
        raise ImportingError(f"There are more than {MOST_FILES:,} files. Import them in parts.")
    return count + 1
