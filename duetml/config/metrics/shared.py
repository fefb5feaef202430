"""Adding up over processes, in the broker. Losing it loses counts, and nothing else."""

import atexit
import logging
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock, Thread

from redis import Redis
from redis.exceptions import RedisError

from duetml.config.metrics.tally import Tally

COUNTS, SOCKETS, WORKERS, SWEPT = (
    "duetml:metrics",
    "duetml:sockets",
    "duetml:workers",
    "duetml:swept",
)
EVERY_SECONDS = 2.0
GONE_AFTER_SECONDS = 12.0  # a process that was silent for so long has ended
PATIENCE_SECONDS = 2.0

log = logging.getLogger(__name__)


@lru_cache
def broker() -> "Redis":
    from django.conf import settings

    return Redis.from_url(
        settings.ENV.channels_url,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        decode_responses=True,
    )


@dataclass
class Process:
    """What this process counted, and says of itself while it runs."""

    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    tally: Tally = field(default_factory=Tally)
    sockets: int | None = None  # None: serves none
    queues: str | None = None  # None: no worker
    _lock: Lock = field(default_factory=Lock)
    _begun: bool = False

    def begin(self) -> None:
        """Tell from now on, in a thread of its own."""
        with self._lock:
            if self._begun:
                return
            self._begun = True
        Thread(target=self._go_on, name="metrics", daemon=True).start()
        atexit.register(self.leave)

    def _go_on(self) -> None:
        while True:
            time.sleep(EVERY_SECONDS)
            self.tell(time.time())

    def tell(self, now: float) -> None:
        """`now`: seconds since 1970."""
        taken = self.tally.take()
        try:
            with broker().pipeline(transaction=False) as pipeline:
                for key, amount in taken.items():
                    pipeline.hincrbyfloat(COUNTS, key, amount)
                if self.sockets is not None:
                    pipeline.hset(SOCKETS, self.name, f"{now:.0f} {self.sockets}")
                if self.queues is not None:
                    pipeline.hset(WORKERS, self.name, f"{now:.0f} {self.queues}")
                pipeline.execute()
        except (OSError, RedisError):
            self.tally.put_back(taken)

    def leave(self) -> None:
        """The last words of a process that ends."""
        try:
            self.tell(time.time())
            broker().hdel(SOCKETS, self.name)
            broker().hdel(WORKERS, self.name)
        except (OSError, RedisError):
            log.debug("the broker is away: no last words")


this_process = Process()


def swept(now: float) -> None:
    """Note that beat's tick arrived at a worker."""
    try:
        broker().set(SWEPT, f"{now:.0f}")
    except (OSError, RedisError):
        log.debug("the broker is away: the sweep is not noted")


def last_sweep() -> float | None:
    """Raises RedisError."""
    found = broker().get(SWEPT)
    return float(found) if found else None


def counts() -> dict[str, float]:
    """Series → value. Raises RedisError."""
    return {str(key): float(value) for key, value in broker().hgetall(COUNTS).items()}


def living(what: str, now: float) -> Mapping[str, str]:
    """Process → what it said of itself, of those that live. Raises RedisError."""
    found = {}
    for name, told in broker().hgetall(what).items():
        at, _, words = str(told).partition(" ")
        if now - float(at) <= GONE_AFTER_SECONDS:
            found[str(name)] = words
        else:
            broker().hdel(what, name)
    return found
