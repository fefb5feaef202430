"""One participant: from the public page to the end of their profile, as a stranger with a
browser."""

import asyncio
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from study.robots import mischief
from study.robots.answers import answer
from study.robots.browser import Browser
from study.robots.journal import Journal, LastSeen, UnexpectedError
from study.robots.page import Field, Form, Page, Value
from study.robots.profiles import PROFILES, Profile
from study.robots.silence import Silence
from study.robots.socket import Socket
from study.robots.sorting import Colour
from study.robots.task import Task

MOST_STEPS = 60
STEP = "/study/step/"
LINK = r'value="([^"]+/study/p/[^"]+)"'
SOCKET = r"(/ws/workspace/[0-9a-f-]{36}/)"


@dataclass
class Participant:
    """`eligible` is the instruction sheet: by item, the values that admit to the study."""

    name: str
    url: str
    study: str
    seed: int
    language: str
    journal: Journal
    eligible: Mapping[str, Sequence[str]] = field(default_factory=dict)
    memory: dict[str, Colour] = field(default_factory=dict)
    silence: Silence = field(default_factory=Silence)
    tell: Callable[[str, str], None] = lambda robot, where: None
    profile: Profile = PROFILES["careful"]
    link: str = ""
    outcome: str = ""
    code: str = ""
    has_chat: bool | None = None
    tasks: int = 0

    async def live(self) -> str:
        """The study as the profile has it. Returns how it ended; raises UnexpectedError."""
        self.rng = Random(f"{self.seed}/{self.name}")
        async with Browser(self.url, self.language) as self.browser:
            page = await self._enrol()
            for number in range(1, MOST_STEPS):
                self.outcome = self._ended(page, number)
                if self.outcome:
                    return self.outcome
                self.tell(self.name, page.words[:40])
                before, begun = _step(page), asyncio.get_running_loop().time()
                page = await self._one_step(page)
                if not _is_end(page) and _step(page) == before:
                    raise UnexpectedError(
                        f"{self.name} is stuck at step {before}: {page.words[:300]}"
                    )
                seconds = asyncio.get_running_loop().time() - begun
                self.journal.step_seconds.setdefault(before, []).append(seconds)
        raise UnexpectedError(f"{self.name} did not reach the end in {MOST_STEPS} steps")

    def now(self) -> datetime:
        """What this device takes for the time."""
        return datetime.now(UTC) + self.profile.clock_error

    def _ended(self, page: Page, number: int) -> str:
        """How it ended, if it did: at the end page, turned away, or by leaving for good."""
        if code := page.data.get("completion-code"):
            self.code = code
            return "completed"
        if number == self.profile.drops_at:
            return "gone"
        if not _is_end(page):
            return ""
        if self.profile.is_eligible:
            raise UnexpectedError(f"{page.url} ({page.status}) has no form: {page.words[:300]}")
        return "screened_out"

    async def _enrol(self) -> Page:
        page = await self.browser.get(f"/study/s/{self.study}/")
        form = page.form("/enrol/")
        if form is None:
            raise UnexpectedError(
                f"the public page has no way in ({page.status}): {page.words[:300]}"
            )
        page = await self.browser.submit(form, {"robot": "yes"})  # an honest one
        link = page.find(LINK)
        if link is None:
            raise UnexpectedError(
                f"no personal link after enrolment ({page.url}): {page.words[:300]}"
            )
        self.link = link
        return page

    async def _one_step(self, page: Page) -> Page:
        if self.profile.refreshes:
            page = await mischief.refresh(self.browser, page)
        address = page.find(SOCKET)
        if address is not None:
            return await self._task(page, address)
        form = page.form(STEP)
        if form is None:
            raise UnexpectedError(f"{page.url} ({page.status}) has no form: {page.words[:300]}")
        if not self.has_chat:  # also before the first task: nobody knows yet
            self.silence.words(page)
        return await self._form(page, form)

    async def _form(self, page: Page, form: Form) -> Page:
        """Answer everything; sometimes with a gap first, which must not get through."""
        eligible = self.eligible if self.profile.is_eligible else {}
        values = {one.name: answer(one, self.rng, eligible) for one in form.questions()}
        if not self.profile.is_eligible:
            values |= mischief.inadmissible(form, self.eligible)
        if self.profile.answers_badly:
            await mischief.answer_badly(self.browser, form, self.journal)
        required = [one.name for one in form.questions() if one.required]
        if required and self.rng.random() < self.profile.gaps:
            gap = self.rng.choice(required)
            partly = {name: value for name, value in values.items() if name != gap}
            again = await self.browser.submit(form, partly)
            if _step(again) != _step(page):
                raise UnexpectedError(f"{self.name}: step {_step(page)} went through without {gap}")
            self.journal.note("incomplete form refused")
        await self._autosave(page, form, values)
        if self.profile.loses_network:
            await self.browser.vanish(form, values, self.rng.uniform(0.001, 0.05))
        after = await self._submit(form, values)
        if self.profile.two_tabs or self.profile.refreshes:
            await mischief.send_again(self.browser, form, values, after, self.journal)
        return after

    async def _autosave(self, page: Page, form: Form, values: Mapping[str, Value]) -> None:
        """What the page's script does meanwhile, with some changes of mind and some repetitions."""
        if not any(script for script in page.scripts if "study" in script) or not values:
            return
        for question in form.questions():
            if question.choices and self.rng.random() < 0.2:
                await self._save(form, question, self.rng.choice(question.choices))
            identity = await self._save(form, question, values[question.name])
            if self.rng.random() < 0.1:
                await self._save(form, question, values[question.name], identity)

    async def _save(
        self, form: Form, question: Field, value: Value, identity: str | None = None
    ) -> str:
        identity = identity or str(uuid.uuid4())
        step = int(form.hidden()["step"])
        body: dict[str, object] = {"step": step, "item": question.name, "value": value}
        body |= {"id": identity, "at": self.now().isoformat()}
        begun = asyncio.get_running_loop().time()
        status, document = await self.browser.post_json("/study/answer/", body)
        if status != 200 or not document.get("saved"):
            raise UnexpectedError(f"{self.name}: {body} was not saved ({status}): {document}")
        seconds = asyncio.get_running_loop().time() - begun
        late = bool(document["late"])
        self.journal.acknowledge(self.name, "answer", identity, "participant", late, seconds)
        if not late:
            self.journal.answers[self.link, question.name] = value
        return identity

    async def _submit(self, form: Form, values: Mapping[str, Value]) -> Page:
        """Press the button until the step lets go: timed steps are locked until their minimum."""
        before = form.hidden()["step"]
        for _ in range(600):
            page = await self.browser.submit(form, values)
            if _is_end(page) or _step(page) != before:
                return page
            if page.data.get("minimum-at") is None and form.questions():
                raise UnexpectedError(f"{self.name}: step {before} refused: {page.words[:600]}")
            self.journal.note("held until the minimum")
            await asyncio.sleep(_seconds_to(page.data.get("minimum-at")))
        raise UnexpectedError(f"{self.name}: step {before} never let go")

    async def _task(self, page: Page, address: str) -> Page:
        self.tasks += 1
        check = self.silence.frame if self._is_silent(page) else (lambda raw: None)
        async with Socket(
            self.browser, address, self.name, self.journal, check, self.now
        ) as socket:
            if self.has_chat is None:
                self.has_chat = socket.view.has_chat
            if self.has_chat != socket.view.has_chat:
                raise UnexpectedError(f"{self.name}: the chat came or went between two tasks")
            if not self.has_chat:
                await self.silence.page(self.browser, page)
            await self._work(socket)
            after = await self._leave(page, socket)
            socket.complain_of_gaps()
            self.journal.last_seen.append(
                LastSeen(self.name, socket.workspace, socket.view.seq, socket.view.sorted_images())
            )
            return after

    async def _work(self, socket: Socket) -> None:
        if not self.profile.works:
            return
        task = Task(self.browser, socket, self.rng, self.language, self.journal, self.memory)
        task.hurried = self.rng.random() < self.profile.hurry
        task.talks = self.profile.talks
        task.loses_network = self.profile.loses_network
        await task.work()
        if self.tasks == 2 or self.profile.two_tabs:
            await self._second_session(socket)

    def _is_silent(self, page: Page) -> bool:
        """Whether the page offers no chat: then nothing may speak of it."""
        return self.silence.is_silent(page)

    async def _second_session(self, socket: Socket) -> None:
        """The same link in another browser shows the same work."""
        async with Browser(self.url, self.language) as other:
            page = await other.get(self.link)
            if socket.closed or not page.find(rf"({re.escape(socket.address)})"):
                return
            async with Socket(other, socket.address, self.name, self.journal) as second:
                reached = lambda: socket.view.seq >= second.view.first  # noqa: E731
                await socket.until(reached, 10)
                await second.until(lambda: second.view.seq >= socket.view.seq, 10)
                if socket.view.sorted_images() != second.view.sorted_images():
                    raise UnexpectedError(f"{self.name}: two browsers see different work")
        self.journal.note("resumed in a second session")

    async def _leave(self, page: Page, socket: Socket) -> Page:
        """Press Finish, first too early; or let the clock close the step."""
        if self.rng.random() < self.profile.waits:
            left = (socket.view.closes_at or datetime.now(UTC)) - datetime.now(UTC)
            if not await socket.until(lambda: socket.closed, left.total_seconds() + 60):
                raise UnexpectedError(f"{self.name}: the clock did not close {socket.address}")
            self.journal.note("closed by the clock")
            if self.profile.comes_late:
                await mischief.act_late(socket, self.journal)
                return await mischief.finish_late(self.browser, page)
            return await self.browser.get(STEP)
        form = page.form(STEP)
        if form is None:
            raise UnexpectedError(
                f"{self.name}: a task without a Finish button: {page.words[:300]}"
            )
        if not socket.closed:
            self.journal.note("finished by hand")
        return await self._submit(form, {})


def _is_end(page: Page) -> bool:
    """Where nothing is left to do: the end, or a page that says why one cannot go on."""
    return "completion-code" in page.data or not (page.form(STEP) or page.find(SOCKET))


def _step(page: Page) -> str:
    form = page.form(STEP)
    return form.hidden().get("step", "?") if form else f"? {page.url}"


def _seconds_to(moment: str | None) -> float:
    """Until the minimum the page names; half a second where it names none."""
    if not moment:
        return 0.5
    left = datetime.fromisoformat(moment) - datetime.now(UTC)
    return min(30.0, max(0.1, left.total_seconds() + 0.05))
