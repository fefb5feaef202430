"""What a score is, and the values of the participants it leads to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np


class Scored(Protocol):
    """One rater's score of one participant on one criterion; scores are exact numbers."""

    @property
    def participant(self) -> str: ...
    @property
    def condition(self) -> str: ...
    @property
    def rater(self) -> str: ...
    @property
    def criterion(self) -> str: ...
    @property
    def score(self) -> int | Fraction: ...


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One rater's score of one participant's submission on one criterion."""

    participant: str
    condition: str
    rater: str
    criterion: str
    score: int


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """(first quartile, median, third quartile) of at least one value: type 7 of Hyndman & Fan
    (1996), Am. Stat. 50:361-365, linear interpolation."""
    q1, median, q3 = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
    return q1, median, q3


def mean(scores: Iterable[int | Fraction]) -> float:
    """The mean of at least one score, rounded once: equal means compare equal, so that 10/3 and
    20/6, or the means of .1, .2, .3 in any order, are the same float."""
    listed = list(scores)
    return float(Fraction(sum(listed), len(listed)))


def means_of(rows: Iterable[Scored], condition: str, criterion: str) -> dict[str, float]:
    """The mean of each participant of the condition over the raters who scored, in order of
    appearance."""
    given: dict[str, list[int | Fraction]] = defaultdict(list)
    for row in rows:
        if (row.condition, row.criterion) == (condition, criterion):
            given[row.participant].append(row.score)
    return {participant: mean(scores) for participant, scores in given.items()}
