"""How far an export is, told by a thread of its own: the worker's connection reads one state of the
database meanwhile and may write nothing."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from django.db import Error, connection

from duetml.workspace.models import LeaseLostError, State
from evaluation.models import ExportJob

log = logging.getLogger(__name__)
TOLD_EVERY = 1.0  # seconds


@dataclass
class Progress:
    """Rows written of those expected, in all formats. `tick` raises LeaseLostError once `lost` is
    set: somebody else does the work by now."""

    lost: Event = field(default_factory=Event)
    done: int = 0
    total: int = 0

    def expect(self, rows: int) -> None:
        self.done, self.total = 0, rows

    def tick(self, rows: int) -> None:
        if self.lost.is_set():
            raise LeaseLostError
        self.done += rows


@contextmanager
def told(row: ExportJob, progress: Progress) -> Iterator[None]:
    over = Event()
    mine = ExportJob.objects.filter(pk=row.pk, state=State.RUNNING, attempt=row.attempt)

    def tell() -> None:
        while not over.wait(TOLD_EVERY):
            done, total = min(progress.done, progress.total), progress.total
            try:
                mine.update(done=done, total=total)
            except Error as problem:  # the next one may come through
                log.warning("progress of export %s not told: %s", row.pk, problem)
            finally:
                connection.close()

    teller = Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
