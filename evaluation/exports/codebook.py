"""README.txt of an export: every file and column in words."""

from collections.abc import Sequence
from textwrap import fill

from evaluation.exports.schema import Table

HEAD = """\
Export of the study "{slug}", written {at}

CSV files are UTF-8 with a header line; cells are separated by commas and quoted where needed.
Times are UTC (ISO 8601). Empty cells: nothing there. The order of rows is the same each time.
In columns marked (text), a cell that begins with = + - @, a tab or a carriage return has an
apostrophe in front, so that no spreadsheet runs it as a formula; remove it to get the words as
they were typed.
"""
TEXTS = {
    "submissions.json": "The frozen training data that raters saw: category names and picture ids.",
    "study.json": "The study and its protocol: digest, source, derivation, allocation, versions.",
}


def readme(slug: str, at: str, tables: Sequence[Table], withheld: Sequence[str]) -> str:
    parts = [HEAD.format(slug=slug, at=at)]
    if withheld:
        parts.append("Left out, and why\n" + "\n".join(_item(reason) for reason in withheld) + "\n")
    for table in tables:
        columns = "\n".join(
            _item(f"{one.name}: {one.words}{' (text)' if one.typed else ''}")
            for one in table.columns
        )
        parts.append(f"{table.name}\n{table.words}\n{columns}\n")
    parts += [f"{name}\n{words}\n" for name, words in TEXTS.items()]
    return "\n".join(parts)


def _item(words: str) -> str:
    return fill(words, 100, initial_indent="  ", subsequent_indent="      ")
