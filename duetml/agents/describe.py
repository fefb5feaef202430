"""The workspace told to a model: the phrases of prompts/workspace, with pictures between them."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from string import Template

from duetml.agents.context import (
    CategoryView,
    Findings,
    ImageView,
    LogLine,
    Said,
    WorkspaceContext,
)
from duetml.features import Preset
from duetml.llm.client import Part, Picture, Text, Turn

NAME_LENGTH = 200
TEXT_LENGTH = 2000  # as long as a message may be
# A study's task fits in whole; these keep the longest studio session within a model's window.
LOG_LINES = 400
DIALOGUE_TURNS = 100
NEWS_LINES = 40

SELECTORS = re.compile(r"[\ufe00-\ufe0d\U000e0100-\U000e01ef]")

Phrases = Mapping[str, Template]


@dataclass(frozen=True)
class Telling:
    """`dialogue`: as quoted text, for an agent that is no party to it; `tests`: they are asked
    about (the attentive preset tells of them always)."""

    preset: Preset
    dialogue: bool
    tests: bool = False


def quoted(text: str, longest: int = NAME_LENGTH) -> str:
    """Somebody's words on one line in quotation marks that they cannot close, clipped.

    Line breaks become spaces, control and invisible characters go, quotation marks are escaped.
    """
    return json.dumps(clip(" ".join(visible(text).split()), longest), ensure_ascii=False)


def clip(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def visible(text: str) -> str:
    """Without control and format characters and selectors of variants, which can hide or turn round
    what a reader sees; those two that emoji are written with stay."""
    spaced = "".join(" " if character.isspace() else character for character in text)
    return "".join(character for character in spaced if not _hides(character))


def _hides(character: str) -> bool:
    return unicodedata.category(character)[0] == "C" or bool(SELECTORS.match(character))


def describe(context: WorkspaceContext, phrases: Phrases, telling: Telling) -> tuple[Part, ...]:
    """The parts of one user turn. Text between two pictures is one part."""
    told = _attentive if telling.preset == "attentive" else _as_in_the_paper
    return tuple(_joined(told(context, phrases, telling)))


def dialogue_turns(dialogue: tuple[Said, ...]) -> tuple[Turn, ...]:
    """The newest of the dialogue as real turns."""
    return tuple(
        Turn(
            "user" if said.author == "participant" else "assistant",
            (Text(clip(said.text, TEXT_LENGTH)),),
        )
        for said in dialogue[-DIALOGUE_TURNS:]
    )


def _as_in_the_paper(
    context: WorkspaceContext, phrases: Phrases, telling: Telling
) -> Iterator[str | Picture]:
    """The task, the training data, the dialogue, the operations; the tests where asked about."""
    yield phrases["intro"].substitute()
    yield phrases["task"].substitute(task=quoted(context.task, TEXT_LENGTH))
    yield from _categories(context, phrases)
    if telling.tests:
        yield from _tests(context, phrases)
    yield from _log(context.log, phrases)
    if telling.dialogue:
        yield from _dialogue(context.dialogue, phrases)


def _attentive(
    context: WorkspaceContext, phrases: Phrases, telling: Telling
) -> Iterator[str | Picture]:
    """All that, the goal, how the model does, what is new, and what this agent said by itself."""
    yield phrases["intro"].substitute()
    yield from _aim(context, phrases)
    yield from _categories(context, phrases)
    if not context.shares_images:
        yield phrases["no_pictures"].substitute()
    yield phrases["unused"].substitute(count=context.unused_images)
    yield from _findings(context.findings, phrases)
    yield from _model(context, phrases)
    yield from _tests(context, phrases)
    yield from _log(context.log, phrases)
    if telling.dialogue:
        yield from _dialogue(context.dialogue, phrases)
    yield from _news(context.changes, phrases)
    yield from _advice(context.advice, phrases)


def _aim(context: WorkspaceContext, phrases: Phrases) -> Iterator[str]:
    yield phrases["task"].substitute(task=quoted(context.task, TEXT_LENGTH))
    if context.goal:
        yield phrases["goal"].substitute(goal=quoted(context.goal, TEXT_LENGTH))
    else:
        yield phrases["no_goal"].substitute()


def _categories(context: WorkspaceContext, phrases: Phrases) -> Iterator[str | Picture]:
    if not context.categories:
        yield phrases["no_categories"].substitute()
    else:
        yield phrases["categories"].substitute(count=len(context.categories))
    for category in context.categories:
        yield from _category(category, phrases)


def _category(category: CategoryView, phrases: Phrases) -> Iterator[str | Picture]:
    yield phrases["category"].substitute(
        name=quoted(category.name), count=category.count, shown=len(category.images)
    )
    for image in category.images:
        yield _picture(image, phrases)


def _picture(image: ImageView, phrases: Phrases) -> Picture:
    """With its number in front of it, where the wording has one for it."""
    if image.number and "picture" in phrases:
        return Picture(image.jpeg, phrases["picture"].substitute(number=image.number))
    return Picture(image.jpeg)


def _findings(findings: Findings, phrases: Phrases) -> Iterator[str]:
    for first, second in findings.near_duplicates:
        key = "alike_within" if first == second else "alike_between"
        yield phrases[key].substitute(first=quoted(first), second=quoted(second))
    for first, second, score in findings.overlaps:
        yield phrases["overlap"].substitute(
            first=quoted(first), second=quoted(second), score=f"{score:.0%}"
        )


def _model(context: WorkspaceContext, phrases: Phrases) -> Iterator[str]:
    if context.trained_images is None:
        yield phrases["untrained"].substitute()
        return
    yield phrases["trained"].substitute(count=context.trained_images)
    if context.stale:
        yield phrases["stale"].substitute()
    if context.accuracy is not None:
        yield phrases["accuracy"].substitute(share=f"{context.accuracy:.0%}")
    for pair in context.confused:
        yield phrases["confused"].substitute(
            count=pair.count, actual=quoted(pair.actual), said=quoted(pair.said)
        )


def _tests(context: WorkspaceContext, phrases: Phrases) -> Iterator[str | Picture]:
    yield phrases["tests" if context.tests else "no_tests"].substitute()
    if context.tests and context.tests_are_stale and "tests_stale" in phrases:
        yield phrases["tests_stale"].substitute()
    for test in context.tests:
        scores = ", ".join(f"{quoted(name)} {share:.0%}" for name, share in test.scores)
        values = {"scores": scores, "number": test.number}
        if test.actual is None:
            yield phrases["test"].substitute(values)
        else:
            yield phrases["test_actual"].substitute(values, actual=quoted(test.actual))
        if test.picture is not None:
            yield _picture(test.picture, phrases)


def _log(log: tuple[LogLine, ...], phrases: Phrases) -> Iterator[str]:
    if log:
        yield phrases["log"].substitute()
    yield from _lines(log[-LOG_LINES:], phrases)


def _lines(lines: Iterable[LogLine], phrases: Phrases) -> Iterator[str]:
    for line in lines:
        yield phrases["line"].substitute(at=line.at, text=quoted(line.text))


def _dialogue(dialogue: tuple[Said, ...], phrases: Phrases) -> Iterator[str]:
    yield phrases["dialogue" if dialogue else "no_dialogue"].substitute()
    for said in dialogue[-DIALOGUE_TURNS:]:
        yield phrases[said.author].substitute(text=quoted(said.text, TEXT_LENGTH))


def _news(changes: tuple[LogLine, ...], phrases: Phrases) -> Iterator[str]:
    yield phrases["news" if changes else "no_news"].substitute()
    yield from _lines(changes[-NEWS_LINES:], phrases)


def _advice(advice: tuple[Said, ...], phrases: Phrases) -> Iterator[str]:
    if advice:
        yield phrases["advice"].substitute()
    for said in advice:
        yield phrases["said"].substitute(text=quoted(said.text, TEXT_LENGTH))


def _joined(told: Iterable[str | Picture]) -> Iterator[Part]:
    lines: list[str] = []
    for item in told:
        if isinstance(item, str):
            lines.append(item)
            continue
        if lines:
            yield Text("\n".join(lines))
            lines = []
        yield item
    if lines:
        yield Text("\n".join(lines))
