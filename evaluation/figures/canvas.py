"""What all figures share: size, colours, fonts, and how a drawing becomes files for print.

Only workers and commands load this: matplotlib takes a second. Figures are drawn without pyplot,
so that threads do not share a canvas; the same data give the same bytes.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH = 7.0  # inches: a page's two columns
DOTS_PER_INCH = 300
JAPANESE = ("Noto Sans CJK JP", "Noto Sans JP", "IPAexGothic", "TakaoGothic", "IPAGothic")
FILES = ("NotoSansCJK-", "NotoSansJP", "ipaexg", "takao", "ipag")  # in their paths
LATIN = "DejaVu Sans"  # comes with matplotlib
# Okabe and Ito's palette: told apart by all common kinds of colour vision; each with a marker.
GROUPS = (("#0072B2", "o"), ("#D55E00", "^"))
STEPS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")
INK, SOFT = "#1a1a1a", "#666666"
STYLE: Any = {  # matplotlib types it by every key there is
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "axes.edgecolor": SOFT,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "text.parse_math": False,  # a dollar is a dollar
    "svg.fonttype": "path",  # looks alike whatever fonts the reader has
    "svg.hashsalt": "figures",
    "savefig.facecolor": "white",
}


@lru_cache(maxsize=1)
def japanese_font() -> str | None:
    """The first of JAPANESE that is installed. matplotlib's own list may be older than the font."""
    for path in font_manager.findSystemFonts():
        if any(part in path for part in FILES):
            font_manager.fontManager.addfont(path)
    names = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in JAPANESE if name in names), None)


def can_draw(language: str) -> bool:
    """Whether the words of a figure in this language would not come out as boxes."""
    return language != "ja" or japanese_font() is not None


@contextmanager
def style(language: str) -> Iterator[None]:
    """For everything drawn and saved inside. Outlines of OpenType fonts cannot be embedded as
    TrueType: the PDF of a Japanese figure holds their shapes (type 3)."""
    font = japanese_font() if language == "ja" else None
    more = {
        "font.family": [font, LATIN] if font else [LATIN],
        "pdf.fonttype": 3 if font else 42,
    }
    with mpl.rc_context(STYLE | more):
        yield


def blank(height: float, width: float = WIDTH) -> tuple[Figure, Axes]:
    """A figure of so many inches with one plot."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def files(figure: Figure) -> Mapping[str, bytes]:
    """svg, pdf and png. To be called inside `style`."""
    metadata: dict[str, dict[str, None]] = {
        "svg": {"Date": None},
        "pdf": {"CreationDate": None},
        "png": {},
    }
    found = {}
    for format_, about in metadata.items():
        with io.BytesIO() as buffer:
            figure.savefig(buffer, format=format_, dpi=DOTS_PER_INCH, metadata=about)
            found[format_] = buffer.getvalue()
    return found
