"""How one version of a protocol differs from another, by meaning: steps, items, words, times."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from study.rules.phrase import Phrase, gettext_noop
from study.rules.protocol import ProtocolFile

LONGEST = 80
TOLD = frozenset({"reporting", "version"})  # what nobody who takes part meets
KEYED = ("steps", "items", "conditions", "criteria")
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """`place`: such as "steps.practice.minutes.maximum"; `what`: in words, as a phrase."""

    place: str
    what: str


def differences(old: ProtocolFile, new: ProtocolFile) -> list[Change]:
    """Every change, in the order of the new protocol; empty where both mean the same."""
    return list(_mapping("", _plain(old), _plain(new)))


def is_another_study(old: ProtocolFile, new: ProtocolFile) -> bool:
    """Whether anything differs but words for the report: for people or for the analysis."""
    return any(one.place.partition(".")[0] not in TOLD for one in differences(old, new))


def _plain(protocol: ProtocolFile) -> Document:
    return protocol.model_dump(mode="json", exclude_none=True)


def _mapping(place: str, old: Document, new: Document) -> Iterator[Change]:
    for name in [*new, *(gone for gone in old if gone not in new)]:
        yield from _value(f"{place}.{name}" if place else str(name), old.get(name), new.get(name))


def _value(place: str, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _mapping(place, old, new)
    elif place.rsplit(".", 1)[-1] in KEYED and isinstance(old, list) and isinstance(new, list):
        yield from _entries(place, old, new)
    elif old is None or old == []:
        yield Change(place, Phrase(gettext_noop("added: %(what)s"), what=_short(new)))
    elif new is None or new == []:
        yield Change(place, Phrase(gettext_noop("taken out (was %(what)s)"), what=_short(old)))
    else:
        yield Change(place, f"{_short(old)} → {_short(new)}")


def _entries(place: str, old: Sequence[Document], new: Sequence[Document]) -> Iterator[Change]:
    """Lists whose entries have keys: what is new, gone, elsewhere or changed."""
    before, after = ({one["key"]: one for one in entries} for entries in (old, new))
    for key, entry in after.items():
        if key not in before:
            yield Change(f"{place}.{key}", Phrase(gettext_noop("added")))
        else:
            yield from _mapping(f"{place}.{key}", before[key], entry)
    for key in before:
        if key not in after:
            yield Change(f"{place}.{key}", Phrase(gettext_noop("taken out")))
    kept = [key for key in before if key in after], [key for key in after if key in before]
    if kept[0] != kept[1]:
        text = gettext_noop("in another order: %(keys)s")
        yield Change(place, Phrase(text, keys=", ".join(kept[1])))


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"“{text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}”"
