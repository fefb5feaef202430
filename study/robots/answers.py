"""Answering the questions of a form, by chance or as the instruction sheet says."""

from collections.abc import Mapping, Sequence
from random import Random

from study.robots.page import Field, Value

REMARKS = (
    "I started with colours, then thought about what the things are for.",
    'First "big" and <small>; later by use & place.',
    "はじめは形で分け、あとから使い方で分け直しました。",
    "I kept few groups\nand moved the odd ones out.",
)


def answer(field: Field, rng: Random, eligible: Mapping[str, Sequence[str]]) -> Value:
    """A value the form accepts. `eligible`: by item, the values that admit to the study, or that a
    check of attention asks for."""
    if field.choices:
        admitted = [value for value in field.choices if value in eligible.get(field.name, ())]
        offered = admitted or list(field.choices)
        return _some(offered, rng) if field.several else rng.choice(offered)
    if wanted := eligible.get(field.name):
        return rng.choice(wanted)
    if field.kind == "checkbox":
        return field.value
    if field.kind in ("number", "range"):
        return _number(field, rng)
    return rng.choice(REMARKS)


def _some(offered: Sequence[str], rng: Random) -> list[str]:
    """At least one, in the order they are offered."""
    chosen = set(rng.sample(offered, rng.randint(1, len(offered))))
    return [value for value in offered if value in chosen]


def _number(field: Field, rng: Random) -> str:
    low = field.minimum if field.minimum is not None else 0
    high = field.maximum if field.maximum is not None else low + 100
    steps = int((high - low) // field.step)
    value = low + field.step * rng.randint(0, max(0, steps))
    return str(int(value)) if value == int(value) else str(value)
