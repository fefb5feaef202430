"""Protocols for tests: the built-in study, changed as a test needs it."""

from collections.abc import Callable
from typing import Any

import yaml

from tests.studies import OFFLINE

Document = dict[str, Any]


def changed(change: Callable[[Document], None], source: str = OFFLINE) -> str:
    """The text of the protocol after `change` was made to its document, in place."""
    document = yaml.safe_load(source)
    change(document)
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def with_terms(**terms: Any) -> str:
    """The protocol with these parts put in or, where they are mappings, added to."""

    def change(document: Document) -> None:
        for name, value in terms.items():
            is_part = isinstance(value, dict) and isinstance(document.get(name), dict)
            document[name] = document[name] | value if is_part else value

    return changed(change)


def step_of(document: Document, key: str) -> Document:
    found: Document = next(step for step in document["steps"] if step["key"] == key)
    return found
