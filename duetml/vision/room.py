"""Room for a bounded amount of something in use at one time, first come, first served."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock


class Room:
    """`total` in any unit. What is larger than all the room is let in when it is empty."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._left = total
        self._freed = Condition()
        self._turn = Lock()  # a large one waits at the head: small ones do not slip by for ever

    @contextmanager
    def taken(self, amount: int) -> Iterator[None]:
        """Wait until `amount` is free, and hold it for the time of the block."""
        held = min(amount, self.total)
        with self._turn, self._freed:
            self._freed.wait_for(lambda: self._left >= held)
            self._left -= held
        try:
            yield
        finally:
            with self._freed:
                self._left += held
                self._freed.notify_all()
