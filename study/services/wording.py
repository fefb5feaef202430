"""The rules' sentences in the language of whoever reads them."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext

from study.rules.diff import Change
from study.rules.phrase import Phrase
from study.rules.problems import Problem


def say(text: str) -> str:
    """A phrase translated, with its values; any other text as it is."""
    if not isinstance(text, Phrase):
        return text
    values = {
        name: say(value) if isinstance(value, str) else value for name, value in text.values.items()
    }
    said = gettext(text.template) if text.template else ""
    return said % values if values else said


def told(problems: Sequence[Problem]) -> list[Problem]:
    """What is wrong with a protocol, in that language."""
    return [
        replace(one, place=say(one.place), text=say(one.text), fix=say(one.fix)) for one in problems
    ]


def changed(changes: Sequence[Change]) -> list[Change]:
    """What differs between two versions, in that language."""
    return [replace(one, what=say(one.what)) for one in changes]
