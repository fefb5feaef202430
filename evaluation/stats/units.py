"""From ratings to results, in the two units of analysis.

``compare`` takes the participant as the unit: one value per participant and criterion, the mean
over their raters. It is the primary analysis. ``as_in_the_paper`` pools every rater's score as if
independent, although the scores of one participant are not: it repeats a published analysis (by
the normal approximation, as its software does), and its p values are too small wherever raters
agree.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from evaluation.stats.interval import Interval, delta_interval
from evaluation.stats.ranksum import (
    RankSum,
    hodges_lehmann,
    holm,
    mann_whitney,
    mann_whitney_approximate,
)
from evaluation.stats.scores import Scored, mean, quartiles
from evaluation.stats.scores import ScoreRow as ScoreRow

Unit = Literal["participant", "pooled"]


@dataclass(frozen=True, slots=True)
class ParticipantMean:
    """The mean over the raters who scored; ``ratings`` says how many did."""

    participant: str
    condition: str
    criterion: str
    mean: float
    ratings: int


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """One condition on one criterion; the statistics are None where there is nothing to describe.

    ``n``: values in the unit of analysis; ``ratings``: scores behind them; ``q1`` and ``q3``: its
    quartiles (see ``quartiles``).
    """

    condition: str
    n: int
    ratings: int
    mean: float | None
    median: float | None
    q1: float | None
    q3: float | None


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """Treatment (x) against control (y) on one criterion.

    ``p_holm`` (over the criteria of the comparison) and ``interval`` (of Cliff's delta) exist for
    the unit "participant" only; ``shift`` is Hodges and Lehmann's, in points of the scale.
    """

    criterion: str
    treatment: GroupSummary
    control: GroupSummary
    test: RankSum
    p_holm: float | None
    shift: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Comparison:
    unit: Unit
    rows: tuple[CriterionResult, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    condition: str
    values: tuple[float, ...]
    ratings: int


def participant_means(rows: Iterable[Scored]) -> tuple[ParticipantMean, ...]:
    """One mean per participant and criterion over the ratings present, in order of appearance.

    A participant without any rating on a criterion has no mean there. Equal means compare equal.
    """
    scores: dict[tuple[str, str, str], list[int | Fraction]] = defaultdict(list)
    for row in rows:
        scores[row.participant, row.condition, row.criterion].append(row.score)
    return tuple(
        ParticipantMean(participant, condition, criterion, mean(given), len(given))
        for (participant, condition, criterion), given in scores.items()
    )


def compare(
    rows: Iterable[Scored], treatment: str, control: str, criteria: Sequence[str]
) -> Comparison:
    """The primary analysis: participants' means, Holm over the criteria.

    Rows of other conditions or criteria are ignored. Raises ValueError where the input contradicts
    itself: one rater scoring the same thing twice, one participant in two conditions, a criterion
    named twice, one condition against itself.
    """
    means = participant_means(checked(rows, treatment, control, criteria))
    results = [
        _result(c, _means_of(means, treatment, c), _means_of(means, control, c), primary=True)
        for c in criteria
    ]
    adjusted = holm({result.criterion: result.test.p for result in results})
    return Comparison(
        "participant",
        tuple(replace(result, p_holm=adjusted[result.criterion]) for result in results),
    )


def as_in_the_paper(
    rows: Iterable[Scored], treatment: str, control: str, criteria: Sequence[str]
) -> Comparison:
    """Every rater's score as one value, uncorrected; to be shown with this label only.

    Ignores and refuses what ``compare`` does.
    """
    kept = checked(rows, treatment, control, criteria)
    return Comparison(
        "pooled",
        tuple(
            _result(
                c,
                _scores_of(kept, treatment, c),
                _scores_of(kept, control, c),
                primary=False,
            )
            for c in criteria
        ),
    )


def checked(
    rows: Iterable[Scored], treatment: str, control: str, criteria: Sequence[str]
) -> tuple[Scored, ...]:
    """The rows of the two conditions; raises ValueError as ``compare`` says."""
    if treatment == control:
        raise ValueError(f"Treatment and control are both {treatment}; name two conditions.")
    if len(set(criteria)) < len(criteria):
        raise ValueError("A criterion is named twice; name each once, or Holm counts it twice.")
    kept = tuple(row for row in rows if row.condition in (treatment, control))
    seen: set[tuple[str, str, str]] = set()
    condition_of: dict[str, str] = {}
    for row in kept:
        key = (row.participant, row.rater, row.criterion)
        if key in seen:
            raise ValueError(
                f"Rater {row.rater} scored {row.criterion} of participant {row.participant} twice;"
                " pass only the score that counts."
            )
        seen.add(key)
        if condition_of.setdefault(row.participant, row.condition) != row.condition:
            raise ValueError(
                f"Participant {row.participant} appears in two conditions; groups must be separate."
            )
    return kept


def _means_of(means: Iterable[ParticipantMean], condition: str, criterion: str) -> _Group:
    chosen = [m for m in means if (m.condition, m.criterion) == (condition, criterion)]
    return _Group(condition, tuple(m.mean for m in chosen), sum(m.ratings for m in chosen))


def _scores_of(rows: Iterable[Scored], condition: str, criterion: str) -> _Group:
    chosen = [float(r.score) for r in rows if (r.condition, r.criterion) == (condition, criterion)]
    return _Group(condition, tuple(chosen), len(chosen))


def _result(criterion: str, x: _Group, y: _Group, *, primary: bool) -> CriterionResult:
    return CriterionResult(
        criterion=criterion,
        treatment=_summary(x),
        control=_summary(y),
        test=(mann_whitney if primary else mann_whitney_approximate)(x.values, y.values),
        p_holm=None,
        shift=hodges_lehmann(x.values, y.values),
        interval=delta_interval(x.values, y.values) if primary else None,
    )


def _summary(group: _Group) -> GroupSummary:
    n = len(group.values)
    if not n:
        return GroupSummary(group.condition, 0, 0, None, None, None, None)
    q1, median, q3 = quartiles(group.values)
    mean = sum(group.values) / n
    return GroupSummary(group.condition, n, group.ratings, mean, median, q1, q3)
