"""What a participant did, from the log of a workspace."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from duetml.live.kinds import check
from evaluation.stats.measures import Logged, balance, measures, overlap

OPENED = ("workspace.opened", {"images": ["i1", "i2", "i3", "i4"]})


def log(*told: tuple[float, str, Mapping[str, Any]]) -> list[Logged]:
    """Seconds, kind, payload; each as the live log would take it."""
    events = [Logged(0, *OPENED), *(Logged(*one) for one in told)]
    for event in events:
        check(event.kind, event.payload)
    return events


def created(at: float, key: str, name: str) -> tuple[float, str, Mapping[str, Any]]:
    return at, "category.created", {"category": key, "name": name, "position": 0, "mark": 0}


def added(at: float, key: str, *images: str) -> tuple[float, str, Mapping[str, Any]]:
    return at, "images.added", {"category": key, "images": list(images)}


def advised(at: float, text: str, agent: str = "proactive") -> tuple[float, str, Mapping[str, Any]]:
    payload = {"call": "c", "agent": agent, "trigger": "timer", "message": "m", "text": text}
    return at, "agent.answered", payload | {"offline": False}


def test_a_workspace_nobody_touched_has_counts_of_zero_and_no_times() -> None:
    found = measures(log())

    assert (found.edits, found.trainings, found.pictures, found.coverage) == (0, 0, 0, 0)
    nothing = (found.seconds_to_first_training, found.edits_per_category, found.balance)
    assert (*nothing, found.share_taken_up) == (None,) * 4


def test_what_was_done_is_counted() -> None:
    training = {"run": "r", "number": 1, "data": []}
    posted = {"message": "m", "text": "?", "call": "c"}

    found = measures(
        log(
            created(5, "a", "cat"),
            created(6, "b", "dog"),
            added(8, "a", "i1", "i2"),
            added(9, "b", "i3"),
            (20, "training.requested", training),
            (30, "training.requested", training),
            (31, "test.requested", {"test": "t", "run": "r", "images": ["i4"]}),
            (32, "chat.posted", posted | {"trigger": "message"}),
            (33, "chat.posted", posted | {"trigger": "ask_data"}),
            (34, "category.deleted", {"category": "b", "name": "dog", "images": ["i3"]}),
        )
    )

    assert (found.seconds_to_first_training, found.trainings, found.tests) == (20, 2, 1)
    assert (found.edits, found.edits_per_category) == (5, 2.5)
    assert (found.categories, found.pictures, found.coverage) == (1, 2, 0.5)
    assert (found.messages_chat, found.messages_ask_data, found.messages_ask_test) == (1, 1, 0)


@pytest.mark.parametrize(
    ("advice", "change", "taken_up"),
    [
        ("What about “water animals”?", created(60, "c", "Water animals"), True),
        ("「水の生き物」はどうですか。", created(60, "c", "水の生き物"), True),
        ("Your cats look alike.", added(60, "a", "i1"), True),
        ("Picture 2 may be wrong.", added(60, "a", "i2"), True),
        ("画像 2 を見てください。", added(60, "a", "i2"), True),
        ("Picture 2 may be wrong.", added(60, "b", "i1"), False),
        ("Think of concatenation.", added(60, "a", "i1"), False),
        ("Your cats look alike.", added(131, "a", "i1"), False),
        ("Your cats look alike.", added(9, "a", "i1"), False),
        (
            "Is “cat” too wide?",
            (60, "category.renamed", {"category": "a", "name": "tiger", "was": "cat"}),
            True,
        ),
        (
            "Is “tiger” better?",
            (60, "category.renamed", {"category": "a", "name": "tiger", "was": "cat"}),
            True,
        ),
    ],
)
def test_advice_is_taken_up_by_a_change_soon_after_that_uses_what_it_named(
    advice: str, change: tuple[float, str, Mapping[str, Any]], taken_up: bool
) -> None:
    events = [created(1, "a", "cat"), created(2, "b", "dog"), advised(10, advice), change]

    found = measures(log(*sorted(events, key=lambda event: event[0])))

    assert found.advice_taken_up == taken_up
    assert found.share_taken_up == taken_up
    assert (found.advice_proactive, found.advice_reactive) == (1, 0)


def test_two_changes_after_one_piece_of_advice_take_it_up_once() -> None:
    found = measures(
        log(
            created(1, "a", "cat"),
            advised(10, "More of “cat”?", "reactive"),
            added(11, "a", "i1"),
            added(12, "a", "i2"),
            advised(13, "Well done."),
        )
    )

    assert (found.advice_taken_up, found.share_taken_up) == (1, 0.5)


@pytest.mark.parametrize(
    ("sizes", "found"),
    [([5, 5, 5], 1), ([5], None), ([], None), ([4, 0], None), ([9, 1], 0.469)],
)
def test_balance_is_the_evenness_of_the_filled_categories(
    sizes: list[int], found: float | None
) -> None:
    assert balance(sizes) == (None if found is None else pytest.approx(found, abs=5e-4))


def test_overlap_is_the_share_of_pictures_nearest_to_another_category() -> None:
    apart = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]])

    assert overlap(apart, ["a", "a", "b", "b"]) == 0
    assert overlap(apart, ["a", "b", "a", "b"]) == 1
    assert overlap(np.ones((4, 2)), ["a", "a", "b", "b"]) == pytest.approx(2 / 3)
    assert overlap(apart, ["a"] * 4) is None


def test_the_values_are_named_and_in_order() -> None:
    values = measures(log()).values()

    assert list(values)[:2] == ["seconds_to_first_training", "trainings"]
    assert all(value is None or value >= 0 for value in values.values())
