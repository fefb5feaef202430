"""Who gets which condition."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.rules.assignment import Place, sequence

PAIR = ["duetml", "baseline"]
seeds = st.integers(0, 2**63 - 1)


@given(
    per_condition=st.integers(1, 60),
    sizes=st.sets(st.sampled_from([2, 4, 6, 8]), min_size=1),
    seed=seeds,
)
def test_every_block_and_so_the_whole_is_balanced(
    per_condition: int, sizes: set[int], seed: int
) -> None:
    places = sequence(PAIR, per_condition, sorted(sizes), seed)

    blocks: dict[int, Counter[str]] = {}
    for place in places:
        blocks.setdefault(place.block, Counter())[place.condition] += 1
    assert all(block["duetml"] == block["baseline"] for block in blocks.values())
    assert Counter(place.condition for place in places) == dict.fromkeys(PAIR, per_condition)


@given(per_condition=st.integers(1, 60), seed=seeds)
def test_only_the_last_block_is_cut(per_condition: int, seed: int) -> None:
    places = sequence(PAIR, per_condition, [4, 6], seed)

    sizes = Counter(place.block for place in places)
    assert all(sizes[block] in (4, 6) for block in range(len(sizes) - 1))


def test_a_seed_replays_for_ever() -> None:
    drawn = [place.condition[0] for place in sequence(PAIR, 6, [2, 4], 7)]

    assert sequence(PAIR, 6, [2, 4], 7) == sequence(PAIR, 6, [2, 4], 7)
    assert "".join(drawn) == "bddbbddbbdbd"


def test_seeds_differ() -> None:
    assert len({tuple(sequence(PAIR, 6, [2, 4], seed)) for seed in range(50)}) > 25


def test_no_place_of_a_small_block_can_be_foreseen_from_its_number() -> None:
    firsts = Counter(sequence(PAIR, 6, [2, 4], seed)[0].condition for seed in range(2000))

    assert 900 < firsts["duetml"] < 1100


def test_blocks_that_cannot_be_balanced_are_refused() -> None:
    with pytest.raises(ValueError, match="multiples"):
        sequence(PAIR, 6, [3], 1)


def test_one_condition_alone_is_a_study_too() -> None:
    assert sequence(["only"], 2, [1], 3) == [Place(0, "only"), Place(1, "only")]
