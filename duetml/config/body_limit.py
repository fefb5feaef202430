"""Keeps request bodies beyond any upload's size off the disk: Django would spool them whole."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

# One picture of the largest allowed size, and room for the form around it.
LARGEST_BODY_BYTES = 12_000_000

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


class BodyTooLargeError(Exception):
    pass


def limited(app: Application) -> Application:
    """The HTTP application; a body that turns out too large is read to its end, dropped and
    answered with 413 (a connection cut in the middle would look like a lost network)."""

    async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST_BODY_BYTES:
                await _drop_rest(message, receive)
                raise BodyTooLargeError
            return message

        try:
            await app(scope, counted, send)
        except BodyTooLargeError:
            headers = [(b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": 413, "headers": headers})
            await send({"type": "http.response.body", "body": b"The request is too large."})

    return application


async def _drop_rest(message: Message, receive: Receive) -> None:
    while message.get("more_body"):
        message = await receive()
