"""Effect sizes with their intervals, one under the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from evaluation.figures.canvas import INK, SOFT, blank


@dataclass(frozen=True, slots=True)
class Effect:
    """A = P(X > Y) + ½ P(X = Y) and the bounds of its interval; `told`: in words, at the right."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    told: str


def effects(found: Sequence[Effect], axis: str) -> Figure:
    figure, axes = blank(0.6 + 0.28 * len(found))
    axes.axvline(0.5, color=SOFT, linewidth=0.6, linestyle=(0, (4, 3)))
    for y, one in enumerate(found):
        if one.value is None:
            continue
        if one.low is not None and one.high is not None:
            axes.plot([one.low, one.high], [y, y], color=INK, linewidth=1.2, clip_on=False)
        axes.plot([one.value], [y], marker="s", markersize=5, color="#0072B2", clip_on=False)
        axes.text(1.03, y, one.told, va="center", fontsize=7)
    axes.set_yticks(range(len(found)), [one.name for one in found])
    axes.set_ylim(len(found) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.set_xlabel(axis)
    axes.tick_params(axis="y", length=0)
    return figure
