"""Deriving every assignment of an export again: from its seed or table, without a database."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from study.rules.allocation_table import TableError, read_table
from study.rules.assignment import Place, extras, seed_of, sequence

SEEDS = {"live": "seed", "pilot": "pilot_seed"}


@dataclass(frozen=True)
class Row:
    """One place of the export. `taken_at_seq`: when it was taken among all; None while free."""

    sequence: str
    stratum: str
    position: int
    block: int
    condition: str
    is_extra: bool
    participant: str
    taken_at_seq: int | None


@dataclass(frozen=True)
class Statement:
    agrees: bool
    text: str


class UnreadableError(ValueError):
    """An export in which something is missing or of the wrong kind."""


def read_rows(lines: Sequence[Mapping[str, str]]) -> list[Row]:
    """allocation.csv as csv.DictReader gives it. Raises UnreadableError naming the line."""
    rows = []
    for number, line in enumerate(lines, start=2):
        try:
            order = line["taken_at_seq"]
            rows.append(
                Row(
                    sequence=line["sequence"],
                    stratum=line["stratum"],
                    position=int(line["position"]),
                    block=int(line["block"]),
                    condition=line["condition"],
                    is_extra=line["is_extra"].lower() == "true",
                    participant=line["participant"],
                    taken_at_seq=int(float(order)) if order else None,
                )
            )
        except KeyError as problem:
            raise UnreadableError(f"allocation.csv has no column {problem.args[0]}") from None
        except (ValueError, TypeError, AttributeError):
            text = "has fewer fields than the first line, or a number that is none"
            raise UnreadableError(f"allocation.csv, line {number}, {text}") from None
    return rows


def verify(rows: Sequence[Row], facts: Mapping[str, Any]) -> list[Statement]:
    """What agrees and what does not. `facts`: allocation.json. Raises UnreadableError."""
    kept: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        kept[row.sequence][row.stratum].append(row)
    said: list[Statement] = []
    try:
        for which in sorted(kept):
            said += _seed(which, facts)
            for stratum, places in sorted(kept[which].items()):
                said += _derived(which, stratum, places, facts)
    except KeyError as problem:
        raise UnreadableError(f"allocation.json has no {problem.args[0]}") from None
    except (TypeError, TableError) as problem:
        raise UnreadableError(f"allocation.json: {problem}") from None
    said.append(_once(rows))
    return said


def _seed(which: str, facts: Mapping[str, Any]) -> list[Statement]:
    name = SEEDS[which]
    seed, digest = facts.get(name), facts.get(f"{name}_digest")
    if seed is None:
        text = f"The {which} seed is not in the export: it is told once the study is closed."
        return [Statement(False, text)]
    agrees = hashlib.sha256(str(seed).encode()).hexdigest() == digest
    verb = "is the one" if agrees else "is NOT the one"
    return [Statement(agrees, f"The {which} seed {verb} committed to when people came in.")]


def _derived(
    which: str, stratum: str, rows: Sequence[Row], facts: Mapping[str, Any]
) -> list[Statement]:
    ordered = sorted(rows, key=lambda row: row.position)
    where = f"{which} sequence" + (f", stratum “{stratum}”" if stratum else "")
    said = [_numbered(where, ordered), _in_order(where, ordered)]
    seed = facts.get(SEEDS[which])
    planned = _planned(which, stratum, seed, facts)
    if planned is None:
        return [
            *said,
            Statement(False, f"The {where} cannot be derived without its seed or table."),
        ]
    regular = [row for row in ordered if not row.is_extra]
    added = [row for row in ordered if row.is_extra]
    said.append(_alike(where, regular, planned))
    if added and not isinstance(seed, int):
        said.append(Statement(False, f"The places added to the {where} need its seed."))
    elif added and isinstance(seed, int):
        more = extras(facts["conditions"], facts["block_sizes"], seed, stratum, len(added))
        first = planned[-1].block + 1 if planned else 0
        moved = [Place(first + place.block, place.condition) for place in more]
        said.append(_alike(f"places added to the {where}", added, moved))
    return said


def _planned(
    which: str, stratum: str, seed: int | None, facts: Mapping[str, Any]
) -> list[Place] | None:
    table = facts.get("table") if facts["method"] == "table" else None
    if table is not None:
        if hashlib.sha256(table.encode()).hexdigest() != facts["table_sha256"]:
            raise TypeError("the table is not the one its digest names")
        places = read_table(table, facts["conditions"], None, 0)
        if (which, stratum) in places:
            return places[which, stratum]
    if seed is None or (which == "live" and facts["method"] == "table"):
        return None
    own = seed_of(seed, stratum)
    return sequence(facts["conditions"], facts["per_condition"], facts["block_sizes"], own)


def _alike(what: str, rows: Sequence[Row], planned: Sequence[Place]) -> Statement:
    if len(rows) != len(planned):
        return Statement(False, f"The {what} has {len(rows)} places, derived are {len(planned)}.")
    wrong = [
        row.position
        for row, place in zip(rows, planned, strict=True)
        if (row.condition, row.block) != (place.condition, place.block)
    ]
    if wrong:
        shown = ", ".join(str(one) for one in wrong[:10])
        return Statement(False, f"The {what} differs from what is derived at positions {shown}.")
    held = sum(row.taken_at_seq is not None for row in rows)
    return Statement(True, f"The {what} is as derived: {len(rows)} places, {held} of them taken.")


def _numbered(where: str, ordered: Sequence[Row]) -> Statement:
    agrees = [row.position for row in ordered] == list(range(len(ordered)))
    text = "has no gap and no place twice" if agrees else "has a gap or a place twice"
    return Statement(agrees, f"The {where} {text}.")


def _in_order(where: str, ordered: Sequence[Row]) -> Statement:
    """Places are given from the front: behind a free one none is taken, unless it came back."""
    taken = [row.taken_at_seq for row in ordered]
    last = max((i for i, order in enumerate(taken) if order is not None), default=-1)
    free = [i for i, order in enumerate(taken[:last]) if order is None]
    given = [order for order in taken if order is not None]
    again = [order for order, later in pairwise(given) if order > later]
    if not free and not again:
        return Statement(True, f"The {where} was given from the front, place by place.")
    text = (
        f"but for {len(free) + len(again)} that came back from people who left before a task"
        " (slot.returned among the events)"
    )
    return Statement(True, f"The {where} was given from the front, {text}.")


def _once(rows: Sequence[Row]) -> Statement:
    people = [row.participant for row in rows if row.participant]
    agrees = len(people) == len(set(people))
    text = "Nobody has two places." if agrees else "Somebody has two places."
    return Statement(agrees, text)
