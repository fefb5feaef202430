"""A person's words as they are stored."""

import unicodedata


def one_line(text: str) -> str:
    """Composed (NFC), without control and invisible characters, single spaces, none at the ends."""
    return " ".join(_visible(text, keep="").split())


def paragraphs(text: str) -> str:
    """Composed (NFC), without control characters other than line breaks, no space at the ends."""
    return _visible(text.replace("\r\n", "\n"), keep="\n").strip()


def clipped(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _visible(text: str, keep: str) -> str:
    """Without control (Cc), surrogate (Cs) and direction-changing (Cf) characters.

    The zero-width joiner stays: family emoji are made with it.
    """
    composed = unicodedata.normalize("NFC", text)
    return "".join(_shown(character, keep) for character in composed)


def _shown(character: str, keep: str) -> str:
    if character in keep or character == "\u200d":
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in ("Cc", "Cs", "Cf") else character
