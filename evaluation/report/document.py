"""Results as a paper's results section: what the page, the HTML report and the PDF are made of.

Plain values in one language. `rows` of a cell or a sentence leads to the rows behind it: the name
of a table and its filter, as in "ratings?criterion=eq1" (see evaluation/report/behind.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

FORMATS = ("svg", "pdf", "png")


@dataclass(frozen=True, slots=True)
class Cell:
    """`is_number`: set flush right, in digits of one width."""

    text: str
    rows: str = ""
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The first cell of a row names it. `head` has as many cells as every row."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure by its name (see evaluation/figures); `alt` says what it shows, in words."""

    name: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    rows: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """In the order of a paper: sentences, figures, tables, how it was computed."""

    key: str
    title: str
    sentences: Sequence[Sentence] = ()
    warning: str = ""
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()
    computed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """`digest`: of the rows it was made of; `remarks`: what a reader must know before any
    number; `method`: paragraphs of the methods section."""

    title: str
    language: str
    digest: str
    made_at: str
    remarks: Sequence[str]
    sections: Sequence[Section]
    method: Sequence[Section] = field(default=())

    def as_json(self) -> Mapping[str, Any]:
        return asdict(self)


def behind(table: str, **filters: object) -> str:
    """The rows behind a number, for Cell.rows."""
    return f"{table}?{urlencode({name: str(value) for name, value in filters.items()})}"


def number(text: str, rows: str = "") -> Cell:
    return Cell(text, rows, is_number=True)
