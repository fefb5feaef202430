"""Who gets which condition: permuted blocks of random size, drawn once from a seed; or a
statistician's own table.

A stratum is written "item=value|item=value" in the protocol's order of items; the whole sample is
the stratum "". Every stratum has a sequence of its own, with every condition `per_condition` times.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

from study.rules.phrase import Phrase, gettext_noop

LONGEST_STRATUM = 200
MOST_STRATA = 200
UNANSWERED = ""


@dataclass(frozen=True)
class Place:
    """One place of the sequence; `block` counts from 0."""

    block: int
    condition: str


def sequence(
    conditions: Sequence[str], per_condition: int, block_sizes: Sequence[int], seed: int
) -> list[Place]:
    """The whole allocation sequence: every condition exactly `per_condition` times.

    Every block holds each condition equally often; its size is drawn from `block_sizes` (multiples
    of the number of conditions), and the last block is cut to what is still missing. The same
    arguments give the same list for ever: only Random.random() is used, which Python promises
    never to change.
    Raises ValueError for a block size that is not a positive multiple of the number of conditions.
    """
    if not conditions or any(size < 1 or size % len(conditions) for size in block_sizes):
        raise ValueError("block sizes must be positive multiples of the number of conditions")
    rng = Random(seed)
    places: list[Place] = []
    missing, block = per_condition, 0
    while missing > 0:
        size = block_sizes[_below(len(block_sizes), rng)]
        each = min(size // len(conditions), missing)
        places += [Place(block, condition) for condition in _shuffled(list(conditions) * each, rng)]
        missing -= each
        block += 1
    return places


def seed_of(seed: int, stratum: str) -> int:
    """The seed of one stratum's sequence, 63 bits; of the whole sample, the study's own."""
    return _derived(seed, f"stratum:{stratum}") if stratum else seed


def extras(
    conditions: Sequence[str], block_sizes: Sequence[int], seed: int, stratum: str, number: int
) -> list[Place]:
    """The first `number` places added at the end in place of people lost.

    They are permuted blocks from a seed of their own, so that they can be drawn one after the
    other: a longer list begins with every shorter one, and whom they replace has no part in it.
    """
    own = _derived(seed, f"extra:{stratum}")
    largest = max(block_sizes) // len(conditions)
    return sequence(conditions, number + largest, block_sizes, own)[:number]


def strata(items: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Every stratum there can be, given each item with the answers it allows.

    Raises ValueError for more than MOST_STRATA, or a name longer than LONGEST_STRATUM.
    """
    keys = [key for key, _values in items]
    number = 1
    for _key, values in items:
        number *= len(values)
    if number > MOST_STRATA:
        text = gettext_noop("%(number)s strata are too many: at most %(most)s")
        raise ValueError(Phrase(text, number=number, most=MOST_STRATA))
    found = [
        stratum_of(keys, dict(zip(keys, values, strict=True)))
        for values in product(*(values for _key, values in items))
    ]
    if any(len(one) > LONGEST_STRATUM for one in found):
        text = gettext_noop("the name of a stratum is longer than %(most)s characters")
        raise ValueError(Phrase(text, most=LONGEST_STRATUM))
    return found


def stratum_of(keys: Sequence[str], answers: Mapping[str, object]) -> str:
    """The stratum of somebody with these answers; "" where nothing is stratified by."""
    return "|".join(f"{key}={_said(answers.get(key))}" for key in keys)


def _said(value: object) -> str:
    if value is None:
        return UNANSWERED
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _derived(seed: int, purpose: str) -> int:
    whole = hashlib.sha256(f"{seed}:{purpose}".encode()).digest()
    return int.from_bytes(whole[:8]) >> 1


def _shuffled(values: list[str], rng: Random) -> list[str]:
    """Fisher and Yates' shuffle, in place and returned."""
    for last in range(len(values) - 1, 0, -1):
        other = _below(last + 1, rng)
        values[last], values[other] = values[other], values[last]
    return values


def _below(limit: int, rng: Random) -> int:
    return int(rng.random() * limit)
