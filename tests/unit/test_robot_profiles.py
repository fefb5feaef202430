"""The ways robots behave, by name."""

import pytest

from study.robots.profiles import PROFILES, read


def test_profiles_are_taken_in_the_order_of_their_names() -> None:
    assert [one.name for one in read("hasty, late,careful")] == ["hasty", "late", "careful"]


def test_mixed_is_every_profile() -> None:
    assert read("mixed") == list(PROFILES.values())


def test_a_dropout_leaves_at_the_step_that_is_named() -> None:
    (one,) = read("dropout@3")

    assert (one.drops_at, one.outcome) == (3, "gone")


@pytest.mark.parametrize("name", ["lazy", "dropout@0", "dropout@free", ""])
def test_a_profile_that_is_not_there_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(ValueError, match="There are: careful, hasty"):
        read(name)
