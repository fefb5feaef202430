"""When data were last backed up, and whether a backup was ever restored: one small file.

A backup that nobody has restored is a hope. Whoever opens a study may ask `read()`.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from django.conf import settings

NAME = "safekeeping.json"  # in the storage folder, beside the data and not among them


@dataclass(frozen=True)
class Safekeeping:
    """None: never, as far as this machine knows."""

    backed_up_at: datetime | None = None
    restored_at: datetime | None = None


def read() -> Safekeeping:
    try:
        told = json.loads(_path().read_text(encoding="utf-8"))
        return Safekeeping(**{name: _moment(value) for name, value in told.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return Safekeeping()


def note_backup(now: datetime) -> None:
    _write(replace(read(), backed_up_at=now))


def note_restore(now: datetime) -> None:
    _write(replace(read(), restored_at=now))


def _write(told: Safekeeping) -> None:
    path = _path()
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({n: v and v.isoformat() for n, v in asdict(told).items()}))
    draft.replace(path)


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _path() -> Path:
    return Path(settings.VAR) / NAME
