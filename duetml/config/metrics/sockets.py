"""Counts open sockets."""

from collections.abc import Awaitable, Callable
from typing import Any

from duetml.config.metrics.shared import this_process

Application = Callable[..., Awaitable[None]]


def counted(app: Application) -> Application:
    this_process.sockets = 0

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        # All on one loop: nobody counts at the same time.
        this_process.sockets = (this_process.sockets or 0) + 1
        this_process.tally.add("duetml_sockets_opened_total")
        try:
            await app(scope, receive, send)
        finally:
            this_process.sockets -= 1

    return application
