"""What a backup says about itself."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Self

FORMAT = "duetml-backup"
VERSION = 1
NAME = "manifest.json"  # the last member: what lacks it was cut off


class BackupError(Exception):
    """A backup cannot be made or used; the text is one sentence that says what to do."""


@dataclass(frozen=True)
class Member:
    """One file of the backup: its size in bytes, its sha256, and the rows of a table."""

    bytes: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True)
class Manifest:
    """`database`: sqlite or postgresql. `migrations`: app → the newest of each app, sorted.

    `without_file`: pictures the database knows and the storage did not have.
    """

    made_at: str
    database: str
    migrations: dict[str, list[str]]
    members: dict[str, Member]
    without_file: int

    def to_json(self) -> str:
        told = {"format": FORMAT, "version": VERSION, **asdict(self)}
        return json.dumps(told, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Raises BackupError for what is none of ours, or of another version of the format."""
        told = _object(text)
        if told.pop("format", None) != FORMAT:
            raise BackupError("is not a backup of DuetML; name a file that manage.py backup wrote")
        if (version := told.pop("version", None)) != VERSION:
            raise BackupError(
                f"has version {version} of the format and this program reads {VERSION};"
                " restore it with the version of DuetML that made it"
            )
        try:
            told["members"] = {name: Member(**row) for name, row in told["members"].items()}
            return cls(**told)
        except (TypeError, KeyError, AttributeError):
            raise BackupError("has a damaged manifest; take another backup") from None


def _object(text: bytes) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        raise BackupError("has a damaged manifest; take another backup") from None
    return told if isinstance(told, dict) else {}
