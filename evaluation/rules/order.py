"""The order in which a rater meets submissions; a second occurrence of an id is a repeat."""

from collections.abc import Sequence
from random import Random

LATE = 0.75  # repeats come in the last quarter


def first_order(submissions: Sequence[str], rng: Random) -> list[str]:
    order = list(submissions)
    rng.shuffle(order)
    return order


def with_repeats(
    order: Sequence[str], shown: int, wanted: int, rng: Random
) -> tuple[list[str], list[tuple[str, int]]]:
    """The order with submissions of its first half shown again in its last quarter, behind what
    was met, and (submission, place from 0) of each that was added.

    Nothing while there are fewer than twice as many submissions as repeats: so few would be
    recognised.
    """
    single = list(dict.fromkeys(order))
    again = len(order) - len(single)
    if wanted <= again or len(single) < max(4, 2 * wanted):
        return list(order), []
    early = [one for one in single[: len(single) // 2] if list(order).count(one) == 1]
    chosen = rng.sample(early, min(wanted - again, len(early)))
    now, added = list(order), []
    for submission in chosen:
        place = rng.randint(max(shown, int(LATE * len(now))), len(now))
        now.insert(place, submission)
        added.append((submission, place))
    return now, added


def marked(order: Sequence[str]) -> list[tuple[str, bool]]:
    """(submission, whether it is a repeat) along the order."""
    met: set[str] = set()
    found = []
    for submission in order:
        found.append((submission, submission in met))
        met.add(submission)
    return found
