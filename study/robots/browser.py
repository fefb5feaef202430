"""One browser: a cookie jar, pages, forms, JSON, sockets.

A lost connection is tried again, and so is what the server asks to (503); another status from 500
on is an error.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from study.robots.journal import UnexpectedError
from study.robots.page import Form, Page, Value, read

PATIENCE_SECONDS = 60.0
PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)


class AwayError(ConnectionError):
    """The server says that it will answer in a moment."""


LOST = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError, ConnectionError)
Got = TypeVar("Got")


class Browser:
    def __init__(
        self, url: str, language: str = "en", cookies: Mapping[str, str] | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.url))
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            headers={"Accept-Language": language},
            timeout=aiohttp.ClientTimeout(total=30, connect=10),
        )
        self._session.cookie_jar.update_cookies(cookies or {}, URL(self.url))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def get(self, address: str) -> Page:
        return await _patiently(lambda: self._page("GET", address))

    async def submit(self, form: Form, values: Mapping[str, Value]) -> Page:
        """Press the form's button, again when the line was lost: pressing twice must do no harm."""
        data = {**form.hidden(), **values}
        return await _patiently(lambda: self._page("POST", form.action, data))

    async def vanish(self, form: Form, values: Mapping[str, Value], seconds: float) -> None:
        """Press the button and lose the network before the answer comes."""
        with suppress(*LOST):
            async with asyncio.timeout(seconds):
                await self._page("POST", form.action, {**form.hidden(), **values})

    async def post_json(self, address: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and document. Sent again after a lost connection: the body carries its own id."""

        async def send() -> tuple[int, dict[str, Any]]:
            async with self._session.post(
                self._full(address), json=body, headers=self._headers()
            ) as response:
                return await self._document(response, f"POST {address}")

        return await _patiently(send)

    async def upload(
        self, address: str, file: bytes, name: str, fields: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        async def send() -> tuple[int, dict[str, Any]]:
            form = aiohttp.FormData(dict(fields))
            form.add_field("file", file, filename=name, content_type="image/png")
            async with self._session.post(
                self._full(address), data=form, headers=self._headers()
            ) as response:
                return await self._document(response, f"POST {address}")

        return await _patiently(send)

    async def fetch(self, address: str) -> bytes:
        async def load() -> bytes:
            async with self._session.get(self._full(address)) as response:
                _no_failure(response.status, f"GET {address}", "")
                if response.status != 200:
                    raise UnexpectedError(f"GET {address}: status {response.status}")
                return await response.read()

        return await _patiently(load)

    async def open_socket(self, address: str) -> aiohttp.ClientWebSocketResponse:
        url = self._full(address).replace("http", "ws", 1)
        return await self._session.ws_connect(url, headers={"Origin": self.origin})

    async def _page(
        self, method: str, address: str, data: Mapping[str, Value] | None = None
    ) -> Page:
        headers = self._headers() if method == "POST" else {}
        full = self._full(address)
        sent = [
            (name, one)
            for name, value in (data or {}).items()
            for one in (value if isinstance(value, list) else [value])
        ]
        async with self._session.request(
            method, full, data=sent or None, headers=headers
        ) as response:
            html = await response.text()
            _no_failure(response.status, f"{method} {address}", html)
            return read(str(response.url), response.status, html)

    async def _document(
        self, response: aiohttp.ClientResponse, what: str
    ) -> tuple[int, dict[str, Any]]:
        text = await response.text()
        _no_failure(response.status, what, text)
        if response.content_type != "application/json":
            raise UnexpectedError(f"{what}: status {response.status}, no JSON: {text[:300]}")
        return response.status, await response.json()

    def _headers(self) -> dict[str, str]:
        found = self._session.cookie_jar.filter_cookies(URL(self.url))
        token = {"X-CSRFToken": found["csrftoken"].value} if "csrftoken" in found else {}
        return {"Origin": self.origin, "Referer": self.url + "/", **token}

    def _full(self, address: str) -> str:
        return urljoin(self.url + "/", address)


def _no_failure(status: int, what: str, text: str) -> None:
    if status == 503:
        raise AwayError(what)
    if status >= 500:
        raise UnexpectedError(f"{what}: status {status}: {' '.join(text.split())[:300]}")


async def _patiently(attempt: Callable[[], Awaitable[Got]]) -> Got:
    """Try until it works, for about a minute."""
    until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    for pause in itertools.chain(PAUSES, itertools.repeat(PAUSES[-1])):
        try:
            return await attempt()
        except LOST as problem:
            if asyncio.get_running_loop().time() > until:
                raise UnexpectedError(f"the server cannot be reached: {problem!r}") from problem
            await asyncio.sleep(pause)
    raise AssertionError("the pauses never end")
