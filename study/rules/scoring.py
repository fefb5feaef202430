"""Scores of standard questionnaires."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from study.rules.answers import Value
from study.rules.protocol import Item, Step

SUS_ITEMS = 10
SUS_POINTS = range(1, 6)
TLX_ITEMS = 6
TLX_POINTS = range(101)
UEQ_ITEMS = 8
UEQ_POINTS = range(1, 8)
WHOLE = ""  # the name of a score among its parts
# The items, from 0, of each part of a score.
PARTS: dict[str, dict[str, range]] = {"ueq_s": {"pragmatic": range(4), "hedonic": range(4, 8)}}


def sus(answers: Sequence[int]) -> float:
    """The System Usability Scale, 0 (worst) to 100 (best), of ten answers from 1 to 5 (agree).

    Odd items count answer - 1, even items 5 - answer; the sum is multiplied by 2.5.
    Source: Brooke, J. (1996), SUS: a "quick and dirty" usability scale, in: Usability Evaluation in
    Industry, 189-194.
    Raises ValueError for another number of answers or an answer outside 1 to 5.
    """
    if len(answers) != SUS_ITEMS or any(answer not in SUS_POINTS for answer in answers):
        raise ValueError("SUS needs ten answers from 1 to 5")
    odd = sum(answer - 1 for answer in answers[0::2])
    even = sum(5 - answer for answer in answers[1::2])
    return (odd + even) * 2.5


def raw_tlx(answers: Sequence[int]) -> float:
    """The raw NASA task load, 0 to 100: the unweighted mean of the six scales.

    Performance runs from perfect (0) to failure (100), so every scale points the same way.
    Sources: Hart & Staveland (1988), Development of NASA-TLX, in: Human Mental Workload, 139-183;
    unweighted: Hart (2006), NASA-Task Load Index: 20 years later, Proc. HFES 50, 904-908.
    Raises ValueError for another number of answers or an answer outside 0 to 100.
    """
    if len(answers) != TLX_ITEMS or any(answer not in TLX_POINTS for answer in answers):
        raise ValueError("the raw NASA-TLX needs six answers from 0 to 100")
    return sum(answers) / TLX_ITEMS


@dataclass(frozen=True)
class UeqShort:
    """The short User Experience Questionnaire, each from -3 (worst) to 3."""

    pragmatic: float
    hedonic: float
    overall: float


def ueq_s(answers: Sequence[int]) -> UeqShort:
    """Of eight answers from 1 (the left, negative word) to 7: the means of answer - 4 over items
    1 to 4 (pragmatic), 5 to 8 (hedonic) and all of them.

    Source: Schrepp, Hinderks & Thomaschewski (2017), Design and Evaluation of a Short Version of
    the User Experience Questionnaire (UEQ-S), IJIMAI 4(6), 103-108.
    Raises ValueError for another number of answers or an answer outside 1 to 7.
    """
    if len(answers) != UEQ_ITEMS or any(answer not in UEQ_POINTS for answer in answers):
        raise ValueError("the UEQ-S needs eight answers from 1 to 7")
    turned = [answer - 4 for answer in answers]
    return UeqShort(sum(turned[:4]) / 4, sum(turned[4:]) / 4, sum(turned) / UEQ_ITEMS)


def score(step: Step, answers: Mapping[str, Value]) -> float | None:
    """A step's score by its `scoring`; None when it has none or an answer is missing."""
    return scores(step, answers).get(WHOLE)


def scores(step: Step, answers: Mapping[str, Value]) -> dict[str, float]:
    """The score (WHOLE) and its parts by name; empty when there is none or an answer is missing."""
    values = [answers.get(item.key) for item in step.items]
    numbers = [value for value in values if isinstance(value, int)]
    if step.scoring is None or len(numbers) != len(values):
        return {}
    if step.scoring == "ueq_s":
        found = ueq_s(numbers)
        return {WHOLE: found.overall, "pragmatic": found.pragmatic, "hedonic": found.hedonic}
    return {WHOLE: SCORES[step.scoring](numbers)}


def parts_of(step: Step) -> tuple[str, ...]:
    """The names that `scores` has for this step, WHOLE first."""
    return (WHOLE, *PARTS.get(step.scoring, {})) if step.scoring else ()


def items_of(step: Step, part: str) -> list[Item]:
    """Those that this part of the score is made of."""
    if part == WHOLE:
        return list(step.items)
    return [step.items[place] for place in PARTS[str(step.scoring)][part]]


SCORES: dict[str, Callable[[Sequence[int]], float]] = {"sus": sus, "raw_tlx": raw_tlx}
