"""Figures as SVG."""

from xml.etree import ElementTree

from evaluation.figures.likert import Bar, likert_bars
from evaluation.figures.marks import mark_of

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*bars: Bar, title: str = "Scores") -> ElementTree.Element:
    return ElementTree.fromstring(likert_bars(bars, title, "worst", "best"))


def test_a_bar_is_as_long_as_its_share_and_carries_its_counts() -> None:
    svg = drawn(Bar("EQ1", "duetml", (0, 1, 0, 3, 0)))

    widths = [float(rect.get("width", "0")) for rect in svg.iter(f"{SVG}rect")][:2]
    texts = ["".join(text.itertext()) for text in svg.iter(f"{SVG}text")]
    assert widths[1] == 3 * widths[0]
    assert texts[:4] == ["EQ1 duetml", "1", "3", "n = 4"]


def test_a_bar_without_answers_is_empty() -> None:
    svg = drawn(Bar("EQ1", "duetml", (0, 0, 0, 0, 0)))

    assert len(list(svg.iter(f"{SVG}rect"))) == 5  # the legend
    assert "n = 0" in ["".join(text.itertext()) for text in svg.iter(f"{SVG}text")]


def test_words_cannot_break_out_of_a_figure() -> None:
    svg = drawn(Bar("<script>", "a & b", (1, 1, 1, 1, 1)), title="</title><script>")

    assert [one for one in svg.iter() if one.tag.endswith("script")] == []


def test_a_figure_needs_no_style() -> None:
    svg = drawn(Bar("EQ1", "duetml", (1, 1, 1, 1, 1)))

    assert [one for one in svg.iter() if "style" in one.attrib or one.tag == f"{SVG}style"] == []


def test_categories_get_marks_that_differ_in_shape_or_colour() -> None:
    marks = [mark_of(number) for number in range(40)]

    assert len(set(marks)) == 40
    assert len({shape for shape, _colour in marks[:8]}) == 8
