"""Every participant as a dot, and each group's median as a bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from evaluation.figures.canvas import GROUPS, INK, WIDTH

PER_ROW = 5
HEIGHT = 2.1  # inches of one row
SPREAD = 0.32  # how far equal values are set apart


@dataclass(frozen=True, slots=True)
class Panel:
    """One measure; `groups`: condition → the values of its participants. `bounds`: of the scale,
    where it has any."""

    title: str
    groups: Mapping[str, Sequence[float]]
    bounds: tuple[float, float] | None = None


def dots(panels: Sequence[Panel], median: str, per_row: int = PER_ROW) -> Figure:
    """`median`: the word for it in the legend."""
    columns = max(1, min(per_row, len(panels)))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(WIDTH, HEIGHT * rows + 0.35), layout="constrained")
    handles: dict[str, Any] = {}
    for place, panel in enumerate(panels, start=1):
        axes = figure.add_subplot(rows, columns, place)
        handles |= _panel(axes, panel, median)
    if median in handles:
        handles[median] = handles.pop(median)  # the last of the legend
    figure.legend(
        handles=list(handles.values()),
        labels=list(handles),
        loc="outside upper center",
        ncols=len(handles) or 1,
    )
    return figure


def _panel(axes: Axes, panel: Panel, median: str) -> dict[str, Any]:
    handles: dict[str, Any] = {}
    for x, (group, values) in enumerate(panel.groups.items()):
        colour, marker = GROUPS[x % len(GROUPS)]
        places = x + beside(values)
        handles[group] = axes.scatter(
            places, values, s=22, marker=marker, color=colour, alpha=0.75, linewidths=0.4,
            edgecolors="white", zorder=2,
        )  # fmt: skip
        if len(values):
            middle = float(np.median(values))
            (line,) = axes.plot([x - 0.28, x + 0.28], [middle, middle], color=INK, linewidth=1.6)
            handles[median] = line
    axes.set_title(panel.title)
    axes.set_xlim(-0.6, max(1, len(panel.groups)) - 0.4)
    axes.set_xticks(range(len(panel.groups)), [f"n = {len(one)}" for one in panel.groups.values()])
    axes.tick_params(axis="x", length=0)
    every = [value for values in panel.groups.values() for value in values]
    if every and all(float(value).is_integer() for value in every):
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    if every and min(every) == max(every) and not panel.bounds:
        axes.set_ylim(every[0] - 1, every[0] + 1)
    if panel.bounds:
        low, high = panel.bounds
        margin = 0.05 * (high - low)
        axes.set_ylim(low - margin, high + margin)
    return handles


def beside(values: Sequence[float]) -> "np.typing.NDArray[np.float64]":
    """Where equal values stand beside each other, symmetric around 0; always the same."""
    found = np.zeros(len(values))
    rounded = np.round(np.asarray(values, dtype=np.float64), 6)
    for value in np.unique(rounded):
        own = np.flatnonzero(rounded == value)
        step = min(0.12, 2 * SPREAD / max(1, len(own) - 1))
        found[own] = step * (np.arange(len(own)) - (len(own) - 1) / 2)
    return found
