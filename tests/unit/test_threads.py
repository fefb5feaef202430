"""Django in threads that stay: what comes in and goes out is what a browser and Django meant."""

import asyncio
import io
import threading
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse, StreamingHttpResponse

from duetml.config.threads import environ, threaded

SCOPE: dict[str, Any] = {
    "method": "POST",
    "path": "/a b/é",
    "query_string": b"q=%C3%A9",
    "http_version": "1.1",
    "scheme": "https",
    "server": ("127.0.0.1", 8000),
    "client": ("10.0.0.7", 5),
    "headers": [
        (b"host", b"example.org"),
        (b"content-type", b"text/plain"),
        (b"content-length", b"5"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"x_forwarded_proto", b"http"),
    ],
}


def handler(answer: HttpResponse | StreamingHttpResponse) -> Any:
    """What Django's WSGI handler does with the answer of a view."""

    def wsgi(request: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", list(answer.items()))
        return answer

    return wsgi


def exchange(app: Any, *received: dict[str, Any]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    waiting = iter(received)

    async def receive() -> dict[str, Any]:
        return next(waiting)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(SCOPE, receive, send))
    return sent


def body(*pieces: bytes) -> list[dict[str, Any]]:
    last = len(pieces) - 1
    return [
        {"type": "http.request", "body": piece, "more_body": number < last}
        for number, piece in enumerate(pieces)
    ]


def test_the_request_is_told_as_it_came() -> None:
    request = WSGIRequest(environ(SCOPE, io.BytesIO(b"hello")))

    assert request.path_info == "/a b/é"
    assert request.GET["q"] == "é"
    assert request.COOKIES == {"a": "1", "b": "2"}
    assert request.body == b"hello"
    assert request.META["REMOTE_ADDR"] == "10.0.0.7"
    assert request.scheme == "https"


def test_a_header_with_an_underscore_passes_for_no_other() -> None:
    assert "HTTP_X_FORWARDED_PROTO" not in environ(SCOPE, io.BytesIO())


def test_a_body_in_pieces_arrives_whole_and_a_page_leaves_whole() -> None:
    seen: list[bytes] = []

    def wsgi(request: dict[str, Any], start_response: Any) -> HttpResponse:
        seen.append(request["wsgi.input"].read())
        start_response("201 Created", [("X-One", "é")])
        return HttpResponse("fine")

    sent = exchange(threaded(wsgi, 1), *body(b"hel", b"lo", b""))

    assert seen == [b"hello"]
    assert (sent[0]["status"], sent[0]["headers"]) == (201, [(b"x-one", "é".encode("latin-1"))])
    assert [message.get("body") for message in sent[1:]] == [b"fine"]


def test_a_stream_leaves_piece_by_piece_and_is_closed() -> None:
    answer = StreamingHttpResponse(iter([b"a", b"", b"b"]))
    closed = threading.Event()
    answer._resource_closers.append(closed.set)  # type: ignore[attr-defined]  # what close() calls

    sent = exchange(threaded(handler(answer), 1), *body(b""))

    assert b"".join(message.get("body", b"") for message in sent) == b"ab"
    assert not sent[-1].get("more_body")
    assert closed.is_set()


def test_whoever_hangs_up_while_sending_is_asked_nothing() -> None:
    def wsgi(*_: Any) -> HttpResponse:
        pytest.fail("an unfinished request was answered")

    sent = exchange(threaded(wsgi, 1), body(b"hel", b"lo")[0], {"type": "http.disconnect"})

    assert sent == []


def test_a_slow_sender_holds_no_thread() -> None:
    app = threaded(handler(HttpResponse("fine")), 1)
    sent: list[dict[str, Any]] = []

    async def both() -> None:
        rest = asyncio.Event()
        pieces = iter(body(b"slow", b"ly"))

        async def slowly() -> dict[str, Any]:
            piece = next(pieces)
            if not piece["more_body"]:
                await rest.wait()
            return piece

        async def at_once() -> dict[str, Any]:
            return body(b"quick")[0]

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        slow = asyncio.create_task(app(SCOPE, slowly, send))
        await asyncio.wait_for(app(SCOPE, at_once, send), 5)
        assert not slow.done()
        rest.set()
        await slow

    asyncio.run(both())

    assert len(sent) == 4
