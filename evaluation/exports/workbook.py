"""All tables as one XLSX workbook, a sheet each, written as they are read.

Words keep their apostrophe (see guard): a sheet may be saved as CSV again. A table longer than a
sheet goes on in the next one. A cell takes 32,767 characters: longer ones are cut, and end in
words that say so; the CSV file has them whole.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from evaluation.exports.columns import Table
from evaluation.exports.reading import Value, read_rows
from evaluation.exports.zipping import add_bytes, add_stream, new_zip

ROWS_OF_A_SHEET = 1_048_576
LONGEST_CELL = 32_767
CUT = " … (cut here: see the CSV file)"
LONGEST_TITLE = 31
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML may hold them
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
ALWAYS = datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def write_workbook(
    target: Path,
    tables: Sequence[tuple[Table, Path]],
    *,
    rows_of_a_sheet: int = ROWS_OF_A_SHEET,
) -> None:
    """The same rows give the same bytes. `tables`: each with its CSV file."""
    from openpyxl import Workbook  # loaded when needed

    book = Workbook(write_only=True)
    book.properties.created = ALWAYS
    for table, source in tables:
        _write_sheets(book, table, read_rows(source, table, guarded=True), rows_of_a_sheet)
    draft = target.with_name(f"{target.name}.draft")
    try:
        book.save(draft)
        _settle(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def _write_sheets(book: Any, table: Table, rows: Iterator[list[Value]], longest: int) -> None:
    sheet = _sheet(book, table, table.name)
    written, number = 1, 1
    for row in rows:
        if written == longest:
            number += 1
            sheet, written = _sheet(book, table, f"{table.name} {number}"), 1
        sheet.append(_cells(sheet, row))
        written += 1


def _sheet(book: Any, table: Table, title: str) -> Any:
    sheet = book.create_sheet(title[:LONGEST_TITLE])
    sheet.freeze_panes = "A2"
    sheet.append(table.header)
    return sheet


def _cells(sheet: Any, row: Iterable[Value]) -> list[object]:
    return [_text(sheet, value) if isinstance(value, str) else _other(value) for value in row]


def _other(value: Value) -> object:
    """Sheets know no time zones: all times are UTC."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _text(sheet: Any, value: str) -> object:
    value = UNPRINTABLE.sub("\ufffd", value)
    if len(value) > LONGEST_CELL:
        value = value[: LONGEST_CELL - len(CUT)] + CUT
    if value[0] not in "=#":
        return value
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)  # by itself the library takes it for a formula or an error
    cell._value, cell.data_type = value, "s"
    return cell


def _settle(draft: Path, target: Path) -> None:
    """The same archive without the time of its making."""
    with ZipFile(draft) as read, new_zip(target) as archive:
        for name in sorted(read.namelist()):
            if name == "docProps/core.xml":
                fixed = MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", read.read(name))
                add_bytes(archive, name, fixed)
            else:
                with read.open(name) as part:
                    add_stream(archive, name, part)
