"""Keeping a claimed row while the work on it lasts, however long it is silent."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.db import connection
from django.utils import timezone

from duetml.workspace.models import Claimable

RENEWALS_PER_LEASE = 3


class LeaseLostError(Exception):
    """Somebody else does this work by now."""


@contextmanager
def kept(row: Claimable) -> Iterator[Event]:
    """Renew the row's lease from a thread of its own; the event is set once the lease was lost."""
    done, lost = Event(), Event()
    pause = row.LEASE.total_seconds() / RENEWALS_PER_LEASE

    def renew() -> None:
        try:
            while not done.wait(pause):
                if not row.renew(timezone.now()):
                    lost.set()
                    return
        finally:
            connection.close()

    keeper = Thread(target=renew, daemon=True)
    keeper.start()
    try:
        yield lost
    finally:
        done.set()
        keeper.join()
