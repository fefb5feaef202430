"""A request's id: the proxy's if it gave one, else one of our own; in every log line and in the
answer, so that the proxy's line and ours are found by each other."""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any

HEADER = b"x-request-id"
WELL_FORMED = re.compile(rb"[0-9a-f]{16,64}")
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

Message = Mapping[str, Any]
Application = Callable[..., Awaitable[None]]


def traced(app: Application) -> Application:
    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        given = dict(scope.get("headers", ())).get(HEADER, b"")
        known = given.decode() if WELL_FORMED.fullmatch(given) else secrets.token_hex(16)
        request_id.set(known)
        others = [(name, value) for name, value in scope.get("headers", ()) if name != HEADER]
        scope = {**scope, "headers": [*others, (HEADER, known.encode())]}

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), (HEADER, known.encode())]
                message = {**message, "headers": headers}
            await send(message)

        await app(scope, receive, named)

    return application
