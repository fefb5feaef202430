"""Two groups on one measure: all that is reported of the difference, and Holm over a family.

For values that have no raters (SUS, TLX, measures from the log) this is the whole analysis; for
rated criteria see ``analysis``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evaluation.stats.interval import Interval, shift_interval, superiority_interval
from evaluation.stats.ranksum import RankSum, hodges_lehmann, holm, mann_whitney
from evaluation.stats.sensitivity import BrunnerMunzel, brunner_munzel

Groups = tuple[Sequence[float], Sequence[float]]  # (treatment, control), one value a participant


@dataclass(frozen=True, slots=True)
class Contrast:
    """Effects are treatment minus control; ``superiority`` is the interval of ``test.superiority``
    (A), ``shift`` Hodges and Lehmann's, ``p_holm`` adjusted over the family."""

    test: RankSum
    p_holm: float | None
    superiority: Interval
    shift: float | None
    shift_interval: Interval
    brunner_munzel: BrunnerMunzel


def contrasts(family: Mapping[str, Groups]) -> dict[str, Contrast]:
    """One contrast per measure, in the order given; the family is what Holm counts."""
    found = {name: _contrast(x, y) for name, (x, y) in family.items()}
    adjusted = holm({name: one.test.p for name, one in found.items()})
    return {name: replace(one, p_holm=adjusted[name]) for name, one in found.items()}


def _contrast(x: Sequence[float], y: Sequence[float]) -> Contrast:
    return Contrast(
        test=mann_whitney(x, y),
        p_holm=None,
        superiority=superiority_interval(x, y),
        shift=hodges_lehmann(x, y),
        shift_interval=shift_interval(x, y),
        brunner_munzel=brunner_munzel(x, y),
    )
