"""Sentences in English as rules and commands say them, which a page can translate."""

from collections.abc import Mapping


def gettext_noop(text: str) -> str:
    """The text as it is; marks it for the catalogues of translations."""
    return text


class Phrase(str):
    """English that remembers what it was made of; values that are phrases are translated too."""

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, **values: object) -> "Phrase":
        made = super().__new__(cls, template % values if values else template)
        made.template, made.values = template, values
        return made
