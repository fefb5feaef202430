"""All tables as one XLSX workbook, a sheet each, written as they are read.

Words keep their apostrophe (see guard): a sheet may be saved as CSV again. A table longer than a
sheet goes on in the next one. A cell takes 32,767 characters: longer ones are cut, and end in
words that say so; the CSV file has them whole.

Written by hand (ECMA-376, part 1): a general library takes four times as long to say as much.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from pathlib import Path
from typing import IO, Any

from evaluation.exports.columns import Table
from evaluation.exports.reading import Value, read_rows
from evaluation.exports.sheets import SHEET_BEGINS, SHEET_ENDS, frame, letters, sheet_file
from evaluation.exports.zipping import add_bytes, adding, new_zip

Row = Sequence[Value]
ROWS_OF_A_SHEET = 1_048_576
# Larger files need ZIP's second format, and spreadsheets call such a workbook damaged.
BYTES_OF_A_SHEET = 2_000_000_000
LONGEST_CELL = 32_767
CUT = " … (cut here: see the CSV file)"
LONGEST_TITLE = 31
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML may hold them
SPECIAL = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
DAY = timedelta(days=1)
DAY_ZERO = datetime(1899, 12, 30, tzinfo=UTC)  # sheets know no time zones: all times are UTC


def write_workbook(
    target: Path,
    tables: Sequence[tuple[Table, Path]],
    *,
    rows_of_a_sheet: int = ROWS_OF_A_SHEET,
    bytes_of_a_sheet: int = BYTES_OF_A_SHEET,
) -> None:
    """The same rows give the same bytes. `tables`: each with its CSV file."""
    titles: list[str] = []
    with new_zip(target) as archive:
        for table, source in tables:
            rows = read_rows(source, table, guarded=True)
            left: Iterator[Row] = rows
            for number in count(1):
                title = table.name if number == 1 else f"{table.name} {number}"
                titles.append(title[:LONGEST_TITLE])
                with adding(archive, sheet_file(len(titles))) as file:
                    first = _write_sheet(file, table, left, rows_of_a_sheet, bytes_of_a_sheet)
                if first is None:
                    break
                left = chain([first], rows)
        for name, text in frame(titles).items():
            add_bytes(archive, name, text.encode())


def _write_sheet(
    file: IO[bytes], table: Table, rows: Iterator[Row], most_rows: int, most_bytes: int
) -> Row | None:
    """As many rows as a sheet takes; returns the first that is left over."""
    columns = [letters(place) for place in range(len(table.columns))]
    written, left = 0, None
    file.write(SHEET_BEGINS.encode())
    for number, row in enumerate(chain([table.header], rows), 1):
        if number > most_rows or written > most_bytes:
            left = row
            break
        written += file.write(_line(columns, number, row))
    file.write(SHEET_ENDS.encode())
    return left


def _line(columns: Sequence[str], number: int, row: Row) -> bytes:
    cells = [
        CELLS[value.__class__](f"{column}{number}", value)
        for column, value in zip(columns, row, strict=True)
        if value is not None
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'.encode()


def _text(place: str, value: str) -> str:
    """Never a formula, whatever it looks like."""
    value = UNPRINTABLE.sub("\ufffd", value)
    if len(value) > LONGEST_CELL:
        value = value[: LONGEST_CELL - len(CUT)] + CUT
    told = value.translate(SPECIAL)
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{told}</t></is></c>'


def _number(place: str, value: float) -> str:
    return f'<c r="{place}"><v>{value!r}</v></c>'


def _finite(place: str, value: float) -> str:
    """Sheets have no word for what is none."""
    return _number(place, value) if value - value == 0 else _text(place, str(value))


def _boolean(place: str, value: bool) -> str:
    return f'<c r="{place}" t="b"><v>{value:d}</v></c>'


def _moment(place: str, value: datetime) -> str:
    return f'<c r="{place}" s="1"><v>{(value - DAY_ZERO) / DAY!r}</v></c>'


CELLS: dict[type, Callable[[str, Any], str]] = {
    str: _text,
    int: _number,
    float: _finite,
    bool: _boolean,
    datetime: _moment,
}
