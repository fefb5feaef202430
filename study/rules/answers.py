"""What a browser sends as the answer to an item: read it, or refuse it with a reason."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from study.rules.protocol import Item

Value = str | int | float | bool | list[str] | None
MAX_TEXT = 5_000
MAX_NUMBER_CHARACTERS = 40
# PostgreSQL stores neither NUL nor half a surrogate pair; other control characters are of no use.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_YES = frozenset({"on", "true", "1", "yes"})
_NO = frozenset({"off", "false", "0", "no"})


class Reason(StrEnum):
    REQUIRED = "required"
    CHOICE = "choice"  # not one of the offered answers
    NUMBER = "number"  # not a number
    RANGE = "range"  # a number outside the allowed range
    KIND = "kind"  # nothing a form would send


class RefusedError(ValueError):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Answers:
    """The answers that could be read, and the reason for each that could not."""

    values: dict[str, Value]
    refused: dict[str, Reason]


def read(item: Item, raw: object) -> Value:
    """The value to store; None for no answer. Raises RefusedError for what the item does
    not allow."""
    if raw is None:
        return None
    if isinstance(raw, str):
        raw = _UNSTORABLE.sub("", raw).strip()
        if not raw:
            return None
    return _READERS[item.kind](item, raw)


def read_all(items: Sequence[Item], raw: Mapping[str, object]) -> Answers:
    """Every item of a step, required ones included; answers to unknown items are ignored."""
    values: dict[str, Value] = {}
    refused: dict[str, Reason] = {}
    for item in items:
        try:
            value = read(item, raw.get(item.key))
        except RefusedError as problem:
            refused[item.key] = problem.reason
            continue
        if value is None and item.kind == "check" and not item.required:
            value = False  # a form says nothing of a box that was left empty
        values[item.key] = value
        if item.required and (value is None or value is False):
            refused[item.key] = Reason.REQUIRED
    return Answers(values, refused)


def likert_points(item: Item) -> range:
    return range(1, item.points + 1)


def scale_points(item: Item) -> range:
    return range(0, item.points * item.step, item.step)


def _one_of(points: Callable[[Item], range]) -> Callable[[Item, object], Value]:
    def reader(item: Item, raw: object) -> Value:
        number = _number(raw)
        if number not in points(item):
            raise RefusedError(Reason.CHOICE)
        return int(number)

    return reader


def _choice(item: Item, raw: object) -> Value:
    if not isinstance(raw, str) or raw not in {choice.value for choice in item.choices}:
        raise RefusedError(Reason.CHOICE)
    return raw


def _several(item: Item, raw: object) -> Value:
    """The chosen values in the order they are offered; a form sends one alone as a word."""
    chosen = [raw] if isinstance(raw, str) else raw
    if not isinstance(chosen, list) or not all(isinstance(value, str) for value in chosen):
        raise RefusedError(Reason.KIND)
    offered = [choice.value for choice in item.choices]
    if set(chosen) - set(offered):
        raise RefusedError(Reason.CHOICE)
    return [value for value in offered if value in chosen] or None


def _position(item: Item, raw: object) -> Value:
    """Where a slider stands: the minimum, or so many whole steps above it."""
    number = _number(raw)
    if item.minimum is None or item.maximum is None or not item.minimum <= number <= item.maximum:
        raise RefusedError(Reason.RANGE)
    if not ((number - item.minimum) / item.step).is_integer():
        raise RefusedError(Reason.RANGE)
    return int(number) if number.is_integer() else number


def _bounded(item: Item, raw: object) -> Value:
    number = _number(raw)
    if item.minimum is not None and number < item.minimum:
        raise RefusedError(Reason.RANGE)
    if item.maximum is not None and number > item.maximum:
        raise RefusedError(Reason.RANGE)
    return int(number) if number.is_integer() else number


def _text(_: Item, raw: object) -> Value:
    if not isinstance(raw, str):
        raise RefusedError(Reason.KIND)
    return raw[:MAX_TEXT]


def _check(_: Item, raw: object) -> Value:
    if isinstance(raw, bool):
        return raw
    word = raw.lower() if isinstance(raw, str) else ""
    if word not in _YES | _NO:
        raise RefusedError(Reason.CHOICE)
    return word in _YES


def _number(raw: object) -> float:
    """A finite number. Digits of other scripts are digits ("２５" is 25)."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise RefusedError(Reason.NUMBER)
    if isinstance(raw, str) and len(raw) > MAX_NUMBER_CHARACTERS:
        raise RefusedError(Reason.NUMBER)
    try:
        number = float(raw)
    except (ValueError, OverflowError):
        raise RefusedError(Reason.NUMBER) from None
    if not math.isfinite(number):
        raise RefusedError(Reason.NUMBER)
    return number


_READERS: dict[str, Callable[[Item, object], Value]] = {
    "likert": _one_of(likert_points),
    "scale": _one_of(scale_points),
    "single": _choice,
    "multiple": _several,
    "slider": _position,
    "number": _bounded,
    "text": _text,
    "check": _check,
}
