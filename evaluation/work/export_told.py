"""What an export's files beside the tables say: taken down while the rows are read, so that they
can be written later, by another worker, without the database."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from evaluation.exports.codebook import ItemWords
from evaluation.exports.columns import Column, Table
from evaluation.exports.described import About
from evaluation.exports.options import Options


@dataclass(frozen=True)
class Told:
    """`tables`: those that are there, in order; `images`: digests of pictures that may leave."""

    about: About
    options: Options
    unlocked: bool
    tables: Sequence[Table]
    withheld: Sequence[str]
    study: dict[str, Any]
    allocation: dict[str, Any]
    chains: Sequence[dict[str, Any]]
    items: Sequence[ItemWords]
    small_cells: Sequence[dict[str, Any]]
    deleted: int
    images: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        own = {
            "about": About(**told["about"]),
            "options": Options.from_json(told["options"]),
            "tables": [_table(one) for one in told["tables"]],
            "items": [ItemWords(**one) for one in told["items"]],
        }
        return cls(**(told | own))


def _table(told: dict[str, Any]) -> Table:
    columns = tuple(Column(**one) for one in told["columns"])
    return Table(**(told | {"columns": columns, "key": tuple(told["key"])}))
