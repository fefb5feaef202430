"""What a browser may send as an answer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.rules.answers import MAX_TEXT, Reason, RefusedError, Value, read, read_all
from study.rules.protocol import Choice, Item

WORDS = {"en": "words"}
ITEMS = {
    "likert": Item(key="q", kind="likert", text=WORDS, low=WORDS, high=WORDS),
    "scale": Item(key="q", kind="scale", text=WORDS, low=WORDS, high=WORDS, points=21, step=5),
    "single": Item(
        key="q",
        kind="single",
        text=WORDS,
        choices=[Choice(value="a", label=WORDS), Choice(value="b", label=WORDS)],
    ),
    "multiple": Item(
        key="q",
        kind="multiple",
        text=WORDS,
        choices=[Choice(value=value, label=WORDS) for value in "abc"],
    ),
    "slider": Item(
        key="q", kind="slider", text=WORDS, low=WORDS, high=WORDS, minimum=-10, maximum=10, step=5
    ),
    "number": Item(key="q", kind="number", text=WORDS, minimum=18, maximum=120),
    "text": Item(key="q", kind="text", text=WORDS),
    "check": Item(key="q", kind="check", text=WORDS),
}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def allowed(kind: str, value: Value) -> bool:
    match kind:
        case "likert":
            return value in range(1, 6)
        case "scale":
            return value in range(0, 101, 5)
        case "single":
            return value in ("a", "b")
        case "multiple":
            return isinstance(value, list) and value == [v for v in "abc" if v in value] != []
        case "slider":
            return value in range(-10, 11, 5)
        case "number":
            return isinstance(value, int | float) and 18 <= value <= 120
        case "text":
            return isinstance(value, str) and 0 < len(value) <= MAX_TEXT
        case _:
            return isinstance(value, bool)


@given(kind=st.sampled_from(sorted(ITEMS)), raw=anything)
def test_whatever_is_sent_is_allowed_or_refused(kind: str, raw: object) -> None:
    try:
        value = read(ITEMS[kind], raw)
    except RefusedError:
        return
    assert value is None or allowed(kind, value)
    json.dumps(value, allow_nan=False).encode()


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("likert", "4", 4),
        ("likert", 4, 4),
        ("likert", "４", 4),
        ("scale", "35", 35),
        ("single", "b", "b"),
        ("multiple", ["c", "a"], ["a", "c"]),
        ("multiple", "b", ["b"]),
        ("multiple", ["b", "b"], ["b"]),
        ("multiple", [], None),
        ("slider", "-5", -5),
        ("slider", 0, 0),
        ("number", "25", 25),
        ("number", " 18.5 ", 18.5),
        ("text", "  of use \x00", "of use"),
        ("check", "on", True),
        ("check", False, False),
        ("likert", "", None),
        ("text", " \n ", None),
    ],
)
def test_a_form_and_a_script_mean_the_same(kind: str, raw: object, value: Value) -> None:
    assert read(ITEMS[kind], raw) == value


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        ("likert", "0", Reason.CHOICE),
        ("likert", "6", Reason.CHOICE),
        ("likert", 2.5, Reason.CHOICE),
        ("likert", True, Reason.NUMBER),
        ("scale", "33", Reason.CHOICE),
        ("single", "c", Reason.CHOICE),
        ("single", ["a"], Reason.CHOICE),
        ("multiple", ["a", "z"], Reason.CHOICE),
        ("multiple", [["a"]], Reason.KIND),
        ("multiple", {"a": 1}, Reason.KIND),
        ("multiple", True, Reason.KIND),
        ("slider", "15", Reason.RANGE),
        ("slider", "-3", Reason.RANGE),
        ("slider", "left", Reason.NUMBER),
        ("number", "17", Reason.RANGE),
        ("number", "nan", Reason.NUMBER),
        ("number", "1e999", Reason.NUMBER),
        ("number", "9" * 5000, Reason.NUMBER),
        ("number", 10**400, Reason.NUMBER),
        ("text", {"a": 1}, Reason.KIND),
        ("check", "maybe", Reason.CHOICE),
    ],
)
def test_what_an_item_does_not_allow_is_refused(kind: str, raw: object, reason: Reason) -> None:
    with pytest.raises(RefusedError) as problem:
        read(ITEMS[kind], raw)
    assert problem.value.reason == reason


def test_a_long_text_is_clipped() -> None:
    assert read(ITEMS["text"], "x" * 9000) == "x" * MAX_TEXT


@pytest.mark.parametrize("raw", [{}, {"q": ""}, {"q": "off"}])
def test_consent_that_is_not_given_is_missing(raw: dict[str, object]) -> None:
    assert read_all([ITEMS["check"]], raw).refused == {"q": Reason.REQUIRED}


def test_an_optional_item_may_stay_empty() -> None:
    optional = ITEMS["likert"].model_copy(update={"required": False})

    answers = read_all([optional], {"unknown": "5"})

    assert answers.values == {"q": None}
    assert answers.refused == {}


@pytest.mark.parametrize("raw", [{}, {"q": ""}, {"q": "off"}, {"q": False}])
def test_an_optional_box_that_is_left_empty_is_a_no(raw: dict[str, object]) -> None:
    optional = ITEMS["check"].model_copy(update={"required": False})

    answers = read_all([optional], raw)

    assert answers.values["q"] is False
    assert answers.refused == {}
