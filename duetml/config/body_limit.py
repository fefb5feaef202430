"""Keeps request bodies beyond any upload's size off the disk: Django would spool them whole."""

import re
from collections.abc import Awaitable, Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from duetml.workspace.services import imports

# One picture of the largest allowed size, and room for the form around it.
LARGEST_BODY_BYTES = 12_000_000
ARCHIVE = re.compile(r"/pools/[-\w]+/archive/")  # where staff send zip files of pictures
TOO_LARGE = "duetml.too_large"  # in the scope: the body was dropped, the view says why

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


class BodyTooLargeError(Exception):
    pass


async def standard(scope: Mapping[str, Any]) -> int:
    return LARGEST_BODY_BYTES


async def largest_body(scope: Mapping[str, Any]) -> int:
    """How many bytes this request may bring; known before the first is read."""
    if not ARCHIVE.fullmatch(scope["path"]) or not await database_sync_to_async(_is_staff)(scope):
        return LARGEST_BODY_BYTES
    return imports.largest_archive(settings.POOL_UPLOAD_BYTES)


def limited(
    app: Application, largest: Callable[[Mapping[str, Any]], Awaitable[int]] = standard
) -> Application:
    """The HTTP application; a body that turns out too large is read to its end, dropped and
    answered with 413 (a connection cut in the middle would look like a lost network)."""

    async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        most = await largest(scope)
        if _declared(scope) > most and ARCHIVE.fullmatch(scope["path"]):
            await _drop_rest(await receive(), receive)
            await app(scope | {TOO_LARGE: True}, _nothing_then(receive), send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
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


def _declared(scope: Mapping[str, Any]) -> int:
    told = dict(scope.get("headers", ())).get(b"content-length", b"0")
    return int(told) if told.isdigit() else 0


def _is_staff(scope: Mapping[str, Any]) -> bool:
    headers = dict(scope.get("headers", ()))
    try:
        cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return False
    known = cookies.get(settings.SESSION_COOKIE_NAME)
    request = HttpRequest()
    request.session = SessionStore(known.value if known else None)
    user = get_user(request)
    return bool(user.is_active and getattr(user, "is_staff", False))


def _nothing_then(receive: Receive) -> Receive:
    is_first = True

    async def empty() -> Message:
        nonlocal is_first
        if is_first:
            is_first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        return await receive()

    return empty


async def _drop_rest(message: Message, receive: Receive) -> None:
    while message.get("more_body"):
        message = await receive()
