"""A statistician's allocation sequence as a CSV file: read, or refused with every problem and its
line.

Columns: condition; and where needed sequence (live or pilot; live when left out), stratum, position
(from 0, without a gap; the order of the lines when left out) and block (0 when left out).
"""

import csv
from collections import defaultdict
from collections.abc import Collection, Mapping
from io import StringIO

from study.rules.assignment import Place

COLUMNS = ("sequence", "stratum", "position", "block", "condition")
SEQUENCES = ("live", "pilot")
MOST_LINES = 20_000
MOST_PROBLEMS = 50
MOST_NAMES = 12
NUMBERED = "count from 0 without a gap in each sequence, or leave the column out"

Table = dict[tuple[str, str], list[Place]]  # (sequence, stratum) → places in order


class TableError(ValueError):
    """`problems`: (line from 1, what is wrong); line 0 is the file as a whole."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        self.problems = problems[:MOST_PROBLEMS]
        lines = [f"line {line}: {text}" if line else text for line, text in self.problems]
        super().__init__("\n".join(lines))


def read_table(
    text: str, conditions: Collection[str], strata: Collection[str] | None, per_condition: int
) -> Table:
    """The places by sequence and stratum. Raises TableError with every problem.

    Every stratum must have a live sequence, and every condition at least `per_condition` live
    places of each. `strata`: None for whatever the table names.
    """
    reader = csv.DictReader(StringIO(text.lstrip("\ufeff")), strict=True)
    problems: list[tuple[int, str]] = []
    found: dict[tuple[str, str], dict[int, Place]] = defaultdict(dict)
    try:
        _check_header(reader.fieldnames or ())
        for number, row in enumerate(reader, start=1):
            if number > MOST_LINES:
                raise TableError([(0, f"the table has more than {MOST_LINES:,} lines")])
            _take(row, reader.line_num, conditions, strata, found, problems)
    except csv.Error as problem:
        raise TableError([*problems, (reader.line_num, f"is not CSV: {problem}")]) from None
    problems += _gaps(found)
    if not problems:
        problems += _too_few(found, conditions, strata or [], per_condition)
    if problems:
        raise TableError(problems)
    return {key: [places[at] for at in sorted(places)] for key, places in found.items()}


def _check_header(fields: Collection[str]) -> None:
    unknown = sorted(set(fields) - set(COLUMNS))
    if unknown:
        known = ", ".join(COLUMNS)
        raise TableError([(1, f"unknown columns {', '.join(unknown)}: there are {known}")])
    if "condition" not in fields:
        raise TableError([(1, "there is no column condition: the first line names the columns")])


def _take(
    row: Mapping[str, str | None],
    line: int,
    conditions: Collection[str],
    strata: Collection[str] | None,
    found: dict[tuple[str, str], dict[int, Place]],
    problems: list[tuple[int, str]],
) -> None:
    """Put one line's place into `found`, or what is wrong with it into `problems`."""
    if None in row or None in row.values():
        problems.append((line, "has another number of fields than the first line"))
        return
    told = {name: (value or "").strip() for name, value in row.items()}
    sequence, stratum = told.get("sequence") or "live", told.get("stratum", "")
    condition = told["condition"]
    wrong = [
        *([f"sequence {sequence} is neither live nor pilot"] if sequence not in SEQUENCES else []),
        *(
            [f"stratum “{stratum}” is not one of the protocol's{_there_are(strata)}"]
            if strata is not None and stratum not in strata
            else []
        ),
        *(
            [f"condition “{condition}” is not one of the protocol's{_there_are(conditions)}"]
            if condition not in conditions
            else []
        ),
    ]
    numbers: dict[str, int] = {}
    for name, default in (("position", len(found[sequence, stratum])), ("block", 0)):
        text = told.get(name) or str(default)
        if text.isascii() and text.isdigit() and len(text) < 7:
            numbers[name] = int(text)
        else:
            wrong.append(f"{name} “{text}” is no whole number from 0: write digits only")
    if numbers.get("position") in found[sequence, stratum]:
        wrong.append(f"position {numbers['position']} is there already: {NUMBERED}")
    problems += [(line, text) for text in wrong]
    if not wrong:
        place = Place(numbers["block"], condition)
        found[sequence, stratum][numbers["position"]] = place


def _gaps(found: Mapping[tuple[str, str], Mapping[int, Place]]) -> list[tuple[int, str]]:
    return [
        (0, f"{_named(*key)}: position {missing} is missing: {NUMBERED}")
        for key, places in found.items()
        for missing in sorted(set(range(len(places))) - set(places))[:1]
    ]


def _too_few(
    found: Mapping[tuple[str, str], Mapping[int, Place]],
    conditions: Collection[str],
    strata: Collection[str],
    per_condition: int,
) -> list[tuple[int, str]]:
    problems = []
    for stratum in strata:
        given = [place.condition for place in found.get(("live", stratum), {}).values()]
        for condition in conditions:
            if (there := given.count(condition)) < per_condition:
                text = (
                    f"{there} places of {condition}, {per_condition} are planned: add lines, or"
                    " plan fewer (allocation.per_condition)"
                )
                problems.append((0, f"{_named('live', stratum)}: {text}"))
    return problems


def _there_are(names: Collection[str]) -> str:
    """What could have been meant, where that is a list one reads."""
    if not any(names) or len(names) > MOST_NAMES:
        return ""
    return f": there are {', '.join(names)}"


def _named(sequence: str, stratum: str) -> str:
    return f"{sequence} sequence of stratum “{stratum}”" if stratum else f"{sequence} sequence"
