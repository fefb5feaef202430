"""Advice without a model: the rules' findings, worded, never the same thing twice in a row."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from string import Template

from duetml.agents.context import Occasion, WorkspaceContext
from duetml.agents.describe import clip, visible
from duetml.agents.rules import Advice, findings
from duetml.llm.client import Chunk, Usage
from duetml.prompts import Prompt, load

MODEL = "offline"
RECENT = 8
NAME_LENGTH = 60
JAPANESE_PIECE = 3  # characters per streamed piece, where words have no spaces between them

# A question in the chat and the text that answers it; the first pattern that matches wins.
ANSWERS = (
    (r"how many categor|number of categor|カテゴリ.{0,6}(いくつ|何個|何種類)", "answer_categories"),
    (r"how many|enough (pictures|images|photos)|何枚|枚数|どれくらい|どのくらい", "answer_many"),
    (r"percent|%|bars?\b|how sure|自信|パーセント|確率|棒", "answer_sure"),
    (r"wrong|mistake|mixed up|confus|間違|まちが|取り違", "answer_wrong"),
    (r"\btest|try it|テスト|試", "answer_test"),
    (r"\btrain|\blearn|\bteach|学習|覚え|トレーニング", "answer_train"),
    (r"\bname|\bcall (it|them|this)|名前|名づけ", "answer_name"),
    (r"\badd\b|upload|put .*in|new category|追加|入れ(方|る|れば)|作り方", "answer_add"),
)
QUESTION = re.compile(
    r"[?？]|^\s*(how|what|why|when|where|which|who|can|could|do|does|is|are|should)\b"
    r"|(です|ます|でしょう|の|ん)か[。\s]*$|教えて|何[枚個]|いくつ|どうやって|どうすれば|なぜ",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class OfflineAdvisor:
    """Deterministic: one context, one answer. `version` is that of prompts/offline."""

    version: int = 1

    def prompt(self, language: str) -> Prompt:
        return load("offline", self.version, language)

    def advise(self, context: WorkspaceContext, trigger: Occasion, turn_number: int) -> str:
        """One piece of advice.

        What the dialogue or the log shows was said lately is not said again. The proactive agent is
        no party to the dialogue: where the log does not show what it said, `turn_number` (0 for its
        first) walks through the findings instead.
        """
        prompt = self.prompt(context.language)
        phrases = prompt.phrases()
        logged = _recognised((line.text for line in context.log), phrases)
        answered = (said.text for said in context.dialogue if said.author == "assistant")
        lately = (logged + _recognised(answered, phrases))[-RECENT:]
        fresh = _fresh(findings(context, trigger), lately)
        walks = trigger == "proactive" and not logged
        best = fresh[turn_number % len(fresh)] if walks else fresh[0]
        words = _worded(best, phrases, prompt.language)
        if trigger != "message":
            return words
        return _answer(context, words, phrases, prompt.language, lately)


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


def _answer(
    context: WorkspaceContext,
    words: str,
    phrases: dict[str, Template],
    language: str,
    lately: list[str],
) -> str:
    """What to say to the newest message: an answer where a rule knows one, else `words`."""
    messages = [said.text for said in context.dialogue if said.author == "participant"]
    asked = messages[-1] if messages else ""
    if QUESTION.search(asked):
        key = _answering(asked)
        if key is None:
            return phrases["cannot_answer"].substitute(advice=words)
        if key not in lately[-1:]:
            return phrases[key].substitute()
    if len(messages) == 1 and context.goal:
        goal = _in_marks(context.goal, language)
        return phrases["goal_heard"].substitute(goal=goal, advice=words)
    return phrases["heard"].substitute(advice=words)


def _answering(asked: str) -> str | None:
    found = (key for pattern, key in ANSWERS if re.search(pattern, asked, re.IGNORECASE))
    return next(found, None)


def _worded(found: Advice, phrases: dict[str, Template], language: str) -> str:
    values = {key: _in_marks(name, language) for key, name in found.names} | dict(found.numbers)
    return phrases[found.key].substitute(values)


def _in_marks(name: str, language: str) -> str:
    short = clip(" ".join(visible(name).split()), NAME_LENGTH)
    return f"「{short}」" if language == "ja" else f"“{short}”"


def _fresh(found: list[Advice], lately: list[str]) -> list[Advice]:
    """What was not said lately; where all of it was, all but the newest, longest ago first."""
    fresh = [item for item in found if item.key not in lately]
    if fresh:
        return fresh
    return sorted(found, key=lambda item: _last(lately, item.key))[: max(1, len(found) - 1)]


def _last(lately: list[str], key: str) -> int:
    return max(place for place, said in enumerate(lately) if said == key)


def _recognised(spoken: Iterable[str], phrases: dict[str, Template]) -> list[str]:
    """Keys of the texts among what was spoken, in its order, whatever was filled in."""
    whole = {key: text for key, text in phrases.items() if "$advice" not in text.template}
    patterns = {key: _pattern(text) for key, text in whole.items()}
    return [key for text in spoken for key, pattern in patterns.items() if pattern.search(text)]


def _pattern(text: Template) -> re.Pattern[str]:
    literal = re.split(r"\$[a-z]+", text.template)
    return re.compile(".+?".join(re.escape(piece) for piece in literal), re.DOTALL)
