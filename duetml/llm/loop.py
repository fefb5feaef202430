"""One event loop for every call of a process, in a thread of its own; callers wait in theirs."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from duetml.llm.client import Chunk, Failure, VendorError
from duetml.llm.failures import vendor_error

HEARTBEAT_SECONDS = 0.25

Arrived = SimpleQueue[Chunk | VendorError | None]

_starting = Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}  # by process id: a forked child has no threads


def running_loop() -> asyncio.AbstractEventLoop:
    """This process's loop; the first caller starts it."""
    with _starting:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = asyncio.new_event_loop()
            Thread(target=loop.run_forever, name="llm", daemon=True).start()
            _loops[os.getpid()] = loop
        return loop


def heard(chunks: AsyncIterator[Chunk], deadline: float) -> Iterator[Chunk]:
    """The chunks, read on the loop, and a heartbeat whenever nothing came for a while.

    Raises VendorError, at `deadline` (time.monotonic) too: no socket timeout bounds a whole answer,
    since a vendor that drips a byte now and then resets each of them. Closing this iterator cancels
    the reading, which closes its connection.
    """
    arrived: Arrived = SimpleQueue()
    reading = asyncio.run_coroutine_threadsafe(_read(chunks, arrived), running_loop())
    try:
        yield from _until(deadline, arrived)
    finally:
        reading.cancel()


def pause(seconds: float) -> Iterator[Chunk]:
    """Heartbeats for so long."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, HEARTBEAT_SECONDS))
        yield Chunk()


async def _read(chunks: AsyncIterator[Chunk], arrived: Arrived) -> None:
    begun = False
    try:
        async for chunk in chunks:
            begun = True
            arrived.put(chunk)
        arrived.put(None)
    except Exception as error:  # whatever a vendor sends, callers meet one kind of error
        arrived.put(vendor_error(error, begun, datetime.now(UTC)))


def _until(deadline: float, arrived: Arrived) -> Iterator[Chunk]:
    while True:
        left = deadline - time.monotonic()
        try:
            item = arrived.get(timeout=max(0.0, min(left, HEARTBEAT_SECONDS)))
        except Empty:
            if left <= HEARTBEAT_SECONDS:
                raise VendorError(Failure.TIMEOUT, "the whole answer took too long") from None
            yield Chunk()
            continue
        if item is None:
            return
        if isinstance(item, VendorError):
            raise item
        yield item
