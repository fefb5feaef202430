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
from study.rules.phrase import Phrase, gettext_noop

COLUMNS = ("sequence", "stratum", "position", "block", "condition")
SEQUENCES = ("live", "pilot")
MOST_LINES = 20_000
MOST_PROBLEMS = 50
MOST_NAMES = 12
STRATUM = (
    gettext_noop("stratum “%(given)s” is not one of the protocol's"),
    gettext_noop("stratum “%(given)s” is not one of the protocol's: there are %(known)s"),
)
CONDITION = (
    gettext_noop("condition “%(given)s” is not one of the protocol's"),
    gettext_noop("condition “%(given)s” is not one of the protocol's: there are %(known)s"),
)
TWICE = gettext_noop(
    "position %(position)s is there already: count from 0 without a gap in each sequence, or leave"
    " the column out"
)
GAP = gettext_noop(
    "position %(position)s is missing: count from 0 without a gap in each sequence, or leave the"
    " column out"
)
TOO_FEW = gettext_noop(
    "%(there)s places of %(condition)s, %(planned)s are planned: add lines, or plan fewer"
    " (allocation.per_condition)"
)
IN_SEQUENCE = gettext_noop("%(sequence)s: %(text)s")

Table = dict[tuple[str, str], list[Place]]  # (sequence, stratum) → places in order


class TableError(ValueError):
    """`problems`: (line from 1, what is wrong); line 0 is the file as a whole. `lines`: each as one
    phrase."""

    def __init__(self, problems: list[tuple[int, Phrase]]) -> None:
        self.problems = problems[:MOST_PROBLEMS]
        told = gettext_noop("line %(line)s: %(text)s")
        self.lines = [
            Phrase(told, line=line, text=text) if line else text for line, text in self.problems
        ]
        super().__init__("\n".join(self.lines))


def read_table(
    text: str, conditions: Collection[str], strata: Collection[str] | None, per_condition: int
) -> Table:
    """The places by sequence and stratum. Raises TableError with every problem.

    Every stratum must have a live sequence, and every condition at least `per_condition` live
    places of each. `strata`: None for whatever the table names.
    """
    reader = csv.DictReader(StringIO(text.lstrip("\ufeff")), strict=True)
    problems: list[tuple[int, Phrase]] = []
    found: dict[tuple[str, str], dict[int, Place]] = defaultdict(dict)
    try:
        _check_header(reader.fieldnames or ())
        for number, row in enumerate(reader, start=1):
            if number > MOST_LINES:
                text = gettext_noop("the table has more than %(most)s lines")
                raise TableError([(0, Phrase(text, most=f"{MOST_LINES:,}"))])
            _take(row, reader.line_num, conditions, strata, found, problems)
    except csv.Error as problem:
        said = Phrase(gettext_noop("is not CSV: %(problem)s"), problem=problem)
        raise TableError([*problems, (reader.line_num, said)]) from None
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
        text = gettext_noop("unknown columns %(unknown)s: there are %(known)s")
        raise TableError([(1, Phrase(text, unknown=", ".join(unknown), known=known))])
    if "condition" not in fields:
        text = gettext_noop("there is no column condition: the first line names the columns")
        raise TableError([(1, Phrase(text))])


def _take(
    row: Mapping[str, str | None],
    line: int,
    conditions: Collection[str],
    strata: Collection[str] | None,
    found: dict[tuple[str, str], dict[int, Place]],
    problems: list[tuple[int, Phrase]],
) -> None:
    """Put one line's place into `found`, or what is wrong with it into `problems`."""
    if None in row or None in row.values():
        text = gettext_noop("has another number of fields than the first line")
        problems.append((line, Phrase(text)))
        return
    told = {name: (value or "").strip() for name, value in row.items()}
    sequence, stratum = told.get("sequence") or "live", told.get("stratum", "")
    condition = told["condition"]
    wrong: list[Phrase] = []
    if sequence not in SEQUENCES:
        wrong.append(
            Phrase(gettext_noop("sequence %(given)s is neither live nor pilot"), given=sequence)
        )
    if strata is not None and stratum not in strata:
        wrong.append(_unknown(*STRATUM, stratum, strata))
    if condition not in conditions:
        wrong.append(_unknown(*CONDITION, condition, conditions))
    numbers: dict[str, int] = {}
    for name, default in (("position", len(found[sequence, stratum])), ("block", 0)):
        text = told.get(name) or str(default)
        if text.isascii() and text.isdigit() and len(text) < 7:
            numbers[name] = int(text)
        else:
            said = gettext_noop("%(name)s “%(given)s” is no whole number from 0: write digits only")
            wrong.append(Phrase(said, name=name, given=text))
    if numbers.get("position") in found[sequence, stratum]:
        wrong.append(Phrase(TWICE, position=numbers["position"]))
    problems += [(line, text) for text in wrong]
    if not wrong:
        place = Place(numbers["block"], condition)
        found[sequence, stratum][numbers["position"]] = place


def _gaps(found: Mapping[tuple[str, str], Mapping[int, Place]]) -> list[tuple[int, Phrase]]:
    return [
        (0, Phrase(IN_SEQUENCE, sequence=_named(*key), text=Phrase(GAP, position=missing)))
        for key, places in found.items()
        for missing in sorted(set(range(len(places))) - set(places))[:1]
    ]


def _too_few(
    found: Mapping[tuple[str, str], Mapping[int, Place]],
    conditions: Collection[str],
    strata: Collection[str],
    per_condition: int,
) -> list[tuple[int, Phrase]]:
    problems = []
    for stratum in strata:
        given = [place.condition for place in found.get(("live", stratum), {}).values()]
        for condition in conditions:
            if (there := given.count(condition)) < per_condition:
                text = Phrase(TOO_FEW, there=there, condition=condition, planned=per_condition)
                named = _named("live", stratum)
                problems.append((0, Phrase(IN_SEQUENCE, sequence=named, text=text)))
    return problems


def _unknown(bare: str, listed: str, given: str, known: Collection[str]) -> Phrase:
    """With what could have been meant, where that is a list one reads."""
    if not any(known) or len(known) > MOST_NAMES:
        return Phrase(bare, given=given)
    return Phrase(listed, given=given, known=", ".join(known))


def _named(sequence: str, stratum: str) -> Phrase:
    if not stratum:
        return Phrase(gettext_noop("%(sequence)s sequence"), sequence=sequence)
    text = gettext_noop("%(sequence)s sequence of stratum “%(stratum)s”")
    return Phrase(text, sequence=sequence, stratum=stratum)
