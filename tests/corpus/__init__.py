"""Files that people might send, built by code: for each, what must become of it."""

from collections.abc import Iterator

from tests.corpus import animated, bombs, colours, damaged, metadata, names, shapes, strangers
from tests.corpus.case import Case


def corpus() -> Iterator[Case]:
    for room in (shapes, colours, metadata, animated, damaged, bombs, strangers, names):
        yield from room.cases()
