"""Django in a few threads that stay, under an ASGI server.

Views are synchronous. Under Django's own ASGI handler every request gets a thread and a database
connection of its own, which costs as much as the page; here they are kept. Bodies are read and
answers sent outside of the threads, so that nobody's slow line holds one.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings

Message = Mapping[str, Any]
Receive = Callable[[], Any]
Send = Callable[[Message], Any]
Answer = tuple[int, list[tuple[bytes, bytes]], "bytes | Iterable[bytes]"]
UNPREFIXED = {b"content-length": "CONTENT_LENGTH", b"content-type": "CONTENT_TYPE"}


class GoneError(Exception):
    """The browser hung up while its request was read."""


def threaded(wsgi: Callable[..., Any], threads: int) -> Callable[..., Any]:
    """The ASGI application of a Django WSGI handler, run by `threads` threads."""
    pool = ThreadPoolExecutor(threads, "http")

    async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        run = asyncio.get_running_loop().run_in_executor
        with SpooledTemporaryFile(settings.FILE_UPLOAD_MAX_MEMORY_SIZE) as body:
            try:
                await _read(receive, body)
            except GoneError:
                return
            status, headers, content = await run(pool, _answer, wsgi, environ(scope, body))
            await send({"type": "http.response.start", "status": status, "headers": headers})
            if isinstance(content, bytes):
                await send({"type": "http.response.body", "body": content})
                return
            pieces = iter(content)
            try:
                while (piece := await run(pool, next, pieces, None)) is not None:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            finally:
                await run(pool, content.close)  # type: ignore[attr-defined]  # Django's response
            await send({"type": "http.response.body", "body": b""})

    return application


def environ(scope: Mapping[str, Any], body: IO[bytes]) -> dict[str, Any]:
    """The request as WSGI tells it (PEP 3333). Header names with an underscore, which could pass
    for others, are left out.
    """
    host, port = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    told: dict[str, Any] = {
        "asgi.scope": scope,
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "REMOTE_ADDR": client[0],
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
    }
    for name, value in scope.get("headers", ()):
        if b"_" in name:
            continue
        key = UNPREFIXED.get(name) or f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"
        before = f"{told[key]}{'; ' if key == 'HTTP_COOKIE' else ','}" if key in told else ""
        told[key] = before + value.decode("latin-1")
    return told


async def _read(receive: Receive, body: SpooledTemporaryFile[bytes]) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        body.write(message.get("body", b""))
        if not message.get("more_body"):
            body.seek(0)
            return


def _answer(wsgi: Callable[..., Any], request: dict[str, Any]) -> Answer:
    """In a thread: a whole page with all that belongs to it; of a stream, the beginning."""
    told: list[Any] = []
    response = wsgi(request, lambda status, headers, exc_info=None: told.extend((status, headers)))
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in told[1]]
    status = int(told[0].split(" ", 1)[0])
    if response.streaming:
        return status, headers, response
    try:
        return status, headers, b"".join(response)
    finally:
        response.close()
