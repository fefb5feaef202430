"""Answers from 1 to 5, counted: what a stacked bar shows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One group's answers to one item: counts of the answers 1 … 5."""

    item: str
    group: str
    counts: tuple[int, int, int, int, int]

    @property
    def total(self) -> int:
        return sum(self.counts)
