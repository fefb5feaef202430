"""Keeping a claimed row while the work on it lasts, however long it is silent."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.db import Error, connection
from django.utils import timezone

from duetml.workspace.models import Claimable

log = logging.getLogger(__name__)

RENEWALS_PER_LEASE = 3


@contextmanager
def kept(row: Claimable) -> Iterator[Event]:
    """Renew the row's lease from a thread of its own; the event is set once the lease was lost."""
    done, lost = Event(), Event()
    pause = row.LEASE.total_seconds() / RENEWALS_PER_LEASE

    def renew() -> None:
        while not done.wait(pause):
            try:
                is_mine = row.renew(timezone.now())
            except Error as problem:  # the lease outlasts two renewals that did not come through
                log.warning("lease of %s not renewed: %s", row.pk, problem)
                continue
            finally:
                connection.close()  # there are fewer of them than threads
            if not is_mine:
                lost.set()
                return

    keeper = Thread(target=renew, daemon=True)
    keeper.start()
    try:
        yield lost
    finally:
        done.set()
        keeper.join()
