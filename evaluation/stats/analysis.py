"""Everything that is said of rated criteria: one call for the page, the report, the command."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.contrast import Contrast, contrasts
from evaluation.stats.icc import IccTable, intraclass_correlations
from evaluation.stats.krippendorff import METRICS, Alpha, Metric, krippendorff_alpha
from evaluation.stats.ranksum import RankSum, mann_whitney_approximate
from evaluation.stats.raters import (
    PairOfRaters,
    Severity,
    kappa_of_pairs,
    severities,
)
from evaluation.stats.scores import Scored, means_of
from evaluation.stats.sensitivity import (
    MOST_RATERS,
    InBlocks,
    Placed,
    WithoutRater,
    in_blocks,
    without_each_rater,
)
from evaluation.stats.units import checked

SEED = 20241118  # of every interval that is drawn: the same data give the same numbers
LARGEST_TABLE = 20_000_000  # cells, participants × raters


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of all raters on all participants of both conditions. ``raters``: their names, in the order
    that PairOfRaters and Severity count in. ``seed``: of the bootstrap. ``kappas`` and
    ``severities`` are empty with more than MOST_RATERS."""

    raters: tuple[str, ...]
    participants: int
    alpha: tuple[Alpha, ...]
    icc: IccTable
    kappas: tuple[PairOfRaters, ...]
    severities: tuple[Severity, ...]
    seed: int

    def alpha_of(self, metric: Metric) -> Alpha:
        return self.alpha[METRICS.index(metric)]


@dataclass(frozen=True, slots=True)
class CriterionAnalysis:
    """``primary``: participants' means, treatment minus control. The others are sensitivity and
    carry the labels of ``sensitivity``: ``pooled`` is AS_IN_THE_PAPER (normal approximation, every
    score a value); ``blocks`` is None where the allocation's blocks are not known."""

    criterion: str
    treatment: str
    control: str
    primary: Contrast
    pooled: RankSum
    without_rater: tuple[WithoutRater, ...]
    blocks: InBlocks | None
    agreement: Agreement


def analyse(
    rows: Iterable[Scored],
    treatment: str,
    control: str,
    criteria: Sequence[str],
    block_of: Mapping[str, str] | None = None,
) -> tuple[CriterionAnalysis, ...]:
    """One analysis per criterion; Holm over all of them. ``block_of``: participant → block.

    Does not depend on the order of the rows. Ignores and refuses what ``units.compare`` does.
    """
    kept = sorted(
        checked(rows, treatment, control, criteria), key=lambda row: (row.participant, row.rater)
    )
    own: dict[str, list[Scored]] = {c: [] for c in criteria}
    for row in kept:
        if row.criterion in own:
            own[row.criterion].append(row)
    means = {c: (means_of(own[c], treatment, c), means_of(own[c], control, c)) for c in criteria}
    found = contrasts({c: (tuple(x.values()), tuple(y.values())) for c, (x, y) in means.items()})
    return tuple(
        CriterionAnalysis(
            criterion=c,
            treatment=treatment,
            control=control,
            primary=found[c],
            pooled=mann_whitney_approximate(
                [float(row.score) for row in own[c] if row.condition == treatment],
                [float(row.score) for row in own[c] if row.condition == control],
            ),
            without_rater=without_each_rater(own[c], treatment, control, c),
            blocks=None if block_of is None else in_blocks(_placed(*means[c], block_of)),
            agreement=agreement(own[c]),
        )
        for c in criteria
    )


def agreement(rows: Sequence[Scored], seed: int = SEED) -> Agreement:
    """Of the rows of one criterion. Raises ValueError beyond LARGEST_TABLE."""
    participants = sorted({row.participant for row in rows})
    raters = sorted({row.rater for row in rows})
    if len(participants) * len(raters) > LARGEST_TABLE:
        raise ValueError(
            f"{len(participants):,} participants by {len(raters):,} raters are too many to compare."
        )
    scores = table(rows, participants, raters)
    few = scores if len(raters) <= MOST_RATERS else scores[:, :0]
    return Agreement(
        raters=tuple(raters),
        participants=len(participants),
        alpha=tuple(
            krippendorff_alpha(scores, metric, np.random.default_rng(seed)) for metric in METRICS
        ),
        icc=intraclass_correlations(scores),
        kappas=kappa_of_pairs(few),
        severities=severities(few),
        seed=seed,
    )


def table(
    rows: Iterable[Scored], participants: Sequence[str], raters: Sequence[str]
) -> NDArray[np.float64]:
    """Scores as (participants, raters), NaN where there is none."""
    row_of = {participant: place for place, participant in enumerate(participants)}
    column_of = {rater: place for place, rater in enumerate(raters)}
    scores = np.full((len(participants), len(raters)), np.nan)
    for row in rows:
        scores[row_of[row.participant], column_of[row.rater]] = float(row.score)
    return scores


def _placed(
    treated: Mapping[str, float], controls: Mapping[str, float], block_of: Mapping[str, str]
) -> Iterable[Placed]:
    for values, is_treated in ((treated, True), (controls, False)):
        for participant, value in values.items():
            if participant in block_of:
                yield Placed(value, is_treated, block_of[participant])
