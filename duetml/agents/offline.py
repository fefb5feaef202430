"""Advice without a model: the rules' findings, worded, never the same thing twice in a row."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from string import Template

from duetml.agents.context import Occasion, WorkspaceContext
from duetml.agents.describe import clip
from duetml.agents.hearing import aim_of, hear
from duetml.agents.replies import before_advice, replies
from duetml.agents.rules import NAMES_ARE_THE_POINT, Advice, advice, findings
from duetml.llm.client import Chunk, Usage
from duetml.prompts import Prompt, load

MODEL = "offline"
ANSWERS = 10  # so many are said lately
LONGEST_QUOTE = 80  # a category's name is never longer
JAPANESE_PIECE = 3  # characters per streamed piece, where words have no spaces between them


@dataclass(frozen=True)
class OfflineAdvisor:
    """Deterministic: one context, one answer. `version` is that of prompts/offline; what a version
    has no text for is left out."""

    version: int = 3

    def prompt(self, language: str) -> Prompt:
        return load("offline", self.version, language)

    def advise(self, context: WorkspaceContext, trigger: Occasion, turn_number: int) -> str:
        """One piece of advice.

        What the dialogue or its own advice show was said lately is not said again while there is
        something else. `turn_number` (0 for the first) varies which category is thought
        about when nothing presses.
        """
        prompt = self.prompt(context.language)
        voice = _Voice(prompt.phrases(), prompt.language, _spoken(context))
        best = voice.freshest(*findings(context, trigger, turn_number))
        if trigger != "message":
            return voice.worded(best)
        return _answer(context, voice, best)


def stream(text: str) -> Iterator[Chunk]:
    """The text in pieces the size of a word, the way a vendor's answer comes."""
    words = re.findall(r"\s*\S+\s*$|\s*\S+", text)
    pieces = [piece for word in words for piece in _pieces(word)]
    for piece in pieces:
        yield Chunk(text=piece)
    yield Chunk(usage=Usage(0, len(pieces), MODEL, "stop"))


def _pieces(word: str) -> list[str]:
    if not re.search(r"[\u3040-\u9fff]", word):
        return [word]
    starts = range(0, len(word), JAPANESE_PIECE)
    return [word[start : start + JAPANESE_PIECE] for start in starts]


def _spoken(context: WorkspaceContext) -> list[str]:
    """What was said lately: `advice` holds what was said unasked, the dialogue the answers, which
    come last here."""
    answers = [said.text for said in context.dialogue if said.author == "assistant"]
    return [said.text for said in context.advice] + answers[-ANSWERS:]


@dataclass(frozen=True)
class _Voice:
    """Puts findings into the words of one language; `spoken` is what was said before."""

    phrases: dict[str, Template]
    language: str
    spoken: list[str]

    def knows(self, said: Advice) -> bool:
        return said.key in self.phrases

    def worded(self, said: Advice, then: str = "") -> str:
        """`then` is the advice that a reply leads on to."""
        return self.phrases[said.key].substitute(self._values(said), advice=then)

    def leads_on(self, said: Advice) -> bool:
        """Whether its text ends with another piece of advice."""
        return "$advice" in self.phrases[said.key].template

    def freshest(self, *groups: list[Advice]) -> Advice:
        """Of the first group that has something new: the first of a kind not said lately, or else
        the first not said lately. Where nothing is new, a thought about other names, or what was
        said longest ago."""
        known = [[one for one in group if self.knows(one)] for group in groups]
        everything = list(chain(*known))
        places = [(group, last) for group in known for last in (self._last_of_kind, self.last)]
        for group, last in [*places, (everything, self._last_of_names)]:
            fresh = (one for one in group if last(one) < 0)
            if (first := next(fresh, None)) is not None:
                return first
        return min(everything, key=self.last)

    def last(self, said: Advice) -> int:
        """The place among what was spoken where this was last said, or -1: of the same picture
        (whatever its categories were called then), or of the same names where they are the point.
        """
        if said.picture:
            return self._last_with(said, {"picture"})
        if said.key in NAMES_ARE_THE_POINT:
            return self._last_of_names(said)
        return self._last_of_kind(said)

    def _last_of_kind(self, said: Advice) -> int:
        return self._last_with(said, set())

    def _last_of_names(self, said: Advice) -> int:
        return self._last_with(said, {"picture", *(name for name, _ in said.names)})

    def _last_with(self, said: Advice, same: set[str]) -> int:
        values = self._values(said)
        marked = {name: re.escape(values[name]) for name in same & values.keys()}
        return self._last_match(_pattern(self.phrases[said.key], marked))

    def _last_match(self, pattern: re.Pattern[str]) -> int:
        places = (place for place, text in enumerate(self.spoken) if pattern.search(text))
        return max(places, default=-1)

    def _values(self, said: Advice) -> dict[str, str]:
        values = {name: self._quoted(text) for name, text in said.names}
        values |= dict(said.numbers)
        values["list"] = self._list(said)
        if "picture" in self.phrases:
            key = "picture" if said.picture else "a_picture"
            values["picture"] = self.phrases[key].substitute(number=said.picture)
        return values

    def _list(self, said: Advice) -> str:
        told = [self._counted(name, count) for name, count in said.listed]
        comma = "、" if self.language == "ja" else ", "
        return comma.join([*told, "…"] if said.more else told)

    def _counted(self, name: str, count: int | None) -> str:
        quoted = self._quoted(name)
        if count is None:
            return quoted
        return self.phrases["count_of"].substitute(name=quoted, count=count)

    def _quoted(self, text: str) -> str:
        """Somebody's words as they wrote them, on one line."""
        short = clip(" ".join(text.split()), LONGEST_QUOTE)
        return f"「{short}」" if self.language == "ja" else f"“{short}”"


def _answer(context: WorkspaceContext, voice: _Voice, best: Advice) -> str:
    """What to say to the newest message."""
    messages = [said.text for said in context.dialogue if said.author == "participant"]
    message = messages[-1] if messages else ""
    heard = hear(message)
    if heard.kind == "question":
        answer = _reply(heard.topic, context, voice)
    elif messages.count(message) == 1 and message == aim_of(context):
        answer = _first_known(voice, (advice("goal_heard", goal=message),))
    else:
        answer = _first_known(voice, before_advice(heard.kind))
    return voice.worded(answer, voice.worded(best))


def _reply(topic: str | None, context: WorkspaceContext, voice: _Voice) -> Advice:
    """An answer not given lately; where all were, that there is no more to it than that."""
    *known, helpless = [one for one in replies(topic, context) if voice.knows(one)]
    fresh = (one for one in known if voice.leads_on(one) or voice.last(one) < 0)
    if (first := next(fresh, None)) is not None:
        return first
    return _first_known(voice, before_advice("answer_again")) if known else helpless


def _first_known(voice: _Voice, said: Iterable[Advice]) -> Advice:
    return next(one for one in said if voice.knows(one))


def _pattern(text: Template, values: Mapping[str, str]) -> re.Pattern[str]:
    """What the text looks like with these values (patterns) in its blanks, and anything in the
    others."""
    pieces = re.split(r"\$([a-z]+)", text.template)
    blanks = [values.get(name, ".+?") for name in pieces[1::2]]
    literal = [re.escape(piece) for piece in pieces[0::2]]
    whole = "".join(piece + blank for piece, blank in zip(literal, [*blanks, ""], strict=True))
    return re.compile(whole, re.DOTALL)
