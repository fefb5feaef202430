"""manage.py backup: one file, read again and checked before it gets its name."""

import hashlib
import os
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from duetml import media, safekeeping
from duetml.config import database_version
from duetml.config.backup import files, manifest, rows
from duetml.config.backup.manifest import BackupError, Manifest, Member
from duetml.config.backup.reading import check
from duetml.config.backup.settings import without_secrets
from duetml.workspace.models import Image

PIECE = 1 << 20  # bytes read at a time


def back_up(target: Path, now: datetime) -> Manifest:
    """Write everything to `target`, which must not be there.

    Raises BackupError and WrongVersionError; OSError where the disk is full or the folder cannot be
    written: nothing is left behind then.
    """
    if target.exists():
        raise BackupError(f"{target} is there already; name a new file")
    database_version.require_same()
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    try:
        draft.touch(mode=0o600)
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            written = _write(archive, now)
        check(draft)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        os.link(draft, target)  # unlike a rename, it never takes another one's place
    finally:
        draft.unlink(missing_ok=True)
    safekeeping.note_backup(now)
    return written


def _write(archive: zipfile.ZipFile, now: datetime) -> Manifest:
    members: dict[str, Member] = {}
    with rows.one_moment():
        for model in rows.tables():
            name = f"rows/{model._meta.label}.jsonl"
            members[name] = _put(archive, name, rows.lines(model), counted=True)
        wanted = set(Image.objects.values_list("sha256", flat=True))
    members |= _put_files(archive)
    there = {name for name in members if name.startswith(files.MEDIA)}
    missing = sum(files.MEDIA + Image(sha256=sha256).full_path not in there for sha256 in wanted)
    told = without_secrets(settings.ENV).encode()
    members["settings.json"] = _put(archive, "settings.json", [told])
    made = Manifest(now.isoformat(), connection.vendor, rows.migrations_of_code(), members, missing)
    archive.writestr(manifest.NAME, made.to_json())
    return made


def _put_files(archive: zipfile.ZipFile) -> dict[str, Member]:
    """After the rows: every picture the rows speak of is there by then."""
    members = {}
    for path in media.every():
        try:
            source = default_storage.open(path)
        except FileNotFoundError:
            continue  # was tidied away meanwhile
        with source:
            name = files.MEDIA + path
            members[name] = _put(archive, name, _pieces(source), is_packed=True)
    for name, place in files.models().items():
        with place.open("rb") as file:
            members[name] = _put(archive, name, _pieces(file), is_packed=True)
    return members


def _put(
    archive: zipfile.ZipFile,
    name: str,
    pieces: Iterable[bytes],
    *,
    counted: bool = False,
    is_packed: bool = False,
) -> Member:
    """One member; `is_packed`: pictures gain nothing from compression."""
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o600 << 16
    info.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
    total, size, count = hashlib.sha256(), 0, 0
    with archive.open(info, "w", force_zip64=True) as out:
        for piece in pieces:
            out.write(piece)
            total.update(piece)
            size += len(piece)
            count += 1
    return Member(size, total.hexdigest(), count if counted else None)


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(PIECE):
        yield piece
