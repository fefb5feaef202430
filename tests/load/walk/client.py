"""Participants who walk through pages of forms, as light as a client can be.

python -m tests.load.walk.client START PEOPLE WALKS THINK_SECONDS
Prints {"pages", "requests", "seconds", "waits": [seconds from a button to its page]} as JSON.
"""

import asyncio
import html
import json
import re
import sys
import time
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode, urljoin, urlsplit

from tests.load.walk.answers import ANSWERS

FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.S | re.I)
FIELD = re.compile(r"<(?:input|textarea|select|button)\b[^>]*>", re.I)
ATTRIBUTE = re.compile(r'([a-z_-]+)(?:="([^"]*)")?', re.I)
MOST_PAGES = 20


@dataclass
class Tally:
    pages: int = 0
    requests: int = 0
    waits: list[float] = field(default_factory=list)


class Person:
    """One browser: one connection, a jar of cookies."""

    def __init__(self, start: str, tally: Tally) -> None:
        self.place = urlsplit(start)
        self.tally = tally
        self.cookies: dict[str, str] = {}
        self.lines: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def walk(self, start: str, think: float, rng: Random) -> None:
        address, page = await self.page("GET", start)
        for _ in range(MOST_PAGES):
            form = _form(page)
            if form is None:
                break
            if think:
                await asyncio.sleep(think * rng.uniform(0.5, 1.5))
            action, values = form
            begun = time.perf_counter()
            address, page = await self.page("POST", urljoin(address, action), urlencode(values))
            self.tally.waits.append(time.perf_counter() - begun)
        else:
            raise SystemExit(f"the walk does not end: {address}: {page[:500]}")
        if self.lines is not None:
            self.lines[1].close()

    async def page(self, method: str, address: str, body: str = "") -> tuple[str, str]:
        """Follow redirects to a page; its address and text."""
        for _ in range(5):
            status, headers, text = await self.request(method, address, body)
            if status in (301, 302, 303, 307):
                address, method, body = urljoin(address, headers["location"]), "GET", ""
                continue
            if status != 200:
                raise SystemExit(f"{method} {address}: {status}: {text[:800]}")
            self.tally.pages += 1
            return address, text
        raise SystemExit(f"{address} leads on and on")

    async def request(
        self, method: str, address: str, body: str
    ) -> tuple[int, dict[str, str], str]:
        self.tally.requests += 1
        if self.lines is None:
            host, port = self.place.hostname, self.place.port
            self.lines = await asyncio.open_connection(host, port)
        reader, writer = self.lines
        path = urlsplit(address)._replace(scheme="", netloc="").geturl()
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        origin = f"http://{self.place.netloc}"
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.place.netloc}\r\nAccept-Language: en\r\n"
        head += f"Cookie: {cookies}\r\n" if cookies else ""
        if method == "POST":
            head += f"Origin: {origin}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            head += f"Content-Length: {len(body)}\r\n"
        writer.write(f"{head}\r\n{body}".encode())
        raw = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(raw.split(" ", 2)[1])
        headers = self._headers(raw)
        text = await _body(reader, headers)
        if headers.get("connection", "").lower() == "close":
            writer.close()
            self.lines = None
        return status, headers, text

    def _headers(self, raw: str) -> dict[str, str]:
        headers = {}
        for line in raw.split("\r\n")[1:]:
            name, _, value = line.partition(":")
            if name.lower() == "set-cookie":
                cookie, _, worth = value.strip().partition("=")
                self.cookies[cookie] = worth.split(";", 1)[0]
            elif name:
                headers[name.lower()] = value.strip()
        return headers


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> str:
    if headers.get("transfer-encoding") == "chunked":
        whole = b""
        while size := int(await reader.readline(), 16):
            whole += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return whole.decode()
    return (await reader.readexactly(int(headers.get("content-length", 0)))).decode()


def _form(page: str) -> tuple[str, dict[str, str]] | None:
    """(address, fields) of the page's own form; None on the last page."""
    for form in FORM.findall(page):
        tag = _attributes(form[: form.index(">")])
        action = html.unescape(tag.get("action", ""))
        if tag.get("method", "").lower() != "post" or "/i18n/" in action or "withdraw" in action:
            continue
        values: dict[str, str] = {}
        for one in map(_attributes, FIELD.findall(form)):
            name = one.get("name", "")
            if one.get("type") == "hidden":
                values[name] = html.unescape(one.get("value", ""))
            elif name in ANSWERS:
                values[name] = ANSWERS[name]
        return action, values
    return None


def _attributes(tag: str) -> dict[str, str]:
    return {name.lower(): value for name, value in ATTRIBUTE.findall(tag)}


async def main(start: str, people: int, walks: int, think: float) -> None:
    tally = Tally()
    left = iter(range(walks))

    async def one(number: int) -> None:
        rng = Random(number)
        if think:
            await asyncio.sleep(think * rng.random())
        for _ in left:
            await Person(start, tally).walk(start, think, rng)

    begun = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(people)))
    seconds = time.perf_counter() - begun
    told = {"pages": tally.pages, "requests": tally.requests, "seconds": seconds}
    sys.stdout.write(json.dumps(told | {"waits": tally.waits}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
