"""What a message of the chat is about, by its words alone: English and Japanese, no model.

Words are a weak sign: what is not recognised is better admitted than guessed. A short message is
small talk only where it is nothing else: "hi, how do I train?" is a question.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from duetml.agents import vocabulary
from duetml.agents.context import WorkspaceContext

Kind = Literal[
    "question", "greeting", "thanks", "agreed", "unsettled", "upset", "unclear", "statement"
]

SMALL_TALK: dict[Kind, vocabulary.Pattern] = {
    "greeting": vocabulary.GREETING,
    "unsettled": vocabulary.UNSETTLED,
    "agreed": vocabulary.AGREED,
}
REQUESTS = ("quiet", "do")  # these need no question mark
BETWEEN = r"[^\w?]*(?:笑|ww+)?[^\w?]*"


@dataclass(frozen=True)
class Heard:
    """`topic`: what a question is about, None where that is not recognised."""

    kind: Kind
    topic: str | None = None


def hear(text: str) -> Heard:
    said = _plain(text)
    if not re.search(r"\w", said):
        return Heard("unclear")
    if kind := _small_talk(said):
        return Heard(kind)
    topic, asks = _topic(said), _asks(said)
    if topic in REQUESTS or (topic and asks):
        return Heard("question", topic)
    if vocabulary.UPSET.search(said):
        return Heard("upset")
    if asks:
        return Heard("question")
    return Heard("thanks" if vocabulary.THANKS.search(said) else "statement")


def aim_of(context: WorkspaceContext) -> str | None:
    """What the person said they want to make: their first message that states something."""
    said = [one.text for one in context.dialogue if one.author == "participant"]
    candidates = [context.goal, *said] if context.goal else said
    return next((text for text in candidates if text and _states(text)), None)


def _states(text: str) -> bool:
    return not vocabulary.BUTTONS.fullmatch(_plain(text)) and hear(text).kind == "statement"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower().replace("’", "'").strip()


def _small_talk(said: str) -> Kind | None:
    """Also several in a row: "ok, good"."""
    for kind, words in SMALL_TALK.items():
        if re.fullmatch(f"(?:(?:{words.pattern}){BETWEEN})+", said):
            return kind
    return None


def _asks(said: str) -> bool:
    if vocabulary.WISH.search(said):
        return bool(vocabulary.ASKS.search(said))
    return bool(vocabulary.QUESTION.search(said))


def _topic(said: str) -> str | None:
    for topic, words in vocabulary.SPECIAL_TOPICS.items():
        if words.search(said):
            return topic
    found = {topic: words.search(said) for topic, words in vocabulary.TOPICS.items()}
    places = {topic: match.start() for topic, match in found.items() if match}
    if places:
        return min(places, key=lambda topic: places[topic])
    return next(
        (one for one, words in vocabulary.GENERAL_TOPICS.items() if words.search(said)), None
    )
