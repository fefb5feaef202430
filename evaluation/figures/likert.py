"""Likert answers as stacked bars: plain SVG, presentation attributes only (pages forbid styles)."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

# Brown to blue-green (ColorBrewer BrBG), told apart by all common kinds of colour vision, each
# with the ink that is legible on it.
COLOURS = (("#a6611a", "#ffffff"), ("#dfc27d", "#000000"), ("#e6e6e6", "#000000"),
           ("#80cdc1", "#000000"), ("#01715f", "#ffffff"))  # fmt: skip
WIDTH, LABEL, END, ROW, GAP = 720, 190, 60, 26, 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One group's answers to one item: counts of the answers 1 … 5."""

    item: str
    group: str
    counts: tuple[int, int, int, int, int]

    @property
    def total(self) -> int:
        return sum(self.counts)


def likert_bars(bars: Sequence[Bar], title: str, low: str, high: str) -> str:
    """An <svg> of the bars from top to bottom, a gap before each new item; `title` is read out.

    A bar spans 0–100 % of its answers; a piece carries its count where there is room. `low` and
    `high` are the words for 1 and 5 in the legend.
    """
    parts: list[str] = []
    y, item = 0, bars[0].item if bars else ""
    for bar in bars:
        if bar.item != item:
            y, item = y + GAP, bar.item
        parts.append(_bar(bar, y))
        y += ROW
    parts.append(_legend(y + GAP, low, high))
    height = y + GAP + ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {height}"'
        f' width="{WIDTH}" height="{height}" font-size="13" fill="currentColor">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _bar(bar: Bar, y: int) -> str:
    middle = y + ROW * 0.62
    item = f'<tspan font-weight="600">{escape(bar.item)}</tspan>'
    label = f'<text x="0" y="{middle:g}">{item} {escape(bar.group)}</text>'
    total = f'<text x="{WIDTH - END + 8}" y="{middle:g}">n = {bar.total}</text>'
    pieces, left = [], float(LABEL)
    for count, (fill, ink) in zip(bar.counts, COLOURS, strict=True):
        width = (WIDTH - END - LABEL) * count / bar.total if bar.total else 0
        if width:
            pieces.append(_piece(left, y, width, fill))
        if width >= 16:
            x = left + width / 2
            pieces.append(
                f'<text x="{x:.1f}" y="{middle:g}" fill="{ink}" text-anchor="middle">{count}</text>'
            )
        left += width
    return label + "".join(pieces) + total


def _legend(y: int, low: str, high: str) -> str:
    words = (f"1 {low}", "2", "3", "4", f"5 {high}")
    width = (WIDTH - END - LABEL) / len(words)
    pieces = []
    for place, (word, (fill, ink)) in enumerate(zip(words, COLOURS, strict=True)):
        x = LABEL + place * width
        pieces.append(_piece(x, y, width, fill))
        pieces.append(_words(x + width / 2, y + ROW * 0.62, ink, escape(word)))
    return "".join(pieces)


def _words(x: float, y: float, ink: str, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:g}" fill="{ink}" text-anchor="middle">{text}</text>'


def _piece(x: float, y: int, width: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y + 2}" width="{width:.1f}" height="{ROW - 4}" fill="{fill}"/>'
