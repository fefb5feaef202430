"""One rater: joins by an invitation, walks the queue, looks at the pictures, scores everything."""

import asyncio
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from study.robots.answers import answer
from study.robots.browser import Browser
from study.robots.journal import Journal, UnexpectedError
from study.robots.page import Page

MOST_PAGES = 1000
PAGE_OF_ONE = re.compile(r"/rating/([0-9a-f-]{36})/$")
PICTURE = re.compile(r"/rating/[0-9a-f-]{36}/\d+/thumb\.jpg")
NEXT = re.compile(r"/rating/(about|training|guess)/[\w-]+/$")
GIVEN_AWAY = re.compile(
    r"\b(baseline|control group|treatment|condition|reactive|proactive)\b", re.I
)


@dataclass
class Rater:
    name: str
    url: str
    invitation: str  # the token
    seed: int
    language: str
    journal: Journal
    tell: Callable[[str, str], None] = lambda robot, where: None
    rated: int = 0

    async def live(self) -> int:
        """All that is asked: background, training, every submission, the end. Returns how many
        were scored."""
        self.rng = Random(f"{self.seed}/{self.name}")
        async with Browser(self.url, self.language) as self.browser:
            await self._join()
            seen = {""}
            for _ in range(MOST_PAGES):
                queue = await self.browser.get("/rating/")
                if await self._around(queue):
                    continue
                address = next((one for one in queue.links if _showing(one) not in seen), None)
                if address is None:
                    return self.rated
                seen.add(_showing(address))
                self.tell(self.name, f"{len(seen)}")
                await self._rate(await self.browser.get(address), _showing(address))
                self.rated += 1
        raise UnexpectedError(f"{self.name}: the queue does not end")

    async def _around(self, queue: Page) -> bool:
        """What is asked beside the scores, if something is: background, training, the end."""
        step = next((one for one in queue.links if NEXT.search(one)), "")
        if "/about/" in step or "/guess/" in step:
            page = await self.browser.get(step)
            form = page.form(step.replace(self.url, ""))
            if form is None:
                raise UnexpectedError(f"{page.url} has no form: {page.words[:300]}")
            values = {one.name: answer(one, self.rng, {}) for one in form.questions()}
            await self.browser.submit(form, values)
        elif "/training/" in step:
            await self._train(await self.browser.get(step))
        elif (form := queue.form("/rating/finish/")) is not None:
            await self.browser.submit(form, {})
        else:
            return False
        self.journal.note("steps of raters beside the scores")
        return True

    async def _train(self, page: Page) -> None:
        for address in [one for one in page.links if _showing(one)]:
            await self._rate(await self.browser.get(address), _showing(address))
            after = await self.browser.get(address)
            if "expected" not in after.words and "想定" not in after.words:
                raise UnexpectedError(f"a practice says nothing afterwards: {after.words[:300]}")
        form = (await self.browser.get(page.url)).form("/rating/training/")
        if form is None:
            raise UnexpectedError(f"the training does not end: {page.words[:300]}")
        await self.browser.submit(form, {})

    async def _join(self) -> None:
        address = f"/rating/join/{self.invitation}/"
        page = await self.browser.get(address)
        form = page.form(address)
        if form is None:
            raise UnexpectedError(f"{self.name}: no form at the invitation ({page.status})")
        person = f"{self.name}-{uuid.uuid4().hex[:8]}"  # once per server, whatever the seed
        secret = uuid.uuid4().hex
        values = {
            one.name: secret if one.kind == "password" else person for one in form.questions()
        }
        page = await self.browser.submit(form, values)
        if page.status != 200 or "/join/" in page.url:
            raise UnexpectedError(f"{self.name} could not join ({page.status}): {page.words[:300]}")
        again = await self.browser.get(address)
        if again.form(address) is not None:
            raise UnexpectedError("an invitation that was used still offers its form")

    async def _rate(self, page: Page, showing: str) -> None:
        if found := GIVEN_AWAY.search(page.words):
            raise UnexpectedError(f"a rater reads “{found.group()}” at {page.url}")
        pictures = sorted(set(PICTURE.findall(page.html)))
        for address in self.rng.sample(pictures, min(4, len(pictures))):
            await self.browser.fetch(address)
        await self._send(showing, "looked", {"seen": [1, 2], "zoomed": []})
        for criterion in self._criteria(page):
            version = 0
            if self.rng.random() < 0.15:  # a change of mind: two scores, the last one counts
                await self._score(showing, criterion, self.rng.randint(1, 5), version)
                version += 1
            await self._score(showing, criterion, self.rng.randint(1, 5), version)
        if self.rng.random() < 0.2:
            text = 'Clear, but "tools" < 3 groups. 良い'
            await self._send(showing, "comment", {"text": text, "version": 0})
        await self._send(showing, "submit", {})

    def _criteria(self, page: Page) -> list[str]:
        named = [one.name for form in page.forms for one in form.questions() if one.kind == "radio"]
        if not named:
            raise UnexpectedError(f"{page.url} asks for no score: {page.words[:300]}")
        return named

    async def _score(self, showing: str, criterion: str, score: int, version: int) -> None:
        body = {"criterion": criterion, "score": score, "version": version}
        identity = await self._send(showing, "score", body)
        if self.rng.random() < 0.05:
            await self._send(showing, "score", body, identity)

    async def _send(
        self, showing: str, what: str, body: dict[str, object], identity: str | None = None
    ) -> str:
        identity = identity or str(uuid.uuid4())
        begun = asyncio.get_running_loop().time()
        status, document = await self.browser.post_json(
            f"/rating/{showing}/{what}/",
            {**body, "id": identity, "at": datetime.now(UTC).isoformat()},
        )
        if status != 200 or not document.get("saved"):
            raise UnexpectedError(f"{self.name}: {body} was not saved ({status}): {document}")
        seconds = asyncio.get_running_loop().time() - begun
        self.journal.acknowledge(self.name, what, identity, "rater", False, seconds)
        return identity


def _showing(address: str) -> str:
    """The showing a link leads to; empty for any other link."""
    found = PAGE_OF_ONE.search(address)
    return found.group(1) if found else ""
