"""Rows into files. A folder appears complete or not at all."""

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import TextIO

from evaluation.exports.schema import Table

Row = Sequence[object]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class FolderNotEmptyError(Exception):
    """The target holds files already; nothing was written."""


def cell(value: object, *, typed: bool = False) -> str:
    """A value as text: times in UTC (ISO 8601), true/false, JSON for lists and mappings, or "".

    `typed` text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, list | dict):
        return as_json(value)
    text = str(value)
    guarded = typed and isinstance(value, str) and text.startswith(FORMULA_STARTS)
    return f"'{text}" if guarded else text


def as_json(value: object, *, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=indent)


def write_table(file: TextIO, table: Table, rows: Iterable[Row]) -> int:
    """Header and rows as CSV; returns the number of rows. Raises ValueError for another width."""
    writer = csv.writer(file)  # lines end in CR LF (RFC 4180); with LF, a lone CR would go unquoted
    writer.writerow(column.name for column in table.columns)
    number = 0
    for row in rows:
        cells = zip(row, table.columns, strict=True)
        writer.writerow([cell(value, typed=column.typed) for value, column in cells])
        number += 1
    return number


def csv_text(table: Table, rows: Iterable[Row]) -> str:
    file = StringIO(newline="")
    write_table(file, table, rows)
    return file.getvalue()


@contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """A draft to write into, beside `folder`, which it becomes when the block ends well.

    Readable by its owner only. Raises FolderNotEmptyError for a folder that holds something.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderNotEmptyError(str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield draft
        os.rename(draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def write_folder(
    draft: Path, tables: Iterable[tuple[Table, Iterable[Row]]], texts: Mapping[str, str]
) -> dict[str, int]:
    """All files into a folder. Returns the rows of each table (texts count as 1), by file name."""
    written = {}
    for table, rows in tables:
        with (draft / table.name).open("w", encoding="utf-8", newline="") as file:
            written[table.name] = write_table(file, table, rows)
    for name, text in texts.items():
        (draft / name).write_text(text, encoding="utf-8", newline="")
        written[name] = 1
    return written
