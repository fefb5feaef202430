"""Zip files on their way into a pool: accepted, counted, taken in batch by batch, reported."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from duetml import media
from duetml.jobs import Job, enqueue
from duetml.live.log import pool_stream, record
from duetml.vision.intake import Picture
from duetml.workspace.models import LeaseLostError, Pool, PoolImport, State
from duetml.workspace.services import pools
from duetml.workspace.services.wording import clipped, one_line

FOLDER = "imports"
LONGEST_NAME = 120
KEPT_FREE_BYTES = 500_000_000  # of the disk, whatever arrives
LEFT_AFTER = timedelta(days=1)
COPIES = 2  # of an archive at one time: as the body that came in, and as the file that is kept


@dataclass(frozen=True)
class Counts:
    added: int = 0
    duplicates: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Taken:
    """One file of an archive: a picture, or the sentence that says why not."""

    name: str
    picture: Picture | None
    refused: str = ""


def largest_archive(most: int) -> int:
    """How large an archive may be now: at most `most` bytes, and what the disk has room for."""
    return max(0, min(most, (free_bytes() - KEPT_FREE_BYTES) // COPIES))


def free_bytes() -> int:
    """Of the disk that holds what comes in, and, where there is no bucket, what is kept."""
    return shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free


def begin(
    pool: Pool, archive: "File[Any]", name: str, by: str, language: str, now: datetime
) -> PoolImport:
    """Keep the archive (moved where it lies on disk already) and have it read by a worker. Raises
    Refused where the pool is gone by now."""
    path = default_storage.save(f"{FOLDER}/{uuid4()}.zip", archive)
    try:
        with transaction.atomic():
            row = PoolImport.objects.create(
                pool=pools.locked(pool.pk),
                archive=path,
                name=clipped(one_line(name), LONGEST_NAME),
                by=by,
                language=language,
                queued_at=now,
            )
            enqueue(Job.IMPORT_POOL, of=str(row.pk))
            return row
    except BaseException:
        default_storage.delete(path)
        raise


def is_another_running(row_id: str, now: datetime) -> bool:
    """One at a time: imports share their worker with jobs that must not wait."""
    running = PoolImport.objects.filter(state=State.RUNNING, lease_until__gte=now)
    return running.exclude(pk=row_id).exists()


def count(row: PoolImport, total: int) -> None:
    row.total = total
    _save(row, "total")


@transaction.atomic
def take_in(row: PoolImport, batch: Sequence[Taken], now: datetime) -> None:
    """Add what can be used and count all of it, in one transaction: a worker that takes over goes
    on behind the last whole batch. Raises LeaseLostError."""
    pool = Pool.objects.select_for_update().get(pk=row.pool_id)
    for one in batch:
        name = pools.shown_source(one.name)
        if one.picture is None:
            row.refused.append([name, one.refused])
        elif pools.append(pool, one.picture, one.name, now) is not None:
            row.added += 1
        else:
            row.duplicates.append(name)
    row.done += len(batch)
    _save(row, "done", "added", "duplicates", "refused")


@transaction.atomic
def finish(row: PoolImport, now: datetime) -> bool:
    archive = row.archive
    if not row.finish(now, archive=""):
        return False
    counts = Counts(row.added, len(row.duplicates), len(row.refused))
    note(row.pool, row.by, row.name, counts, now, str(row.pk))
    pools.embed(row.pool)
    transaction.on_commit(lambda: default_storage.delete(archive))
    return True


@transaction.atomic
def note(
    pool: Pool, by: str, file: str, counts: Counts, now: datetime, import_id: str = ""
) -> None:
    """Record that pictures were brought in, from a file or folder of that name."""
    told = {"by": by, "import": import_id, "file": file} | asdict(counts)
    record(pool_stream(pool.name), "pool.imported", told, at=now)


@transaction.atomic
def fail(row: PoolImport, reason: str, now: datetime) -> bool:
    archive = row.archive
    if not row.fail(now, reason, archive=""):
        return False
    told = {"by": row.by, "import": str(row.pk), "file": row.name, "reason": reason}
    record(pool_stream(row.pool.name), "pool.import_failed", told, at=now)
    if archive:
        transaction.on_commit(lambda: default_storage.delete(archive))
    return True


def clear_away(now: datetime) -> None:
    """Delete what a killed process left: archives nobody will read, uploads that never ended."""
    for name in media.inside(FOLDER)[1]:
        path = f"{FOLDER}/{name}"
        is_old = default_storage.get_modified_time(path) < now - LEFT_AFTER
        if is_old and not PoolImport.objects.filter(archive=path).exists():
            default_storage.delete(path)
    for file in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*"):
        if file.stat().st_mtime < (now - LEFT_AFTER).timestamp():
            file.unlink(missing_ok=True)


def _save(row: PoolImport, *fields: str) -> None:
    mine = PoolImport.objects.filter(pk=row.pk, state=State.RUNNING, attempt=row.attempt)
    if not mine.update(**{field: getattr(row, field) for field in fields}):
        raise LeaseLostError
