"""What of an export is written already, so that a worker that takes over goes on from there."""

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from evaluation.exports.files import write_text

NAME = "ledger.json"  # beside the draft, not in it


@dataclass
class Ledger:
    """`rows` of each table that is complete, by path. `state` tells one state of the study from
    another. `facts`: what the texts need to know, once all tables are read (`is_read`)."""

    folder: Path
    state: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    is_read: bool = False

    @property
    def draft(self) -> Path:
        return self.folder / "draft"

    def begin(self, state: str) -> None:
        """Keep what was written from the same state, and nothing from another."""
        if self.state != state:
            shutil.rmtree(self.draft, ignore_errors=True)
            self.state, self.rows, self.facts, self.is_read = state, {}, {}, False
            self.save()
        self.draft.mkdir(parents=True, exist_ok=True)

    def add(self, path: str, rows: int) -> None:
        self.rows[path] = rows
        self.save()

    def save(self) -> None:
        told = {name: value for name, value in asdict(self).items() if name != "folder"}
        write_text(self.folder / NAME, json.dumps(told, ensure_ascii=False))


def opened(folder: Path) -> Ledger:
    try:
        told = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return Ledger(folder)
    return Ledger(folder, **told)
