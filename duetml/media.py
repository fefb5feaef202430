"""Where pictures, parcels, reports and exports lie: Django's default storage, on a disk or in a
bucket. Here is what its calls leave open: folders that are not there, files that have no path.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage


class MediaError(OSError):
    """The bucket cannot be used; the text is one sentence that says what to do."""


def is_in_bucket() -> bool:
    return hasattr(default_storage, "must_answer")


def must_answer() -> None:
    """Raises MediaError where the bucket cannot be used. A disk is not asked."""
    if is_in_bucket():
        default_storage.must_answer()  # type: ignore[attr-defined]


def inside(folder: str) -> tuple[list[str], list[str]]:
    """The names of its folders and of its files; none where there is no such folder."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
    return sorted(folders), sorted(names)


def every(folder: str = "") -> Iterator[str]:
    """Every file by path, in order."""
    folders, names = inside(folder)
    prefix = f"{folder}/" if folder else ""
    for name in names:
        yield prefix + name
    for name in folders:
        yield from every(prefix + name)


def remove(folder: str) -> None:
    """A folder with everything in it; nothing where it is not there."""
    folders, names = inside(folder)
    for name in folders:
        remove(f"{folder}/{name}")
    for name in names:
        default_storage.delete(f"{folder}/{name}")
    default_storage.delete(folder)


def take(file: Path, path: str) -> str:
    """Keep a file of this machine's disk under `path`; it is moved where that is a disk, too."""
    with file.open("rb") as source:
        kept: str = default_storage.save(path, _Movable(source, name=str(file)))
    file.unlink(missing_ok=True)
    return kept


@contextmanager
def on_disk(path: str) -> Iterator[Path]:
    """The file as one of this machine's disk: of a bucket's, a copy for the time of the block."""
    if not is_in_bucket():
        yield Path(default_storage.path(path))
        return
    with NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=".upload") as copy:
        with default_storage.open(path) as source:
            shutil.copyfileobj(source, copy)
        copy.flush()
        yield Path(copy.name)


class _Movable(File):  # type: ignore[type-arg]
    def temporary_file_path(self) -> str:
        """Django's storage on a disk moves what has one."""
        return str(self.name)
