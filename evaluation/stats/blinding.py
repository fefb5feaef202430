"""Did the raters know the condition? Two indices of their guesses.

Guesses of one rater about many participants are not independent, so the intervals are a little
too short; they describe, and decide nothing.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from scipy.special import ndtri

from evaluation.stats.interval import Interval

BANG = "normal approximation (Bang, Ni & Davis 2004)"
JAMES = "normal approximation, delta method (James et al. 1996)"


@dataclass(frozen=True, slots=True)
class Guess:
    """``guessed`` is None for "don't know"; ``certainty`` from 0 to 1 weighs the guess for Bang."""

    condition: str
    guessed: str | None
    certainty: float = 1.0


@dataclass(frozen=True, slots=True)
class BlindingIndex:
    """``value`` is None exactly where ``undefined`` says why; ``no_variation``: all who guess have
    one condition and guess the same."""

    value: float | None
    interval: Interval
    guesses: int
    undefined: Literal["empty_group", "no_variation"] | None


def bang(guesses: Iterable[Guess], condition: str, level: float = 0.95) -> BlindingIndex:
    """Of one condition, −1 to 1: the share of right guesses less the share of wrong ones, "don't
    know" counting 0; 0 is what chance gives, 1 all right, −1 all wrong.

    With certainties it is the version for five answers (weights 1 and ½ for strong and weak
    guesses). Variance: that of the scores over n. Source: Bang, Ni & Davis (2004), Control. Clin.
    Trials 25:143-156.
    """
    scores = [_score(guess) for guess in guesses if guess.condition == condition]
    n = len(scores)
    if not n:
        none = Interval(level, None, None, BANG, "empty_group")
        return BlindingIndex(None, none, 0, "empty_group")
    index = math.fsum(scores) / n
    variance = math.fsum((score - index) ** 2 for score in scores) / n**2
    return BlindingIndex(index, _normal(index, variance, level, -1.0, BANG), n, None)


def james(guesses: Iterable[Guess], level: float = 0.95) -> BlindingIndex:
    """Of all guesses, 0 to 1: 1 if everybody says "don't know", ½ for guessing by chance, 0 if
    everybody is right.

    BI = {1 + P_DK + (1 − P_DK)·K}/2 with K = (P_o − P_e)/P_e, P_o the share of wrong guesses among
    those who guess and P_e the share expected from the margins; with the shares of all, that is
    1 − guessed + wrong·guessed²/(2·expected). The variance is the multinomial
    one of the six cells by the delta method. Certainties are ignored. Source: James et al. (1996),
    Stat. Med. 15:1421-1434. Raises ValueError unless there are two conditions.
    """
    given = list(guesses)
    conditions = sorted({guess.condition for guess in given})
    if not given:
        none = Interval(level, None, None, JAMES, "empty_group")
        return BlindingIndex(None, none, 0, "empty_group")
    if len(conditions) != 2 or any(g.guessed not in (*conditions, None) for g in given):
        raise ValueError("James's index needs guesses about two conditions, and of these two.")
    n = len(given)
    none = Interval(level, None, None, JAMES, "no_variation")
    right_a, wrong_a, wrong_b, right_b = cells = [
        sum(guess.condition == c and guess.guessed == answer for guess in given) / n
        for c in conditions
        for answer in conditions
    ]
    if not any(cells):  # everybody says "don't know": James et al. (1996), p. 1425
        return BlindingIndex(1.0, none, n, None)
    of_a, of_b = right_a + wrong_a, wrong_b + right_b
    as_a, as_b = right_a + wrong_b, wrong_a + right_b
    guessed, wrong, expected = of_a + of_b, wrong_a + wrong_b, of_a * as_b + of_b * as_a
    if expected == 0:
        return BlindingIndex(None, none, n, "no_variation")
    index = 1 - guessed + wrong * guessed**2 / (2 * expected)
    slopes = [  # of the index, by the cells; 0 for "don't know"
        (is_wrong * guessed**2 + 2 * wrong * guessed) / (2 * expected)
        - wrong * guessed**2 * of_expected / (2 * expected**2)
        - 1
        for is_wrong, of_expected in (
            (0, as_b + of_b),
            (1, as_b + of_a),
            (1, as_a + of_b),
            (0, as_a + of_a),
        )
    ]
    mean = math.fsum(p * slope for p, slope in zip(cells, slopes, strict=True))
    square = math.fsum(p * slope**2 for p, slope in zip(cells, slopes, strict=True))
    interval = _normal(index, (square - mean**2) / n, level, 0.0, JAMES)
    return BlindingIndex(index, interval, n, None)


def _score(guess: Guess) -> float:
    if not 0 <= guess.certainty <= 1:
        raise ValueError(f"The certainty is {guess.certainty}; it must lie between 0 and 1.")
    if guess.guessed is None:
        return 0.0
    return guess.certainty if guess.guessed == guess.condition else -guess.certainty


def _normal(index: float, variance: float, level: float, lowest: float, method: str) -> Interval:
    """Cut at the ends of the index. No variance is no certainty: the interval is undefined."""
    if variance <= 0:
        return Interval(level, None, None, method, "no_variation")
    reach = float(ndtri((1 + level) / 2)) * math.sqrt(variance)
    return Interval(level, max(lowest, index - reach), min(1.0, index + reach), method, None)
