"""The workspace told to a model: the phrases of prompts/workspace, with pictures between them."""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from string import Template

from duetml.agents.context import CategoryView, Findings, Said, TestView, WorkspaceContext
from duetml.llm.client import Part, Picture, Text, Turn

NAME_LENGTH = 200
TEXT_LENGTH = 1000
LOG_LINES = 60
DIALOGUE_TURNS = 20

Phrases = Mapping[str, Template]


def quoted(text: str, longest: int = NAME_LENGTH) -> str:
    """Somebody's words on one line in quotation marks that they cannot close, clipped.

    Line breaks become spaces, control and invisible characters go, quotation marks are escaped.
    """
    return json.dumps(clip(" ".join(visible(text).split()), longest), ensure_ascii=False)


def clip(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def visible(text: str) -> str:
    """Without control and format characters (these can hide or turn round what a reader sees)."""
    spaced = "".join(" " if character.isspace() else character for character in text)
    return "".join(character for character in spaced if unicodedata.category(character)[0] != "C")


def describe(context: WorkspaceContext, phrases: Phrases, with_dialogue: bool) -> tuple[Part, ...]:
    """The parts of one user turn. Text between two pictures is one part."""
    told: list[str | Picture] = [phrases["intro"].substitute(), *_aim(context, phrases)]
    told += _categories(context, phrases)
    told += _findings(context.findings, phrases)
    told += _tests(context.tests, phrases)
    told += _log(context, phrases)
    if with_dialogue:
        told += _dialogue(context.dialogue, phrases)
    return tuple(_joined(told))


def dialogue_turns(dialogue: tuple[Said, ...]) -> tuple[Turn, ...]:
    """The newest of the dialogue as real turns."""
    return tuple(
        Turn(
            "user" if said.author == "participant" else "assistant",
            (Text(clip(said.text, TEXT_LENGTH)),),
        )
        for said in dialogue[-DIALOGUE_TURNS:]
    )


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
    yield phrases["unused"].substitute(count=context.unused_images)
    if context.trained_images is None:
        yield phrases["untrained"].substitute()
    else:
        yield phrases["trained"].substitute(
            count=context.trained_images, now=context.images_in_categories()
        )


def _category(category: CategoryView, phrases: Phrases) -> Iterator[str | Picture]:
    yield phrases["category"].substitute(
        name=quoted(category.name), count=category.count, shown=len(category.images)
    )
    for image in category.images:
        yield Picture(image.jpeg)


def _findings(findings: Findings, phrases: Phrases) -> Iterator[str]:
    for first, second in findings.near_duplicates:
        key = "alike_within" if first == second else "alike_between"
        yield phrases[key].substitute(first=quoted(first), second=quoted(second))
    for first, second, score in findings.overlaps:
        yield phrases["overlap"].substitute(
            first=quoted(first), second=quoted(second), score=f"{score:.2f}"
        )


def _tests(tests: tuple[TestView, ...], phrases: Phrases) -> Iterator[str | Picture]:
    yield phrases["tests" if tests else "no_tests"].substitute()
    for test in tests:
        scores = ", ".join(f"{quoted(name)} {share:.0%}" for name, share in test.scores)
        if test.actual is None:
            yield phrases["test"].substitute(scores=scores)
        else:
            yield phrases["test_actual"].substitute(scores=scores, actual=quoted(test.actual))
        if test.picture is not None:
            yield Picture(test.picture.jpeg)


def _log(context: WorkspaceContext, phrases: Phrases) -> Iterator[str]:
    if context.log:
        yield phrases["log"].substitute()
    for line in context.log[-LOG_LINES:]:
        yield phrases["line"].substitute(at=line.at, text=quoted(line.text))


def _dialogue(dialogue: tuple[Said, ...], phrases: Phrases) -> Iterator[str]:
    yield phrases["dialogue" if dialogue else "no_dialogue"].substitute()
    for said in dialogue[-DIALOGUE_TURNS:]:
        yield phrases[said.author].substitute(text=quoted(said.text, TEXT_LENGTH))


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
