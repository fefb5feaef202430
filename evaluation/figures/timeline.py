"""When each participant was in which step, one line each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from evaluation.figures.canvas import INK, STEPS, blank

ROW = 0.15  # inches
MOST_HEIGHT = 40.0  # inches


@dataclass(frozen=True, slots=True)
class Piece:
    """Minutes since the enrolment; `step` is the word of the legend, "" for the steps between."""

    begin: float
    end: float
    step: str
    flagged: bool


def timeline(
    rows: Mapping[str, Sequence[Piece]], steps: Sequence[str], axis: str, between: str, flag: str
) -> Figure:
    """`rows`: label → pieces. `steps`: those with a colour; `between` and `flag`: the words for the
    others and for what the record flags."""
    figure, axes = blank(min(MOST_HEIGHT, 0.9 + ROW * max(3, len(rows))))
    colour_of = {step: STEPS[place % (len(STEPS) - 1)] for place, step in enumerate(steps)}
    for y, pieces in enumerate(rows.values()):
        for piece in pieces:
            _draw(axes, y, piece, colour_of.get(piece.step, STEPS[-1]))
    axes.set_yticks(range(len(rows)), list(rows), fontsize=6)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.set_xlabel(axis)
    axes.tick_params(axis="y", length=0)
    handles = [Patch(color=colour, label=step) for step, colour in colour_of.items()]
    handles.append(Patch(color=STEPS[-1], label=between))
    handles.append(Patch(facecolor="white", edgecolor=INK, hatch="////", label=flag))
    figure.legend(handles=handles, loc="outside upper center", ncols=4)
    return figure


def _draw(axes: Axes, y: int, piece: Piece, colour: str) -> None:
    axes.barh(
        y, piece.end - piece.begin, left=piece.begin, height=0.72, color=colour,
        edgecolor=INK if piece.flagged else "white", linewidth=0.3,
        hatch="////" if piece.flagged else None,
    )  # fmt: skip
