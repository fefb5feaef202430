"""Words that a spreadsheet would run as a formula, and how to get them back.

An apostrophe is put in front of whatever begins with = + - @, a tab or a carriage return, also
behind apostrophes: taking one away from such a cell gives the words exactly as they were typed.
"""

import re

RISKY = re.compile(r"'*[=+\-@\t\r]")
GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    return f"'{text}" if RISKY.match(text) else text


def unguarded(text: str) -> str:
    return text[1:] if GUARDED.match(text) else text
