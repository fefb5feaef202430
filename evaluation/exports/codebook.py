"""The code book: every column of every table, and every item that was asked, in words."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO

from evaluation.exports.columns import Column, Table

HEADER = ("table", "column", "type", "unit", "description", "note")
GUARD_NOTE = (
    "words somebody typed: a cell that would begin with = + - @, a tab or a carriage return, also"
    " behind apostrophes, has one more apostrophe in front"
)
FREE_NOTE = "free text: empty unless the export was asked for it"
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;"
    "padding:.25rem .5rem;border-bottom:1px solid #8888}code{font-size:.95em}"
)


@dataclass(frozen=True, slots=True)
class ItemWords:
    """One questionnaire item: `answers` says what its values mean."""

    step: str
    item: str
    kind: str
    text: str
    answers: str


def codebook_rows(tables: Iterable[Table], *, absolute_times: bool) -> Iterator[tuple[str, ...]]:
    for table in tables:
        for one in table.columns:
            yield (table.name, one.name, *_typed(one, absolute_times), one.words, _note(one))


def codebook_csv(
    tables: Iterable[Table], items: Iterable[ItemWords], *, absolute_times: bool
) -> str:
    file = StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(HEADER)
    writer.writerows(codebook_rows(tables, absolute_times=absolute_times))
    for one in items:
        name = f"{one.step}.{one.item}"
        writer.writerow(("responses", name, one.kind, "", one.text, one.answers))
    return file.getvalue()


def codebook_html(
    title: str, tables: Sequence[Table], items: Sequence[ItemWords], *, absolute_times: bool
) -> str:
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f"<title>Code book: {escape(title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>Code book: {escape(title)}</h1>",
    ]
    for table in tables:
        parts.append(f"<h2>{escape(table.name)}</h2><p>{escape(table.words)}</p>")
        if table.key:
            parts.append(f"<p>One row for each {escape(' × '.join(table.key))}.</p>")
        rows = [
            (one.name, *_typed(one, absolute_times), one.words, _note(one)) for one in table.columns
        ]
        parts.append(_table(HEADER[1:], rows))
    if items:
        parts.append("<h2>Items</h2><p>Of the table responses, by step and item.</p>")
        asked = [(one.step, one.item, one.kind, one.text, one.answers) for one in items]
        parts.append(_table(("step", "item", "kind", "words", "answers"), asked))
    return "\n".join([*parts, "</body></html>", ""])


def _table(header: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in header)
    body = "\n".join(
        f"<tr><td><code>{escape(first)}</code></td>"
        + "".join(f"<td>{escape(one)}</td>" for one in others)
        + "</tr>"
        for first, *others in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


def _typed(column: Column, absolute_times: bool) -> tuple[str, str]:
    if column.kind == "moment":
        return ("datetime", "UTC, ISO 8601") if absolute_times else ("number", "seconds")
    if column.kind in ("object", "array"):
        return column.kind, "JSON"
    return ("string" if column.kind == "any" else column.kind), ""


def _note(column: Column) -> str:
    notes = [GUARD_NOTE] if column.typed else []
    return "; ".join([*notes, FREE_NOTE] if column.free else notes)
