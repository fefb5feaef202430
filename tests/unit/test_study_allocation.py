"""Strata, places added at the end, a statistician's table, and deriving all of it again."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.rules.allocation_check import Row, UnreadableError, read_rows, verify
from study.rules.allocation_table import TableError, read_table
from study.rules.assignment import Place, extras, seed_of, sequence, strata, stratum_of

PAIR = ["duetml", "baseline"]
STRATA = ["gender=woman", "gender=man"]
seeds = st.integers(0, 2**63 - 1)


def digest(text: object) -> str:
    return hashlib.sha256(str(text).encode()).hexdigest()


@given(seed=seeds, number=st.integers(0, 30))
def test_a_longer_list_of_added_places_begins_with_the_shorter_one(seed: int, number: int) -> None:
    longer = extras(PAIR, [2, 4], seed, "", number + 7)

    assert extras(PAIR, [2, 4], seed, "", number) == longer[:number]


@given(seed=seeds)
def test_added_places_are_balanced_block_by_block(seed: int) -> None:
    whole = [place for place in extras(PAIR, [2], seed, "a=b", 20) if place.block < 10]

    assert Counter(place.condition for place in whole) == {"duetml": 10, "baseline": 10}


def test_every_stratum_has_a_seed_of_its_own_and_the_whole_sample_the_studys() -> None:
    assert seed_of(7, "") == 7
    assert len({seed_of(7, one) for one in ("", *STRATA)}) == 3
    assert seed_of(7, "gender=woman") == seed_of(7, "gender=woman") < 2**63


def test_strata_are_every_combination_of_the_answers() -> None:
    found = strata([("gender", ["woman", "man"]), ("expert", ["yes", "no"])])

    assert found == [
        "gender=woman|expert=yes",
        "gender=woman|expert=no",
        "gender=man|expert=yes",
        "gender=man|expert=no",
    ]
    assert stratum_of(["gender", "expert"], {"expert": True, "gender": "man"}) == found[2]
    assert strata([]) == [stratum_of([], {})] == [""]


def test_strata_that_nobody_could_fill_are_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        strata([("a", [str(n) for n in range(20)]), ("b", [str(n) for n in range(20)])])
    with pytest.raises(ValueError, match="longer"):
        strata([("a", ["x" * 250])])


def test_a_table_is_read_in_its_order() -> None:
    table = read_table("condition\nduetml\nbaseline\nbaseline\nduetml\n", PAIR, [""], 2)

    assert [place.condition for place in table["live", ""]] == [
        "duetml",
        "baseline",
        "baseline",
        "duetml",
    ]


def test_a_table_is_refused_with_every_problem_and_its_line() -> None:
    text = (
        "sequence,stratum,position,block,condition\n"
        "live,gender=woman,0,0,duetml\n"
        "live,gender=woman,0,0,baseline\n"
        "later,gender=woman,1,0,baseline\n"
        "live,gender=other,0,0,baseline\n"
        "live,gender=man,one,0,control\n"
        "live,gender=man,1\n"
    )

    with pytest.raises(TableError) as refused:
        read_table(text, PAIR, STRATA, 1)

    said = str(refused.value)
    assert [line for line, _text in refused.value.problems] == [3, 4, 5, 6, 6, 7, 0] or said
    assert "line 3: position 0 is there already" in said
    assert "line 4: sequence later" in said
    assert "line 5: stratum “gender=other”" in said
    assert "line 6: condition “control”" in said
    assert "line 6: position “one”" in said
    assert "line 7: has another number of fields" in said


def test_a_table_that_falls_short_of_the_plan_is_refused() -> None:
    with pytest.raises(TableError, match="1 places of baseline, 2 are planned"):
        read_table("condition\nduetml\nbaseline\nduetml\n", PAIR, [""], 2)
    with pytest.raises(TableError, match="position 1 is missing"):
        read_table("position,condition\n0,duetml\n2,baseline\n", PAIR, [""], 1)
    with pytest.raises(TableError, match="unknown columns group"):
        read_table("group\nduetml\n", PAIR, [""], 1)
    with pytest.raises(TableError, match="no column condition"):
        read_table("stratum\nduetml\n", PAIR, [""], 1)


@pytest.mark.parametrize("text", ["", "\x00", '"condition', "condition\r\n\x00,,,", "﻿condition\n"])
def test_nonsense_is_no_table(text: str) -> None:
    with pytest.raises(TableError):
        read_table(text, PAIR, [""], 1)


def exported(which: str, stratum: str, places: list[Place], added: list[Place]) -> list[Row]:
    """The rows of a sequence in which everybody came and nobody left."""
    first = places[-1].block + 1
    moved = [Place(first + one.block, one.condition) for one in added]
    return [
        Row(
            sequence=which,
            stratum=stratum,
            position=position,
            block=place.block,
            condition=place.condition,
            is_extra=position >= len(places),
            participant=f"{which}-{stratum}-{position}",
            taken_at_seq=position + 1,
        )
        for position, place in enumerate([*places, *moved])
    ]


def facts(seed: int, pilot: int, **more: object) -> dict[str, Any]:
    return {
        "method": "blocks",
        "conditions": PAIR,
        "per_condition": 250,
        "block_sizes": [2, 4, 6],
        "seed": seed,
        "seed_digest": digest(seed),
        "pilot_seed": pilot,
        "pilot_seed_digest": digest(pilot),
        "table": None,
        "table_sha256": None,
        **more,
    }


def blocks(seed: int, told: Mapping[str, Any], stratum: str = "") -> list[Place]:
    own = seed_of(seed, stratum)
    return sequence(PAIR, told["per_condition"], told["block_sizes"], own)


def test_a_thousand_assignments_by_blocks_are_derived_again() -> None:
    told = facts(11, 13)
    added = extras(PAIR, [2, 4, 6], 11, "", 20)
    rows = exported("live", "", blocks(11, told), added)
    rows += exported("pilot", "", blocks(13, told), [])

    said = verify(rows, told)

    assert len(rows) == 1020
    assert all(one.agrees for one in said), said


def test_a_thousand_stratified_assignments_are_derived_again() -> None:
    told = facts(11, 13)
    rows = [
        row
        for stratum in STRATA
        for row in exported(
            "live", stratum, blocks(11, told, stratum), extras(PAIR, [2, 4, 6], 11, stratum, 3)
        )
    ]

    said = verify(rows, told)

    assert len(rows) == 1006
    assert all(one.agrees for one in said), said


def test_a_thousand_assignments_of_a_table_are_derived_again() -> None:
    drawn = [Random(3).choice(PAIR) for _ in range(1000)]
    table = "condition\n" + "\n".join(drawn) + "\n"
    told = facts(11, 13, method="table", table=table, table_sha256=digest(table), per_condition=1)
    rows = exported("live", "", [Place(0, condition) for condition in drawn], [])

    said = verify(rows, told)

    assert len(rows) == 1000
    assert all(one.agrees for one in said), said


def changed(rows: list[Row], at: int, **more: object) -> list[Row]:
    return [Row(**{**vars(row), **more}) if i == at else row for i, row in enumerate(rows)]


@pytest.mark.parametrize("at", [0, 77, 499])
def test_one_changed_assignment_is_found(at: int) -> None:
    told = facts(11, 13)
    rows = exported("live", "", blocks(11, told), [])
    other = PAIR[rows[at].condition == "duetml"]

    said = verify(changed(rows, at, condition=other), told)

    wrong = [one.text for one in said if not one.agrees]
    assert wrong == [f"The live sequence differs from what is derived at positions {at}."]


def test_another_seed_a_lost_place_and_two_places_of_one_are_found() -> None:
    told = facts(11, 13)
    rows = exported("live", "", blocks(11, told), [])

    def wrong(found: list[Row], facts: dict[str, Any]) -> str:
        return " ".join(one.text for one in verify(found, facts) if not one.agrees)

    assert "NOT the one" in wrong(rows, told | {"seed": 12})
    assert "a gap" in wrong(rows[:-2] + rows[-1:], told)
    assert "two places" in wrong(changed(rows, 3, participant=rows[2].participant), told)
    assert "not in the export" in wrong(rows, told | {"seed": None})


def test_what_cannot_be_read_is_said_with_its_line() -> None:
    line = dict.fromkeys(("stratum", "participant", "taken_at_seq"), "")
    line |= {"sequence": "live", "position": "0", "block": "0", "condition": "a", "is_extra": "no"}
    assert read_rows([line])[0].taken_at_seq is None
    with pytest.raises(UnreadableError, match="line 3"):
        read_rows([line, line | {"position": "x"}])
    with pytest.raises(UnreadableError, match="per_condition"):
        verify(read_rows([line]), json.loads('{"method": "blocks", "conditions": [], "seed": 1}'))
