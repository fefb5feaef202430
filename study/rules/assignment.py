"""Who gets which condition: permuted blocks of random size, drawn once from a seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random


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


def _shuffled(values: list[str], rng: Random) -> list[str]:
    """Fisher and Yates' shuffle, in place and returned."""
    for last in range(len(values) - 1, 0, -1):
        other = _below(last + 1, rng)
        values[last], values[other] = values[other], values[last]
    return values


def _below(limit: int, rng: Random) -> int:
    return int(rng.random() * limit)
