"""Likert answers as stacked bars around the middle answer: more to the right is more agreement."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.figures.bar import Bar
from evaluation.figures.canvas import SOFT, blank

# Brown to blue-green (ColorBrewer BrBG), told apart by all common kinds of colour vision, each
# with the ink that is legible on it.
COLOURS = (("#a6611a", "white"), ("#dfc27d", "black"), ("#e6e6e6", "black"),
           ("#80cdc1", "black"), ("#01715f", "white"))  # fmt: skip
ROOM_FOR_A_NUMBER = 5.0  # percent
ROW, EXTRA = 0.24, 0.75  # inches


def diverging(bars: Sequence[Bar], answers: Sequence[str], axis: str) -> Figure:
    """`answers`: the words for 1 … 5; `axis`: of the share, in percent. Bars from top to bottom,
    with a gap before each new item; the numbers in them are how many answers."""
    gaps = len({bar.item for bar in bars})
    figure, axes = blank(EXTRA + ROW * (len(bars) + 0.4 * gaps))
    y, labels, item = 0.0, [], ""
    for bar in bars:
        y += 0.4 if bar.item != item else 0.0
        _draw(axes, bar, y)
        labels.append((y, f"{bar.item}  {bar.group}  (n = {bar.total})"))
        y, item = y + 1.0, bar.item
    axes.axvline(0, color=SOFT, linewidth=0.6, zorder=0)
    axes.set_yticks([at for at, _ in labels], [text for _, text in labels])
    axes.set_ylim(y - 0.4, -0.5)
    axes.set_xlim(-100, 100)
    axes.set_xticks(range(-100, 101, 50), [f"{abs(at)}" for at in range(-100, 101, 50)])
    axes.set_xlabel(axis)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    patches = [
        axes.barh(0, 0, color=fill, edgecolor="white", label=word)
        for (fill, _ink), word in zip(COLOURS, answers, strict=True)
    ]
    figure.legend(handles=patches, loc="outside upper center", ncols=5)
    return figure


def _draw(axes: Axes, bar: Bar, y: float) -> None:
    if not bar.total:
        return
    shares = [100 * count / bar.total for count in bar.counts]
    left = -(shares[0] + shares[1] + shares[2] / 2)
    for share, count, (fill, ink) in zip(shares, bar.counts, COLOURS, strict=True):
        axes.barh(y, share, left=left, height=0.82, color=fill, edgecolor="white", linewidth=0.5)
        if share >= ROOM_FOR_A_NUMBER:
            axes.text(
                left + share / 2, y, str(count), color=ink, ha="center", va="center", fontsize=7
            )
        left += share
