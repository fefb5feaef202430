"""Archives that depend on their content alone: fixed dates, fixed order."""

import shutil
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

DATE = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16  # as zip files note a file's permissions
PACKED_ALREADY = (".parquet", ".xlsx", ".jpg")
PIECE = 1 << 20


def new_zip(target: Path) -> ZipFile:
    return ZipFile(target, "w", compresslevel=6)


def add_bytes(archive: ZipFile, name: str, data: bytes) -> None:
    archive.writestr(_entry(name), data)


def adding(archive: ZipFile, name: str) -> IO[bytes]:
    """A new file in the archive, of up to 2 GiB, to be written and closed before the next one."""
    return archive.open(_entry(name), "w")


def add_stream(archive: ZipFile, name: str, source: IO[bytes]) -> None:
    with archive.open(_entry(name), "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target, PIECE)


def zip_folder(folder: Path, target: Path, top: str) -> None:
    """Every file of a folder under `top`, by name."""
    with new_zip(target) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            with path.open("rb") as source:
                add_stream(archive, f"{top}/{path.relative_to(folder).as_posix()}", source)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, DATE)
    entry.external_attr = READABLE
    entry.compress_type = ZIP_STORED if name.endswith(PACKED_ALREADY) else ZIP_DEFLATED
    return entry
