"""Who is answered how: what was scripted, in its order, then what always holds, then trouble."""

from collections.abc import Callable
from hashlib import blake2b

from tests.vendor.behaviour import Behaviour, cut, fails, rate_limited, refuses
from tests.vendor.seen import Seen

Match = Callable[[Seen], bool]
To = Match | str | None

# Every third answer goes wrong in the next of these ways. A client that tries again meets the same
# failure until it gives up, so that it can be looked at.
TROUBLES = (rate_limited("30"), fails(500), cut(6, None), refuses())
EVERY, TRIES = 3, 3


class Script:
    """Behaviours by request. `to`: an agent's name, or whatever can be told from a request."""

    def __init__(self, trouble: bool = False) -> None:
        self._queued: list[tuple[Match, Behaviour]] = []
        self._standing: list[tuple[Match, Behaviour]] = []
        self._trouble = Trouble() if trouble else None

    def queue(self, behaviours: tuple[Behaviour, ...], to: To = None) -> None:
        """One behaviour per coming request that matches."""
        self._queued += [(_match(to), behaviour) for behaviour in behaviours]

    def stand(self, behaviour: Behaviour, to: To = None) -> None:
        """For every request that matches and has nothing queued; the newest one counts."""
        self._standing.insert(0, (_match(to), behaviour))

    def forget(self) -> None:
        self._queued, self._standing = [], []

    def take(self, seen: Seen) -> Behaviour:
        for number, (matches, behaviour) in enumerate(self._queued):
            if matches(seen):
                del self._queued[number]
                return behaviour
        for matches, behaviour in self._standing:
            if matches(seen):
                return behaviour
        return self._trouble.next(seen) if self._trouble else Behaviour()


class Trouble:
    """Every third answer fails, each time in another way."""

    def __init__(self) -> None:
        self._asked = 0
        self._again: dict[bytes, tuple[int, Behaviour]] = {}  # by request: how often yet, and how

    def next(self, seen: Seen) -> Behaviour:
        key = blake2b(seen.text.encode(errors="replace"), digest_size=16).digest()
        left, behaviour = self._again.pop(key, (0, Behaviour()))
        if left == 0:
            self._asked += 1
            if self._asked % EVERY:
                return Behaviour()
            left, behaviour = TRIES, TROUBLES[self._asked // EVERY % len(TROUBLES) - 1]
        if behaviour.status == 500 and left > 1:
            self._again[key] = (left - 1, behaviour)
        return behaviour


def _match(to: To) -> Match:
    if to is None:
        return lambda seen: True
    if isinstance(to, str):
        return lambda seen: seen.agent == to
    return to
