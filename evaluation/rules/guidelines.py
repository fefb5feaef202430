"""What raters are told before and after: the protocol's words, or else the built-in ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import Field

from duetml.features import Frozen
from study.rules.plain_yaml import read_plain
from study.rules.practice import Expected, PracticeCase, PracticeCategory, Words
from study.rules.protocol import Criterion, ProtocolFile, words

SCORES = range(1, 6)


class _Criterion(Frozen):
    text: str  # in English: a criterion with other words has no built-in examples
    anchors: dict[int, Words]
    examples: dict[int, Words]


class _Case(Frozen):
    task: Words
    categories: list[PracticeCategory]
    scores: list[Expected]  # one for each of the criteria, in their order


class _Conditions(Frozen):
    assisted: Words
    alone: Words


class _BuiltIn(Frozen):
    intro: Words
    task: Words
    criteria: list[_Criterion] = Field(min_length=1)
    practice: list[_Case]
    conditions: _Conditions


@dataclass(frozen=True)
class Point:
    """One score of a criterion in words; an empty text is none."""

    score: int
    anchor: str
    example: str


@cache
def _built_in() -> _BuiltIn:
    text = Path(__file__).with_name("guidelines.yaml").read_text(encoding="utf-8")
    return _BuiltIn.model_validate(read_plain(text))


def intro(protocol: ProtocolFile, language: str) -> str:
    """Paragraphs, separated by an empty line; empty when the protocol wants none."""
    own = protocol.rating.guidelines
    if own is None:
        return words(_built_in().intro, language)
    return words(own, language) if own else ""


def example_task(protocol: ProtocolFile, language: str) -> str:
    """What the built-in examples are of; empty where none is used."""
    used = any(not one.examples and _known(one) for one in protocol.rating.criteria)
    return words(_built_in().task, language) if used else ""


def points(criterion: Criterion, language: str) -> list[Point]:
    known = _known(criterion)
    anchors = (known.anchors if known else {}) | criterion.anchors
    examples = criterion.examples or (known.examples if known else {})
    return [
        Point(
            score,
            words(anchors[score], language) if score in anchors else "",
            words(examples[score], language) if score in examples else "",
        )
        for score in SCORES
    ]


def practice(protocol: ProtocolFile) -> list[PracticeCase]:
    own = protocol.rating.practice
    if own is not None:
        return own
    places = [_place(criterion) for criterion in protocol.rating.criteria]
    if None in places:
        return []
    keys = [criterion.key for criterion in protocol.rating.criteria]
    return [
        PracticeCase(
            task=case.task,
            categories=case.categories,
            scores={
                key: case.scores[at] for key, at in zip(keys, places, strict=True) if at is not None
            },
        )
        for case in _built_in().practice
    ]


def described_conditions(protocol: ProtocolFile) -> list[tuple[str, Words]]:
    """(condition, neutral words) in the protocol's order; empty when no guess is asked."""
    own = protocol.rating.guess
    keys = [condition.key for condition in protocol.conditions]
    if own is not None:
        return [(key, own[key]) for key in keys if key in own]
    if sorted(condition.features.chat for condition in protocol.conditions) != [False, True]:
        return []
    said = _built_in().conditions
    return [
        (condition.key, said.assisted if condition.features.chat else said.alone)
        for condition in protocol.conditions
    ]


def _known(criterion: Criterion) -> _Criterion | None:
    place = _place(criterion)
    return None if place is None else _built_in().criteria[place]


def _place(criterion: Criterion) -> int | None:
    texts: Sequence[str] = [one.text for one in _built_in().criteria]
    text = criterion.text.get("en", "").strip()
    return texts.index(text) if text in texts else None
