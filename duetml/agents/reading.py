"""How an answer is read before it is shown."""

import re
from dataclasses import dataclass

QUOTED = re.compile(r"「.*?」|『.*?』|“.*?”|\".*?\"", re.DOTALL)
KANA_OR_KANJI = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line break
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
    flags = ("wrong_language",) if _is_foreign(stripped, language) else ()
    if len(stripped) <= max_chars:
        return Reply(stripped, flags)
    return Reply(_cut(stripped, max_chars), ("too_long", *flags))


def plain(text: str) -> str:
    """Without control characters; halves of a surrogate pair are joined where both are there.

    Some servers send an emoji as two escapes, even in two pieces; no database stores a half.
    """
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return CONTROL.sub("", whole.replace("\r\n", "\n"))


def _cut(text: str, max_chars: int) -> str:
    """The whole sentences that fit; where not even one does, what fits and an ellipsis."""
    ends = [match.end() for match in SENTENCE_END.finditer(text) if match.end() <= max_chars]
    if ends:
        return text[: ends[-1]]
    room = text[: max_chars - 1]
    return room.rstrip() + "…"


def _is_foreign(text: str, language: str) -> bool:
    """Whether Japanese was expected and hardly any came, or mostly Japanese came for another.

    What is quoted does not count: a category keeps its own name in every language.
    """
    letters = [character for character in QUOTED.sub("", text) if character.isalpha()]
    if not letters:
        return False
    japanese = sum(1 for letter in letters if KANA_OR_KANJI.match(letter)) / len(letters)
    return japanese < 0.2 if language.startswith("ja") else japanese > 0.5
