"""Replaying events: what older logs tell, and how little a long history needs."""

import tracemalloc
from uuid import uuid4

from duetml.workspace.rules.replay import Happened, rebuild


def test_events_written_before_marks_and_drawn_pictures_are_understood() -> None:
    events = [
        Happened("workspace.opened", {"images": 6}, seq=1),
        Happened("category.created", {"category": "a", "name": "a", "position": 0}, True, 2),
        Happened("category.created", {"category": "b", "name": "b", "position": 1}, True, 3),
        Happened("images.added", {"category": "b", "images": ["x"]}, True, 4),
        Happened("image.uploaded", {"image": "y", "category": "b", "origin": "upload"}, True, 5),
    ]

    moment = rebuild(events)

    assert [(one.mark, one.images) for one in moment.arrangement.values()] == [
        (0, ()),
        (1, ("x", "y")),
    ]
    assert moment.undo == (0, 2, 3, 4)


def test_thousands_of_steps_with_thousands_of_pictures_need_little_memory() -> None:
    """Every opening of a page replays them, in the web process."""
    category = {"category": "a", "name": "a", "position": 0, "mark": 0}
    events = [Happened("category.created", category, True, 1)]
    for number in range(2, 3002):
        told = {"image": str(uuid4()), "category": "a", "origin": "upload"}
        events.append(Happened("image.uploaded", told, True, number))

    tracemalloc.start()
    moment = rebuild(events)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(moment.undo) == 3001
    assert peak < 2_000_000  # with every arrangement kept: 36 MB
