"""What a difference is in words: known data, known sentences."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.utils import translation

from evaluation.report import numbers
from evaluation.report.linking import linked
from evaluation.report.sections.comparing import sentence
from evaluation.report.telling import Telling
from evaluation.stats.contrast import contrasts

FOUND = SimpleNamespace(treatment="DuetML", control="baseline")


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def said(x: Sequence[float], y: Sequence[float]) -> str:
    telling = Telling(cast(Any, None), cast(Any, None), cast(Any, FOUND), "en")
    return sentence(telling, "EQ1", contrasts({"eq1": (x, y)})["eq1"], "").text


def test_a_difference_says_which_condition_scored_higher() -> None:
    assert said([4, 4, 5, 5, 4, 5], [1, 2, 1, 2, 3, 3]) == (
        "EQ1: DuetML participants scored higher, A = 1.00 [0.69, 1.00], U = 36,"
        " exact p = 0.0022, Holm p = 0.0022."
    )


def test_a_difference_the_other_way_says_lower() -> None:
    assert said([1, 2, 1, 2, 3, 3], [4, 4, 5, 5, 4, 5]).startswith(
        "EQ1: DuetML participants scored lower, A = 0.00 [0.00, 0.31], U = 0, exact p = 0.0022"
    )


def test_where_no_difference_is_shown_it_is_said_so_with_its_numbers() -> None:
    assert said([1, 2, 3], [2, 3, 1]) == (
        "EQ1: no difference could be shown between DuetML and baseline,"
        " A = 0.50 [0.15, 0.85], U = 4.5, exact p = 1, Holm p = 1."
    )


@pytest.mark.parametrize(
    ("x", "y", "why"),
    [([], [1, 2], "a condition has no values"), ([3, 3], [3, 3], "all values are the same")],
)
def test_what_cannot_be_compared_says_why(x: list[float], y: list[float], why: str) -> None:
    assert said(x, y) == f"EQ1: the conditions cannot be compared, since {why}."


def test_groups_too_large_to_count_are_called_approximate() -> None:
    x = [float(number) for number in range(600)]

    assert "approximate p < 0.001" in said([value + 300 for value in x], [v + 0.5 for v in x])


@pytest.mark.parametrize(
    ("p", "shown"),
    [(2 / 924, "0.0022"), (0.04, "0.04"), (0.0409, "0.041"), (0.0004, "< 0.001"), (1.0, "1"),
     (0.996, "1"), (None, "–")],
)  # fmt: skip
def test_p_values_have_two_digits_and_no_noughts(p: float | None, shown: str) -> None:
    assert numbers.p_value(p) == shown


def test_numbers_have_a_true_minus_and_no_exponent() -> None:
    assert numbers.fixed(-0.5) == "−0.50"
    assert numbers.signed(0.25) == "+0.25"
    assert numbers.short(123456.0) == "123,456"
    assert numbers.spread([]) == "–"


def test_a_linked_document_leads_from_its_numbers_to_their_rows() -> None:
    cells = [{"text": "EQ1", "rows": "", "is_number": False},
             {"text": "6", "rows": "people?condition=a", "is_number": True}]  # fmt: skip
    document = {"pictures": [{"name": "means", "alt": "dots"}], "head": ["a", "b"], "rows": [cells]}

    found = linked(document, lambda name: f"/{name}.svg", lambda rows: f"/rows/{rows}")

    assert found["pictures"][0]["source"] == "/means.svg"
    assert [cell["href"] for cell in found["rows"][0]] == ["", "/rows/people?condition=a"]
    assert [head["is_number"] for head in found["head"]] == [False, True]
