"""Rows as CSV, and files that are there completely or not at all."""

import csv
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from evaluation.exports.columns import Column, Table
from evaluation.exports.guard import guarded

Row = Sequence[object]
ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
PART = ".part"
TICK_EVERY = 1000  # rows


class FolderNotEmptyError(Exception):
    """The target holds files already; nothing was written."""


def as_json(value: object) -> str:
    """For people to read, with a line's end at the end."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def write_table(
    file: TextIO,
    table: Table,
    rows: Iterable[Row],
    *,
    free_text: bool = True,
    tick: Callable[[int], None] | None = None,
) -> int:
    """Header and rows as CSV; returns the number of rows. Raises ValueError for another width.

    Values: None is an empty cell; true/false; JSON for lists and mappings; whatever else as str().
    Moments come as an export says them (see moments). A row that is a list may be changed. `tick`
    is told of every TICK_EVERY rows, and of the last ones.
    """
    writer = csv.writer(file)  # lines end in CR LF (RFC 4180); with LF, a lone CR would go unquoted
    writer.writerow(table.header)
    cells = _cells(table, iter(rows), free_text)
    number = 0
    while part := list(islice(cells, TICK_EVERY)):
        writer.writerows(part)
        number += len(part)
        if tick:
            tick(len(part))
    return number


def csv_text(table: Table, rows: Iterable[Row]) -> str:
    file = StringIO(newline="")
    write_table(file, table, rows)
    return file.getvalue()


def _cells(table: Table, rows: Iterator[Row], free_text: bool) -> Iterator[Row]:
    """The rows with what csv would not write as it is said."""
    width = len(table.columns)
    changes = [
        (place, change)
        for place, column in enumerate(table.columns)
        if (change := _change(column, free_text))
    ]
    for row in rows:
        if len(row) != width:
            raise ValueError(f"{table.name}: a row of {len(row)} cells, not {width}")
        cells = row if isinstance(row, list) else list(row)
        for place, change in changes:
            if cells[place] is not None:
                cells[place] = change(cells[place])
        yield cells


def _change(column: Column, free_text: bool) -> Callable[[Any], object] | None:
    if column.free and not free_text:
        return _nothing
    if column.kind == "boolean":
        return _true_or_false
    if column.kind in ("object", "array"):
        return _json
    if column.typed or column.kind == "any":
        return _typed
    return None


def _nothing(_value: object) -> None:
    return None


def _true_or_false(value: object) -> str:
    return "true" if value else "false"


def _json(value: object) -> str:
    """Text is JSON already, as a database said it."""
    return value if isinstance(value, str) else ENCODE(value)


def _typed(value: object) -> object:
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, bool):
        return _true_or_false(value)
    return ENCODE(value) if isinstance(value, list | dict) else value


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Where to write a file that appears under its name when the block ends well. No two blocks
    write to the same place, and a killed one leaves its piece behind (see clear_parts)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PART}")
    yield part
    os.replace(part, path)


def clear_parts(folder: Path) -> None:
    for part in folder.rglob(f"*{PART}"):
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    with written(path) as part:
        part.write_text(text, encoding="utf-8", newline="")


def must_be_new(target: Path) -> None:
    """Raises FolderNotEmptyError for a folder that holds something, and for a file."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FolderNotEmptyError(str(target))


@contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """A draft to write into, beside `folder`, which it becomes when the block ends well.

    Readable by its owner only. Raises FolderNotEmptyError for a folder that holds something.
    """
    folder = folder.absolute()
    must_be_new(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield draft
        os.rename(draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
