"""Reading a long table of ratings from a file nobody has checked.

Columns participant, condition, rater, score and, if there are several, criterion; in any order,
others are ignored. Everything that is wrong is one sentence that says where.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

COLUMNS = ("participant", "condition", "rater", "score")
CRITERION = "criterion"
ONLY_CRITERION = "score"  # the name of the one criterion of a table without the column
MISSING = {"", "na", "n/a", "nan", "null", "none", "."}
NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})(e[+-]?\d)?", re.ASCII | re.IGNORECASE)
LARGEST_FILE = 50_000_000  # bytes
MOST_ROWS = 500_000
LONGEST_NAME = 200  # characters
WIDEST_CELL = 100_000  # characters; csv has a limit of its own, which any module may have moved
MOST_CRITERIA = 100


class TableError(ValueError):
    """One sentence for the person whose file it is."""


@dataclass(frozen=True, slots=True)
class Rating:
    """One row with a score (see ``scores.Scored``)."""

    participant: str
    condition: str
    rater: str
    criterion: str
    score: Fraction


@dataclass(frozen=True, slots=True)
class LongTable:
    """``conditions`` and ``criteria`` are sorted, also those that have no score; ``without_score``
    counts the rows left out, per criterion."""

    ratings: tuple[Rating, ...]
    conditions: tuple[str, str]
    criteria: tuple[str, ...]
    without_score: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    participant: str
    condition: str
    rater: str
    criterion: str
    score: str


def read(data: bytes) -> LongTable:
    """Raises TableError with one sentence."""
    rows = list(islice(_rows(_text(data)), MOST_ROWS + 1))
    if not rows:
        raise TableError("The table has a header but no rows.")
    if len(rows) > MOST_ROWS:
        raise TableError(f"The table has more than {MOST_ROWS:,} rows.")
    conditions = _two_conditions(rows)
    criteria = tuple(sorted({row.criterion for row in rows}))
    if len(criteria) > MOST_CRITERIA:
        raise TableError(
            f"There are {len(criteria)} criteria; at most {MOST_CRITERIA} can be compared at once."
        )
    without_score = dict.fromkeys(criteria, 0)
    ratings = []
    first_line: dict[tuple[str, str, str], int] = {}
    for row in rows:
        score = _score(row)
        if score is None:
            without_score[row.criterion] += 1
            continue
        key = (row.participant, row.rater, row.criterion)
        if key in first_line:
            raise TableError(
                f"Line {row.line} scores again what line {first_line[key]} scores: rater"
                f" {row.rater}, participant {row.participant}, criterion {row.criterion}."
            )
        first_line[key] = row.line
        ratings.append(Rating(row.participant, row.condition, row.rater, row.criterion, score))
    if not ratings:
        raise TableError("No row has a score.")
    return LongTable(tuple(ratings), conditions, criteria, without_score)


def _text(data: bytes) -> str:
    if len(data) > LARGEST_FILE:
        raise TableError(f"The file is larger than {LARGEST_FILE // 1_000_000} MB.")
    if data.startswith(b"PK\x03\x04"):
        raise TableError("The file is a spreadsheet or another zip; save the table as CSV UTF-8.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableError("The file is UTF-16; save it as UTF-8 (in Excel: CSV UTF-8).")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TableError(
            f"Line {line} is not UTF-8; save the file as UTF-8 (in Excel: CSV UTF-8)."
        ) from None
    if not text.strip():
        raise TableError("The file is empty.")
    if "\0" in text:
        raise TableError("The file holds NUL characters; it is no text table.")
    return text


def _rows(text: str) -> Iterator[_Row]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next((cells for cells in lines if any(cell.strip() for cell in cells)), [])
        place_of = _places(header)
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if any(len(cell) > WIDEST_CELL for cell in cells):
                raise _too_wide(lines.line_num)
            if len(cells) != len(header):
                raise TableError(
                    f"Line {lines.line_num} has {len(cells)} cells where the header has"
                    f" {len(header)}."
                )
            found = {
                name: _name(cells[place], name, lines.line_num)
                for name, place in place_of.items()
                if name != "score"
            }
            score = cells[place_of["score"]].strip()
            yield _Row(lines.line_num, score=score, **{CRITERION: ONLY_CRITERION} | found)
    except csv.Error as error:
        if "field limit" in str(error):
            raise _too_wide(lines.line_num) from None
        raise TableError(f"Line {lines.line_num} is no CSV: {error}.") from None


def _too_wide(line: int) -> TableError:
    return TableError(f"Line {line} has a cell of more than {WIDEST_CELL:,} characters.")


def _places(header: list[str]) -> dict[str, int]:
    """Column → place; names in any case."""
    names = [unicodedata.normalize("NFKC", name).strip().lower() for name in header]
    wanted = [*COLUMNS, CRITERION]
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise TableError("The cells are not separated by commas; save the table as CSV.")
    for name in wanted:
        if names.count(name) > 1:
            raise TableError(f"The header has the column {name} twice.")
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        has = ", ".join(_shown(name) for name in header[:12]) or "nothing"
        raise TableError(
            f"The header lacks {', '.join(missing)}; it must name {', '.join(COLUMNS)} and may name"
            f" {CRITERION}. It has: {has}."
        )
    return {name: names.index(name) for name in wanted if name in names}


def _name(cell: str, column: str, line: int) -> str:
    """Composed and without spaces around it, so that one name is one name."""
    name = unicodedata.normalize("NFC", cell.strip())
    if not name:
        raise TableError(f"Line {line} has no {column}.")
    if len(name) > LONGEST_NAME:
        raise TableError(f"Line {line}: the {column} is longer than {LONGEST_NAME} characters.")
    if not all(map(_is_visible, name)):
        raise TableError(f"Line {line}: the {column} holds a control or invisible character.")
    if name.startswith("="):
        raise TableError(f"Line {line}: the {column} is a formula, {_shown(name)}.")
    return name


def _score(row: _Row) -> Fraction | None:
    if row.score.lower() in MISSING:
        return None
    if not NUMBER.fullmatch(row.score):
        hint = " (decimals have a point)" if re.fullmatch(r"-?\d+,\d+", row.score) else ""
        raise TableError(f"Line {row.line}: the score {_shown(row.score)} is no number{hint}.")
    return Fraction(row.score)


def _two_conditions(rows: list[_Row]) -> tuple[str, str]:
    condition_of: dict[str, _Row] = {}
    for row in rows:
        first = condition_of.setdefault(row.participant, row)
        if first.condition != row.condition:
            raise TableError(
                f"Participant {row.participant} is in {first.condition} on line {first.line} and in"
                f" {row.condition} on line {row.line}; the groups must be separate."
            )
    names = sorted({row.condition for row in rows})
    if len(names) != 2:
        shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
        raise TableError(f"Two conditions are compared, and the table has {len(names)}: {shown}.")
    return names[0], names[1]


def _shown(text: str) -> str:
    """In quotation marks, short, with nothing a terminal would obey."""
    short = text if len(text) <= 40 else text[:39] + "…"
    return f"“{''.join(c if _is_visible(c) else '?' for c in short)}”"


def _is_visible(character: str) -> bool:
    """Or a space of any width, as in Japanese names."""
    return character.isprintable() or unicodedata.category(character) == "Zs"
