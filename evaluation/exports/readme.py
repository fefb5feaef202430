"""README.md of an export: what each file is, what was left out, how to compute it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.exports.described import About, Written

FEWEST = 3  # people who share what they said of themselves
SHOWN = 50  # combinations

FILES = """\
| file | what it is |
|---|---|
| `codebook.html`, `codebook.csv` | every column and every item in words |
| `dataset_description.json` | the data set for Psych-DS; its tables are `data/*_data.csv` |
| `datapackage.json` | the tables for Frictionless: `frictionless validate datapackage.json` |
| `study.json` | the protocol as it was, what was overridden, versions, who is only counted |
| `allocation.json` | how the sequence was drawn: method, block sizes, the seed and its digest |
| `allocation.csv` | the table allocation again, for `manage.py allocation verify` of the platform |
| `analysis.py`, `analysis.R` | the numbers of the results page, from `data/` alone |
| `manifest.json` | sha256 of every file, the last digest of every chain of events |
| `CITATION.cff` | how to cite |"""
AGAIN = "The platform makes this export again with `manage.py export {slug} --out DIR{flags}`."
RERUN = """\
```
python -m venv env && env/bin/pip install numpy scipy pandas && env/bin/python analysis.py
Rscript analysis.R
```

Both print one line per criterion and measure; `analysis.py --json` prints JSON. `analysis.R` needs
nothing but R. Two programs that were written apart agree where they print the same."""
LOCKED = "They are part of an export made once the results are unlocked."


@dataclass(frozen=True, slots=True)
class Told:
    """What the README says beside the files themselves. `only_counted`: people whose data were
    deleted; `notes`: one sentence each."""

    withheld: Sequence[str]
    notes: Sequence[str]
    small_cells: Sequence[dict[str, Any]]
    only_counted: int
    absolute_times: bool
    has_analysis: bool
    flags: str


def readme(about: About, tables: Sequence[Written], told: Told) -> str:
    parts = [f"# Data of the study “{about.title}”", about.summary]
    if told.withheld:
        parts += ["## Left out, and why", _list(told.withheld)]
    parts += ["## Files", _tables(tables), FILES]
    parts += ["## How to read them", _list([*_reading(told.absolute_times), *told.notes])]
    parts += ["## How to compute the results again", RERUN if told.has_analysis else LOCKED]
    parts.append(AGAIN.format(slug=about.slug, flags=told.flags))
    if told.only_counted:
        parts += [
            "## People who are only counted",
            f"{told.only_counted} withdrew and had their data deleted: no more of them is here.",
        ]
    parts += ["## Few people", *_few(told.small_cells)]
    return "\n\n".join(parts) + "\n"


def _reading(absolute_times: bool) -> list[str]:
    times = (
        "Times are UTC (ISO 8601)."
        if absolute_times
        else "Times are seconds since the participant's enrolment; a rater's since they joined, the"
        " study's since it opened."
    )
    return [
        "CSV files are UTF-8 with a header line (RFC 4180). An empty cell: nothing there. Columns"
        " of the types object and array hold JSON.",
        times,
        "People have an id that is the same in every export of this study and used nowhere else.",
        "Where somebody typed words that a spreadsheet might run as a formula, an apostrophe stands"
        " in front (see the code book). Parquet files hold the words as they were typed.",
        "The same data give the same bytes: two exports with equal manifests are equal.",
    ]


def _tables(tables: Sequence[Written]) -> str:
    rows = [f"| `{one.path}` | {one.rows:,} | {one.table.words} |" for one in tables]
    return "\n".join(["| table | rows | what it is |", "|---|---|---|", *rows])


def _few(cells: Sequence[dict[str, Any]]) -> list[str]:
    if not cells:
        return [f"No combination of what people said of themselves has fewer than {FEWEST}."]
    said = [
        f"{', '.join(f'{name} = {value}' for name, value in cell['of'].items())}: {cell['people']}"
        for cell in cells[:SHOWN]
    ]
    more = [f"and {len(cells) - SHOWN} more (manifest.json)"] if len(cells) > SHOWN else []
    return [
        f"These combinations have fewer than {FEWEST} people, who might be recognised by them."
        " Coarsen or drop the columns before you publish:",
        _list([*said, *more]),
    ]


def _list(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {one}" for one in sentences)
