"""A person's words as they are stored."""

import unicodedata

BLANK = (
    "\u2800\u3164\u115f\u1160\uffa0"  # letters and signs without ink: braille and Hangul fillers
)
VARIANTS = "\ufe0e\ufe0f"  # the same sign, as text or as a picture


def one_line(text: str) -> str:
    """Composed (NFC), without control and invisible characters, single spaces, none at the ends."""
    return " ".join(_visible(text, keep="").split())


def paragraphs(text: str) -> str:
    """Composed (NFC), without control characters other than line breaks, no space at the ends."""
    return _visible(text.replace("\r\n", "\n"), keep="\n").strip()


def is_blank(text: str) -> bool:
    """Whether nothing of it would be seen: spaces, joiners, fillers, marks that stand alone."""
    return all(
        character in BLANK or unicodedata.category(character)[0] in "ZCM" for character in text
    )


def sameness(name: str) -> str:
    """Equal for names that a person reads as the same: whatever the case or width of the letters,
    and whatever joins them."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    kept = (one for one in folded if unicodedata.category(one) != "Cf" and one not in VARIANTS)
    # PostgreSQL's LOWER() makes a plain i of the Turkish dotted capital, casefold() one with a dot.
    return " ".join("".join(kept).replace("i\u0307", "i").split())


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
