"""Which agent asks: known by its system prompt, which is one of the files of prompts/."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"


@dataclass(frozen=True)
class Asker:
    """`agent` is the prompt's name ("reactive", "proactive"), "" for anybody else."""

    agent: str = ""
    version: int = 0
    language: str = "en"


NOBODY = Asker()


@lru_cache(maxsize=64)
def who_asks(system: str) -> Asker:
    for pattern, asker in _known():
        if pattern.fullmatch(system):
            return asker
    return NOBODY


@lru_cache(maxsize=1)
def _known() -> list[tuple[re.Pattern[str], Asker]]:
    found = []
    for path in sorted(PROMPTS.glob("*/v*.*.md")):
        version, language, _ = path.name.split(".")
        text = path.read_text().strip()
        filled = [".+?" if number % 2 else re.escape(piece) for number, piece in _pieces(text)]
        asker = Asker(path.parent.name, int(version[1:]), language)
        found.append((re.compile("".join(filled), re.DOTALL), asker))
    return found


def _pieces(text: str) -> list[tuple[int, str]]:
    """The words of a prompt (even places) and its $placeholders (odd ones)."""
    return list(enumerate(re.split(r"(\$\w+|\$\{\w+\})", text)))
