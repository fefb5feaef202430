"""What a participant did in a workspace, in numbers: from its log alone, for ``contrasts``.

Each measure is one number per participant and workspace, or None where it does not exist: who
never trained has no time to the first training.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from duetml.workspace.rules.replay import Arrangement, Happened, Moment, Payload, after

TAKEN_UP_WITHIN = 120.0  # seconds
EDITS = ("category.", "categories.", "images.", "image.", "data.")


@dataclass(frozen=True, slots=True)
class Logged:
    """One event: seconds since the workspace was opened, and what is in the log."""

    at: float
    kind: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Measures:
    """``edits_per_category``: edits over categories that ever were. ``advice``: what both agents
    said, the greeting left out; ``advice_taken_up``: pieces after which, within TAKEN_UP_WITHIN
    seconds, a change used a category or picture they named. ``coverage``: the share of the offered
    pictures that are in a category at the end; ``balance``: see ``balance``.
    """

    seconds_to_first_training: float | None
    trainings: int
    tests: int
    edits: int
    edits_per_category: float | None
    categories: int
    pictures: int
    coverage: float | None
    balance: float | None
    messages_chat: int
    messages_ask_data: int
    messages_ask_test: int
    advice_reactive: int
    advice_proactive: int
    advice_taken_up: int
    share_taken_up: float | None

    def values(self) -> dict[str, float | None]:
        """Measure → number, in order."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Change:
    """What an edit touched: names of categories, in the form they are compared in, and the numbers
    the page gives the pictures."""

    at: float
    names: frozenset[str]
    pictures: frozenset[int]


def measures(events: Sequence[Logged]) -> Measures:
    """Of the events of one workspace, in order, from its first."""
    moment, changes = Moment(), list[_Change]()
    ever: set[str] = set()
    number_of: dict[str, int] = {}  # the page's numbers of the pictures offered
    for event in events:
        before = moment.arrangement
        moment = after(moment, Happened(event.kind, event.payload))
        ever |= moment.arrangement.keys()
        if len(moment.offered) != len(number_of):  # pictures are added and never taken away
            number_of = {image: number for number, image in enumerate(moment.offered, start=1)}
        if event.kind.startswith(EDITS):
            changes.append(_change(event, before, moment.arrangement, number_of))
    posted = [e.payload["trigger"] for e in events if e.kind == "chat.posted"]
    advice = [e for e in events if e.kind == "agent.answered"]
    taken_up = sum(_is_taken_up(one, changes) for one in advice)
    trainings = [e.at for e in events if e.kind == "training.requested"]
    placed = {image for one in moment.arrangement.values() for image in one.images}
    offered = moment.offered.keys()
    sizes = [len(one.images) for one in moment.arrangement.values()]
    return Measures(
        seconds_to_first_training=trainings[0] if trainings else None,
        trainings=len(trainings),
        tests=sum(e.kind == "test.requested" for e in events),
        edits=len(changes),
        edits_per_category=len(changes) / len(ever) if ever else None,
        categories=len(sizes),
        pictures=len(placed),
        coverage=len(placed & offered) / len(offered) if offered else None,
        balance=balance(sizes),
        messages_chat=posted.count("message"),
        messages_ask_data=posted.count("ask_data"),
        messages_ask_test=posted.count("ask_test"),
        advice_reactive=sum(e.payload["agent"] == "reactive" for e in advice),
        advice_proactive=sum(e.payload["agent"] == "proactive" for e in advice),
        advice_taken_up=taken_up,
        share_taken_up=taken_up / len(advice) if advice else None,
    )


def balance(sizes: Iterable[int]) -> float | None:
    """How evenly pictures lie in the categories that hold some: −Σ p ln p / ln k, 1 if evenly; None
    with fewer than two. Source: Pielou (1966), J. Theor. Biol. 13:131-144."""
    filled = [size for size in sizes if size]
    if len(filled) < 2:
        return None
    shares = [size / sum(filled) for size in filled]
    return min(1.0, -math.fsum(p * math.log(p) for p in shares) / math.log(len(filled)))


def overlap(features: NDArray[np.float64], categories: Sequence[str]) -> float | None:
    """The share of pictures whose nearest other picture lies in another category.

    ``features`` (n, d) of the pictures in categories, ``categories`` (n,) theirs; nearness is the
    cosine, and of equally near ones the share in another category counts. None where fewer than
    two categories have pictures, or no picture has a neighbour.
    """
    of = np.asarray(categories)
    if len(set(categories)) < 2:
        return None
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.where(lengths == 0, 1, lengths)
    likeness = np.round(unit @ unit.T, 6)
    np.fill_diagonal(likeness, -np.inf)
    nearest = likeness == likeness.max(axis=1, keepdims=True)
    elsewhere = nearest & (of[:, np.newaxis] != of)
    return float((elsewhere.sum(axis=1) / nearest.sum(axis=1)).mean())


def _is_taken_up(advice: Logged, changes: Iterable[_Change]) -> bool:
    said = _plain(advice.payload["text"])
    numbers = {int(number) for number in re.findall(r"(?:picture|画像) ?(\d{1,6})", said)}
    return any(
        numbers & change.pictures or any(_names(said, name) for name in change.names)
        for change in changes
        if 0 < change.at - advice.at <= TAKEN_UP_WITHIN
    )


def _names(said: str, name: str) -> bool:
    """Whether the name stands in the text, as a word where it is written in letters with spaces
    between words."""
    if len(name) < 2:
        return re.search(rf"[“\"「]{re.escape(name)}[”\"」]", said) is not None
    if name.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?:s|es)?(?![a-z0-9])", said) is not None
    return name in said


def _change(
    event: Logged, before: Arrangement, now: Arrangement, number_of: Mapping[str, int]
) -> _Change:
    told = event.payload
    names = {_plain(name) for name in _names_of(told, before, now)}
    images = [*told.get("images", ()), *([told["image"]] if "image" in told else [])]
    pictures = {number_of[image] for image in images if image in number_of}
    return _Change(event.at, frozenset(names - {""}), frozenset(pictures))


def _names_of(told: Payload, before: Arrangement, now: Arrangement) -> Iterator[str]:
    """Of the categories an event is about, as they were called before it and after it."""
    for field in ("category", "was", "into"):
        key = told.get(field) or ""
        yield from (arrangement[key].name for arrangement in (before, now) if key in arrangement)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
