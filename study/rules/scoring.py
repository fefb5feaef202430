"""Scores of standard questionnaires."""

from collections.abc import Mapping, Sequence

from study.rules.answers import Value
from study.rules.protocol import Step

SUS_ITEMS = 10
SUS_POINTS = range(1, 6)
TLX_ITEMS = 6
TLX_POINTS = range(101)


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


def score(step: Step, answers: Mapping[str, Value]) -> float | None:
    """A step's score by its `scoring`; None when it has none or an answer is missing."""
    values = [answers.get(item.key) for item in step.items]
    numbers = [value for value in values if isinstance(value, int)]
    if step.scoring is None or len(numbers) != len(values):
        return None
    return sus(numbers) if step.scoring == "sus" else raw_tlx(numbers)
