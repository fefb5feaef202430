"""A table's CSV file read back as typed rows: what the other formats are made from."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from evaluation.exports.columns import Column, Table
from evaluation.exports.guard import unguarded

Value = str | int | float | bool | datetime | None
WIDEST = 1 << 30  # a request to an agent may hold a whole conversation


def read_rows(path: Path, table: Table, *, guarded: bool = False) -> Iterator[list[Value]]:
    """Rows in order; an empty cell is None. `guarded`: words keep their apostrophe.

    Raises ValueError for another header.
    """
    with path.open(encoding="utf-8", newline="") as file, _wide_fields():
        lines = csv.reader(file)
        if next(lines) != table.header:
            raise ValueError(f"{path.name} has another header than {table.name}")
        readers = [_reader(column, guarded) for column in table.columns]
        for line in lines:
            yield [
                None if cell == "" else read(cell) if read else cell
                for cell, read in zip(line, readers, strict=True)
            ]


@contextmanager
def _wide_fields() -> Iterator[None]:
    """The limit is the process's: others, who read strangers' tables, keep theirs."""
    before = csv.field_size_limit(WIDEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _reader(column: Column, guarded: bool) -> Callable[[str], Value] | None:
    if column.kind == "integer":
        return int
    if column.kind == "number":
        return float
    if column.kind == "boolean":
        return "true".__eq__
    if column.kind == "moment":
        return _moment
    return unguarded if column.typed and not guarded else None


def _moment(cell: str) -> float | datetime:
    return datetime.fromisoformat(cell) if "T" in cell else float(cell)
