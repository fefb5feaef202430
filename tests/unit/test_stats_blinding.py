"""The blinding indices at their ends, against simulation, and where they are undefined."""

import numpy as np
import pytest

from evaluation.stats.blinding import BlindingIndex, Guess, bang, james


def guesses(counts: dict[tuple[str, str | None], int]) -> list[Guess]:
    return [Guess(condition, guess) for (condition, guess), n in counts.items() for _ in range(n)]


EVERYBODY_RIGHT = guesses({("a", "a"): 5, ("b", "b"): 5})
EVERYBODY_WRONG = guesses({("a", "b"): 5, ("b", "a"): 5})
NOBODY_KNOWS = guesses({("a", None): 5, ("b", None): 5})
BY_CHANCE = guesses({("a", "a"): 5, ("a", "b"): 5, ("b", "a"): 5, ("b", "b"): 5})


@pytest.mark.parametrize(
    ("given", "of_bang", "of_james"),
    [
        (EVERYBODY_RIGHT, 1, 0),
        (EVERYBODY_WRONG, -1, 1),
        (NOBODY_KNOWS, 0, 1),
        (BY_CHANCE, 0, 0.5),
    ],
)
def test_the_indices_have_the_ends_their_authors_gave_them(
    given: list[Guess], of_bang: float, of_james: float
) -> None:
    assert bang(given, "a").value == of_bang
    assert james(given).value == of_james


@pytest.mark.parametrize("given", [EVERYBODY_RIGHT, EVERYBODY_WRONG, NOBODY_KNOWS])
def test_no_variation_is_no_certainty(given: list[Guess]) -> None:
    assert bang(given, "a").interval.undefined == "no_variation"
    assert bang(given, "a").interval.low is None


def test_certainty_weighs_a_guess() -> None:
    five_answers = [
        Guess("a", "a", 1),
        Guess("a", "a", 0.5),
        Guess("a", "b", 0.5),
        Guess("a", "b", 1),
        Guess("a", "a", 1),
        Guess("a", None),
    ]

    assert bang(five_answers, "a").value == pytest.approx(1 / 6)


@pytest.mark.parametrize("index", [lambda g: bang(g, "a"), james])
def test_the_error_is_that_of_repeated_sampling(index: object) -> None:
    assert callable(index)
    given = guesses(
        {("a", "a"): 60, ("a", "b"): 25, ("a", None): 40, ("b", "a"): 30, ("b", "b"): 50}
    )
    rng = np.random.default_rng(1)

    found: BlindingIndex = index(given)

    again = [
        index([given[place] for place in rng.integers(0, len(given), len(given))]).value
        for _ in range(400)
    ]
    assert found.interval.high is not None
    assert found.value is not None
    assert (found.interval.high - found.value) / 1.96 == pytest.approx(np.std(again), rel=0.12)


def test_undefined_indices_say_why() -> None:
    assert bang(EVERYBODY_RIGHT, "c").undefined == "empty_group"
    assert james([]).undefined == "empty_group"
    one_sided = james(guesses({("a", "a"): 3, ("b", None): 3}))
    assert (one_sided.value, one_sided.undefined) == (None, "no_variation")


def test_guesses_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="two conditions"):
        james(guesses({("a", "a"): 3}))
    with pytest.raises(ValueError, match="two conditions"):
        james(guesses({("a", "c"): 3, ("b", "a"): 1}))
    with pytest.raises(ValueError, match="certainty is 2"):
        bang([Guess("a", "a", 2)], "a")
