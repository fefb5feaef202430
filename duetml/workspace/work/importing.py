"""A researcher's own pictures, from a folder or a zip file, into a pool.

Nothing is ever unpacked to disk: names are only words, and every file is read up to its limit.
"""

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import FileIO
from pathlib import Path, PurePosixPath
from threading import Event
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from duetml import media
from duetml.vision import intake
from duetml.workspace.models import LeaseLostError, Pool, PoolImport
from duetml.workspace.services import files, imports, pools
from duetml.workspace.services.imports import Counts, Taken
from duetml.workspace.services.refusal import Refused
from duetml.workspace.work.lease import kept

MOST_FILES = 20_000
MOST_BYTES = 10_000_000_000  # of all files together, unpacked
LARGEST_READ = 12_000_000  # a file at its limit; also the list of files of a zip file
AT_ONCE = 20  # files in one transaction; what a killed worker has to do again
IGNORED = ("__MACOSX", "Thumbs.db", "desktop.ini")
# Others unpack without a limit: a few kilobytes would fill the memory.
BOUNDED_KINDS = (ZIP_STORED, ZIP_DEFLATED)


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


def found_in(path: Path, name: str = "") -> list[File]:
    """The files of a folder or zip file by name, hidden ones left out. `name` is what people know
    it by. Raises ImportingError."""
    told = {"name": name or str(path)}
    if path.is_dir():
        found = list(_in_folder(path))
    elif path.is_file():
        found = list(_in_zip(path, told))
    else:
        raise ImportingError(_("%(name)s is neither a folder nor a zip file.") % told)
    if not found:
        raise ImportingError(_("%(name)s holds no files.") % told)
    return sorted(found, key=lambda file: file.name)


def import_files(
    pool: Pool, found: list[File], now: datetime, on_file: Callable[[int, int], None]
) -> Outcome:
    """Add what can be used; the rest is told with a reason. `on_file(done, total)` after each."""
    outcome = Outcome()
    for number, file in enumerate(found, start=1):
        one = _taken(file)
        if one.picture is None:
            outcome.refused.append((one.name, one.refused))
        elif pools.add(pool, one.picture, one.name, now):
            outcome.added += 1
        else:
            outcome.duplicates.append(one.name)
        on_file(number, len(found))
    counts = Counts(outcome.added, len(outcome.duplicates), len(outcome.refused))
    imports.note(pool, "import_images", "", counts, now)
    return outcome


def import_archive(import_id: str) -> None:
    """The job: an uploaded zip file into its pool, once, whoever is killed on the way."""
    now = timezone.now()
    if imports.is_another_running(import_id, now):
        return  # the sweep sends it again
    row = PoolImport.claim(import_id, now)
    if row is None:
        return
    with kept(row) as lost, translation.override(row.language):
        try:
            with media.on_disk(row.archive) as archive:
                _import(row, archive, lost)
        except ImportingError as problem:
            imports.fail(row, str(problem), timezone.now())
        except LeaseLostError:
            return


def _import(row: PoolImport, archive: Path, lost: Event) -> None:
    found = found_in(archive, f"“{files.shown(row.name)}”")
    imports.count(row, len(found))
    for start in range(row.done, len(found), AT_ONCE):
        if lost.is_set():
            raise LeaseLostError
        if imports.free_bytes() < imports.KEPT_FREE_BYTES:
            raise ImportingError(
                _("The disk is nearly full. What was added so far is in the pool.")
            )
        batch = [_taken(file) for file in found[start : start + AT_ONCE]]
        imports.take_in(row, batch, timezone.now())
    imports.finish(row, timezone.now())


def _taken(file: File) -> Taken:
    try:
        return Taken(file.name, _picture(file))
    except Refused as refused:
        return Taken(file.name, None, refused.message)


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


class _Bounded(FileIO):
    """What a zip file says of itself is read only where it fits into memory."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > LARGEST_READ:
            raise BadZipFile("its list of files is too long")
        return super().read(-1 if size is None else size)


def _in_zip(path: Path, told: dict[str, str]) -> Iterator[File]:
    try:
        archive = ZipFile(_Bounded(path))
    except (BadZipFile, OSError, ValueError, NotImplementedError) as problem:
        values = {**told, "problem": str(problem)}
        text = _("%(name)s is not a whole zip file (%(problem)s).")
        raise ImportingError(text % values) from None
    members = [one for one in archive.infolist() if not one.filename.endswith("/")]
    if sum(one.file_size for one in members) > MOST_BYTES:
        values = told | {"limit": f"{MOST_BYTES / 1e9:g}"}
        raise ImportingError(_("%(name)s would unpack to more than %(limit)s GB.") % values)
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
    if stat.S_ISLNK(member.external_attr >> 16):
        return _("“%(name)s” is a link.") % name
    if member.flag_bits & 1:
        return _("“%(name)s” is encrypted.") % name
    if path.suffix.lower() == ".zip":
        return _("“%(name)s” is a zip file inside the zip file: unpack it first.") % name
    if member.compress_type not in BOUNDED_KINDS:
        return _("“%(name)s” is packed in an unusual way: pack it as an ordinary zip file.") % name
    if member.file_size > files.LIMITS.max_bytes:
        return files.too_large(member.filename).message
    return ""


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part in IGNORED or (part.startswith(".") and part != "..") for part in parts)


def _counted(count: int) -> int:
    if count >= MOST_FILES:
        text = _("There are more than %(most)s files. Import them in parts.")
        raise ImportingError(text % {"most": f"{MOST_FILES:,}"})
    return count + 1
