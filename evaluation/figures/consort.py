"""The flow of people through a study as boxes and arrows, after CONSORT 2010."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from evaluation.figures.canvas import INK, SOFT, WIDTH

LINE = 0.145  # inches of a line of text
PADDING, GAP = 0.16, 0.28


@dataclass(frozen=True, slots=True)
class Box:
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return LINE * len(self.lines) + PADDING


@dataclass(frozen=True, slots=True)
class Chart:
    """`enrolled`, then `left` to its side, `assigned`; then one column of boxes per condition."""

    enrolled: Box
    left: Box
    assigned: Box
    arms: tuple[tuple[Box, ...], ...]


def consort(chart: Chart) -> Figure:
    levels = [max(box.height for box in row) for row in zip(*chart.arms, strict=True)]
    top = [chart.enrolled.height, chart.left.height, chart.assigned.height]
    height = sum(top) + sum(levels) + GAP * (len(levels) + 1) + 0.1
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(height, 0)
    axes.axis("off")
    middle, y = WIDTH / 2, 0.05
    below = _box(axes, chart.enrolled, middle, y, 2.6)
    side = _box(axes, chart.left, WIDTH - 1.55, below + GAP / 2, 2.6)
    between = below + GAP / 2 + chart.left.height / 2
    _arrow(axes, (middle, between), (WIDTH - 1.55 - 1.3, between))
    y = side + GAP / 2
    _arrow(axes, (middle, below), (middle, y))
    below = _box(axes, chart.assigned, middle, y, 2.6)
    _arms(axes, chart.arms, levels, below)
    return figure


def _arms(axes: Axes, arms: Sequence[Sequence[Box]], levels: Sequence[float], begin: float) -> None:
    wide = WIDTH / len(arms)
    for place, arm in enumerate(arms):
        x, y = wide * (place + 0.5), begin + GAP
        axes.plot([WIDTH / 2, WIDTH / 2], [begin, begin + GAP / 2], color=SOFT, linewidth=0.8)
        axes.plot([WIDTH / 2, x], [begin + GAP / 2] * 2, color=SOFT, linewidth=0.8)
        above = begin + GAP / 2
        for box, height in zip(arm, levels, strict=True):
            _arrow(axes, (x, above), (x, y))
            above = _box(axes, box, x, y, wide - 0.4)
            y += height + GAP


def _box(axes: Axes, box: Box, x: float, y: float, width: float) -> float:
    """Drawn around x from y down; where it ends."""
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y), width, box.height, boxstyle="square,pad=0", facecolor="white",
            edgecolor=INK, linewidth=0.8,
        )
    )  # fmt: skip
    for number, line in enumerate(box.lines):
        axes.text(
            x - width / 2 + 0.08,
            y + PADDING / 2 + LINE * (number + 0.5),
            line,
            va="center",
            fontsize=8,
            fontweight="bold" if number == 0 else "normal",
        )
    return y + box.height


def _arrow(axes: Axes, begin: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "",
        xy=end,
        xytext=begin,
        arrowprops={
            "arrowstyle": "-|>",
            "color": SOFT,
            "linewidth": 0.8,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
