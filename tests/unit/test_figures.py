"""Figures for print."""

from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from evaluation.figures import canvas
from evaluation.figures.bar import Bar
from evaluation.figures.consort import Box, Chart, consort
from evaluation.figures.diverging import diverging
from evaluation.figures.dots import Panel, beside, dots
from evaluation.figures.effects import Effect, effects
from evaluation.figures.marks import mark_of
from evaluation.figures.timeline import Piece, timeline

ANSWERS = ("1 worst", "2", "3", "4", "5 best")
ARM = (Box(("a (n = 1)",)), Box(("b",)), Box(("c",)))
DRAWN = {
    "bars": lambda: diverging([Bar("EQ1", "a", (1, 0, 2, 3, 4))], ANSWERS, "%"),
    "no answer": lambda: diverging([Bar("EQ1", "a", (0, 0, 0, 0, 0))], ANSWERS, "%"),
    "dots": lambda: dots([Panel("EQ1", {"a": [1, 2, 2], "b": []}, (1, 5))], "median"),
    "effects": lambda: effects(
        [Effect("EQ1", 0.9, 0.7, 1.0, "0.90"), Effect("EQ2", None, None, None, "–")], "A"
    ),
    "flow": lambda: consort(Chart(Box(("in",)), Box(("out",)), Box(("all",)), (ARM, ARM))),
    "time": lambda: timeline({"P1": [Piece(0, 5, "work", True)]}, ["work"], "min", "else", "flag"),
    "hostile": lambda: diverging([Bar("<b>$x$", r"\frac{", (1, 1, 1, 1, 1))], ANSWERS, "$%"),
}


@pytest.mark.parametrize("what", DRAWN)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_figure_comes_as_three_files(what: str, language: str) -> None:
    with canvas.style(language):
        files = canvas.files(DRAWN[what]())

    assert ElementTree.fromstring(files["svg"]).tag.endswith("svg")
    assert files["pdf"].startswith(b"%PDF")
    assert files["png"].startswith(b"\x89PNG")
    assert b"<script" not in files["svg"]


def test_the_same_data_give_the_same_bytes() -> None:
    with canvas.style("en"):
        one, other = (canvas.files(DRAWN["bars"]()) for _ in range(2))

    assert one == other


def test_a_bar_lies_around_the_middle_of_its_middle_answer() -> None:
    figure = diverging([Bar("EQ1", "a", (1, 1, 2, 3, 3))], ANSWERS, "%")

    pieces = _pieces(figure)
    assert [round(left) for left, _width in pieces] == [-30, -20, -10, 10, 40]
    assert [round(width) for _left, width in pieces] == [10, 10, 20, 30, 30]


def test_english_figures_embed_true_type_and_no_type_3() -> None:
    with canvas.style("en"):
        pdf = canvas.files(DRAWN["bars"]())["pdf"]

    assert b"/Type3" not in pdf
    assert b"/TrueType" in pdf or b"/CIDFontType2" in pdf


@pytest.mark.skipif(canvas.japanese_font() is None, reason="no Japanese font is installed")
@pytest.mark.filterwarnings("error:Glyph")
def test_japanese_words_are_drawn_and_not_boxes() -> None:
    with canvas.style("ja"):
        figure = diverging([Bar("EQ1", "統制群", (1, 1, 1, 1, 1))], ANSWERS, "割合")
        files = canvas.files(figure)

    assert len(files["svg"]) > 0


def test_equal_values_stand_beside_each_other_and_symmetric() -> None:
    places = beside([2.0, 3.0, 2.0, 2.0])

    assert places[1] == 0
    assert sorted(places[[0, 2, 3]]) == pytest.approx([-0.12, 0, 0.12])


def test_categories_get_marks_that_differ_in_shape_or_colour() -> None:
    marks = [mark_of(number) for number in range(40)]

    assert len(set(marks)) == 40
    assert len({shape for shape, _colour in marks[:8]}) == 8


def _pieces(figure: Figure) -> list[tuple[float, float]]:
    """(left, width) of the drawn pieces."""
    bars = [patch for patch in figure.axes[0].patches if patch.get_width()]  # type: ignore[attr-defined]
    return [(bar.get_x(), bar.get_width()) for bar in bars]  # type: ignore[attr-defined]
