"""Agent calls under way in this process: their leases kept, and whether anybody still waits for
them. One thread and one query for all of them, however many there are."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Thread
from uuid import UUID

from django.db import Error, close_old_connections, connection
from django.utils import timezone

from duetml.workspace.models import AgentCall, State

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 0.5
RENEWALS_PER_LEASE = 3


class Watched:
    """`lost`: somebody else does this work by now; `stopped`: the person wants no more of the
    answer; `unwanted`: its agent was switched off, so that nobody is to see it."""

    def __init__(self, call: AgentCall) -> None:
        self.attempt = call.attempt
        self.lost = False
        self.stopped = False
        self.unwanted = False


class Watch:
    def __init__(self) -> None:
        self._calls: dict[UUID, Watched] = {}
        self._changed = Condition()
        self._thread: Thread | None = None

    @contextmanager
    def over(self, call: AgentCall) -> Iterator[Watched]:
        """Watch a claimed call for the time of the block."""
        watched = Watched(call)
        with self._changed:
            self._calls[call.pk] = watched
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, daemon=True)
                self._thread.start()
        try:
            yield watched
        finally:
            with self._changed:
                self._calls.pop(call.pk, None)
                self._changed.notify()

    def _run(self) -> None:
        """Until no call is left: a process without calls has no thread and no connection here."""
        renewal = AgentCall.LEASE.total_seconds() / RENEWALS_PER_LEASE
        renewed_at = time.monotonic()
        while calls := self._after_a_pause():
            is_time = time.monotonic() - renewed_at >= renewal
            try:
                close_old_connections()
                _look(calls, renew=is_time)
            except Error as problem:  # the lease outlasts two looks that did not come through
                log.warning("agent calls not looked after: %s", problem)
                continue
            renewed_at = time.monotonic() if is_time else renewed_at
        connection.close()

    def _after_a_pause(self) -> dict[UUID, Watched]:
        """The calls under way; none: the thread is forgotten before anybody can count on it."""
        with self._changed:
            self._changed.wait_for(lambda: not self._calls, LOOK_EVERY_SECONDS)
            if not self._calls:
                self._thread = None
            return dict(self._calls)


def _look(calls: dict[UUID, Watched], renew: bool) -> None:
    rows = AgentCall.objects.filter(pk__in=calls, state=State.RUNNING)
    told = {row.pk: row for row in rows.only("attempt", "stop_at", "unwanted")}
    mine = []
    for pk, watched in calls.items():
        row = told.get(pk)
        if row is None or row.attempt != watched.attempt:
            watched.lost = True
            continue
        watched.stopped, watched.unwanted = row.stop_at is not None, row.unwanted
        mine.append(pk)
    if renew:
        rows.filter(pk__in=mine).update(lease_until=timezone.now() + AgentCall.LEASE)


watch = Watch()
