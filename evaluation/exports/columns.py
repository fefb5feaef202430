"""What a column is. The same list gives header, code book, data package and test."""

from dataclasses import dataclass, field
from typing import Literal

# moment: seconds since an origin, or a point in time (see Options.absolute_times).
Kind = Literal["string", "integer", "number", "boolean", "moment", "object", "array", "any"]


@dataclass(frozen=True, slots=True)
class Column:
    """`typed`: words that people (or a language model) wrote, guarded against spreadsheets.
    `free`: free text, empty unless it was asked for."""

    name: str
    words: str
    kind: Kind = "string"
    typed: bool = False
    free: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`key`: the columns that no two rows have in common; none where that is not promised.
    `locked`: left out as a whole while the results are locked."""

    name: str
    words: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = field(default=())
    locked: bool = False

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]
