"""How an answer is read before it is shown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from duetml.agents.context import Said

# A quotation that is not closed yet, of an answer still arriving, counts as one.
QUOTED = re.compile(r"「.*?(?:」|$)|『.*?(?:』|$)|“.*?(?:”|$)|\".*?(?:\"|$)", re.DOTALL)
KANA_OR_KANJI = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line break
ENOUGH_LETTERS = 40  # to say of an answer that it comes in another language
SENTENCE_END = re.compile(r"[。！？]+[」』”\"）)]*|[.!?]+[”\")]*(?=\s|$)")


@dataclass(frozen=True)
class Reply:
    """`flags`: any of "empty", "too_long" (it was cut), "wrong_language"."""

    text: str
    flags: tuple[str, ...] = ()


def clean(text: str, language: str, max_chars: int) -> Reply:
    """The answer without space around it, at most `max_chars` long."""
    stripped = plain(text).strip()
    if not stripped:
        return Reply("", ("empty",))
    flags = ("wrong_language",) if is_foreign(stripped, language) else ()
    if len(stripped) <= max_chars:
        return Reply(stripped, flags)
    return Reply(_cut(stripped, max_chars), ("too_long", *flags))


def plain(text: str) -> str:
    """Without control characters."""
    return CONTROL.sub("", storable(text).replace("\r\n", "\n"))


def storable(text: str) -> str:
    """As it came, but for what no database stores: NUL, and halves of a surrogate pair, which are
    joined where both are there (some servers send an emoji as two escapes, even in two pieces).
    """
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return whole.replace("\0", "")


def _cut(text: str, max_chars: int) -> str:
    """The whole sentences that fit; where not even one does, what fits and an ellipsis."""
    ends = [match.end() for match in SENTENCE_END.finditer(text) if match.end() <= max_chars]
    if ends:
        return text[: ends[-1]]
    room = text[: max_chars - 1]
    return room.rstrip() + "…"


def spoken_language(dialogue: Sequence[Said], language: str) -> str:
    """The language an answer should be in: that of the person's newest message, where its letters
    tell Japanese from others, or else the workspace's."""
    said = [one.text for one in dialogue if one.author == "participant"]
    letters = _letters(said[-1]) if said else []
    if not letters:
        return language
    is_japanese = _japanese_share(letters) >= 0.2
    if is_japanese:
        return "ja"
    return "en" if language.startswith("ja") and len(letters) > 10 else language


def is_foreign(text: str, language: str) -> bool:
    """Whether Japanese was expected and hardly any came, or mostly Japanese came for another.

    What is quoted does not count: a category keeps its own name in every language.
    """
    letters = _letters(text)
    if not letters:
        return False
    japanese = _japanese_share(letters)
    return japanese < 0.2 if language.startswith("ja") else japanese > 0.5


def is_astray(text: str, language: str) -> bool:
    """Whether enough of an answer has come to be sure that it is foreign."""
    return len(_letters(text)) >= ENOUGH_LETTERS and is_foreign(text, language)


def _letters(text: str) -> list[str]:
    return [character for character in QUOTED.sub("", text) if character.isalpha()]


def _japanese_share(letters: Sequence[str]) -> float:
    return sum(1 for letter in letters if KANA_OR_KANJI.match(letter)) / len(letters)
