"""A circuit breaker: an endpoint that keeps failing is left alone for a while."""

from random import Random
from threading import Lock

from duetml.llm.client import Failure, VendorError

FAILURES_TO_REST = 5
FIRST_REST_SECONDS = 30.0
LONGEST_REST_SECONDS = 300.0

# These say that the next call, whoever makes it, will most likely fail as well: nobody answers, in
# time or at all; the account's rate is used up; its key is refused or its credit is gone. All other
# failures came from an endpoint that answers, and speak of one request or one answer.
OF_THE_ENDPOINT = {
    Failure.UNAVAILABLE,
    Failure.TIMEOUT,
    Failure.RATE_LIMITED,
    Failure.UNAUTHORISED,
}


class Breaker:
    """What the calls to one endpoint tell of it. Times are seconds of any one clock.

    After FAILURES_TO_REST calls in a row that failed, each with all its retries, the endpoint
    rests: nobody asks it. Then one call is let through to try; if it fails, the next rest is twice
    as long, up to a limit. Safe to share between threads.
    """

    def __init__(self, rng: Random | None = None) -> None:
        self._rng = rng or Random()
        self._lock = Lock()
        self._failures = 0
        self._rests = 0  # one after the other, without a success between them
        self._until = 0.0
        self._why = ""
        self._era = 0  # grows when a rest or a trial begins: what began before says nothing new

    def admit(self, now: float, longest_seconds: float) -> int:
        """Let a call go out that takes `longest_seconds` at most; its end is told with what this
        returns.

        Raises VendorError (RESTING, with the seconds left) while the endpoint rests or is tried.
        """
        with self._lock:
            if self._rests:
                left = self._until - now
                if left > 0:
                    raise VendorError(Failure.RESTING, f"not asked, because of {self._why}", left)
                self._until = now + longest_seconds
                self._era += 1
            return self._era

    def answered(self) -> None:
        """The endpoint answers somebody, so nobody need wait any longer."""
        with self._lock:
            self._failures = self._rests = 0

    def failed(self, permit: int, error: VendorError, now: float) -> None:
        """A call that admit() let through came to nothing."""
        if error.kind not in OF_THE_ENDPOINT:
            return self.answered()
        with self._lock:
            if permit != self._era:
                return None
            self._failures += 1
            if self._rests or self._failures >= FAILURES_TO_REST:
                self._rest(error, now)
        return None

    def withdrawn(self, permit: int, now: float) -> None:
        """Whoever asked wanted no answer any more; another may try."""
        with self._lock:
            if self._rests and permit == self._era:
                self._until = now

    def _rest(self, error: VendorError, now: float) -> None:
        doubled = FIRST_REST_SECONDS * 2 ** min(self._rests, 10) * self._rng.uniform(1, 1.25)
        seconds = min(LONGEST_REST_SECONDS, max(doubled, error.retry_after_seconds or 0))
        self._until, self._why = now + seconds, str(error)
        self._rests += 1
        self._era += 1
        self._failures = 0
