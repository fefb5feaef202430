"""Where no agents exist, nothing may speak of them: no page, no script, no frame of the socket."""

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

from study.robots.browser import Browser
from study.robots.journal import UnexpectedError
from study.robots.page import Page

WORDS = re.compile(
    r"\b(chat\w*|assistants?|agents?|proactive\w*|reactive\w*|advice|advis\w+)\b|アシスタント|チャット",
    re.I,
)
IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["']([^"']+\.js)["']""")
TOKEN = re.compile(r"""^\s*\{\s*"type"\s*:\s*"token\"""")
OFFERS_CHAT = re.compile(r"""\bchat\b""", re.I)


@dataclass
class Silence:
    scripts: set[str] = field(default_factory=set)  # those that were read and found silent

    def is_silent(self, page: Page) -> bool:
        return OFFERS_CHAT.search(page.html) is None

    def frame(self, raw: str) -> None:
        _look(raw, "a frame of the socket")
        if TOKEN.search(raw):
            raise UnexpectedError(f"words arrive where nobody speaks: {raw[:200]}")

    def words(self, page: Page) -> None:
        """Raise UnexpectedError when what a person reads speaks of the agents."""
        _look(page.words, page.url)

    async def page(self, browser: Browser, page: Page) -> None:
        """Raise UnexpectedError when the page, or a script it loads, speaks of the agents."""
        _look(page.html, page.url)
        to_read = list(page.scripts)
        while to_read:
            address = to_read.pop()
            if address in self.scripts:
                continue
            self.scripts.add(address)
            source = (await browser.fetch(address)).decode()
            _look(address, "the address of a script")
            _look(source, address)
            to_read += [urljoin(address, found) for found in IMPORT.findall(source)]


def _look(text: str, where: str) -> None:
    found = WORDS.search(text)
    if found:
        around = text[max(0, found.start() - 60) : found.end() + 60]
        raise UnexpectedError(f"“{found.group()}” in {where}, where no agent exists: …{around}…")
