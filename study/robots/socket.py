"""A workspace's socket as a careful browser keeps it.

Nothing missed, nothing doubled, and every action sent until it is answered.
"""

import asyncio
import json
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import aiohttp

from study.robots.browser import LOST, Browser
from study.robots.journal import Journal, UnexpectedError
from study.robots.view import View

ANSWER_SECONDS = 10.0  # without an answer for so long, the connection is taken for dead
PATIENCE_SECONDS = 90.0
PING_SECONDS = 5.0

Frame = dict[str, Any]


@dataclass(frozen=True)
class Ack:
    id: str
    seq: int
    late: bool
    result: Mapping[str, Any]


class RefusalError(Exception):
    """The server said no to an action, and why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass
class Seen:
    """What came over the line, for the checks at the end."""

    frames: int = 0
    tokens: Counter[str] = field(default_factory=Counter)
    text: dict[str, str] = field(default_factory=dict)  # call → the words that streamed in
    progress: Counter[str] = field(default_factory=Counter)  # run → pictures looked at
    doubled: int = 0
    reconnections: int = 0


class Socket:
    def __init__(
        self,
        browser: Browser,
        address: str,
        robot: str,
        journal: Journal,
        check: Callable[[str], None] = lambda raw: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.browser = browser
        self.address = address
        self.workspace = address.rstrip("/").rsplit("/", 1)[-1]
        self.robot = robot
        self.journal = journal
        self.check = check  # looks at every raw frame
        self.clock = clock  # of the device
        self.view = View()
        self.seen = Seen()
        self.problem: BaseException | None = None
        self._events: dict[int, Frame] = {}
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._changed = asyncio.Condition()
        self._line: aiohttp.ClientWebSocketResponse | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep())
        if not await self.until(lambda: self.view.has_state, PATIENCE_SECONDS):
            raise UnexpectedError(f"{self.address}: no state arrived")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError, UnexpectedError):
                await self._keeper
        if self._line is not None:
            await self._line.close()

    @property
    def closed(self) -> bool:
        return self.view.closed

    def events(self, kind: str) -> list[Frame]:
        return [self._events[seq] for seq in sorted(self._events) if self._of(seq) == kind]

    async def do(
        self, action: str, payload: Mapping[str, Any] | None = None, client: str | None = None
    ) -> Ack:
        """Send an action until it is answered, always under the same id. Raises RefusalError."""
        identity = client or str(uuid.uuid4())
        frame: Frame = {"type": "do", "id": identity, "at": self.clock().isoformat()}
        frame |= {"action": action, "payload": dict(payload or {})}
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while loop.time() - begun < PATIENCE_SECONDS:
            answer = await self._ask(identity, frame)
            if answer is None:
                continue
            if answer["type"] == "refused" and answer["code"] == "failed":
                await asyncio.sleep(1)  # the server's fault, and the page tries again, too
                continue
            if answer["type"] == "refused":
                raise RefusalError(str(answer["code"]), str(answer["message"]))
            ack = Ack(identity, int(answer["seq"]), bool(answer["late"]), answer["result"] or {})
            seconds = loop.time() - begun
            self.journal.acknowledge(
                self.robot, action, identity, self.workspace, ack.late, seconds
            )
            return ack
        raise UnexpectedError(
            f"{self.address}: {action} was not answered in {PATIENCE_SECONDS:.0f} s"
        )

    async def send_raw(self, text: str) -> None:
        if self._line is not None:
            await self._line.send_str(text)

    async def break_off(self) -> None:
        """Lose the connection on purpose; it comes back by itself with after=<last seq>."""
        if self._line is not None:
            await self._line.close()

    async def until(self, true: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is true of what was seen, at most so long. Returns whether it is."""

        def settled() -> bool:
            return true() or self.problem is not None

        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)), self._changed:
                await self._changed.wait_for(settled)
        if self.problem is not None:
            raise UnexpectedError(f"{self.address}: {self.problem}") from self.problem
        return true()

    def complain_of_gaps(self) -> None:
        """Raise UnexpectedError unless every event since the first state was seen."""
        first, last = self.view.first, self.view.seq
        missing = [seq for seq in range(first + 1, last + 1) if seq not in self._events]
        if missing:
            raise UnexpectedError(f"{self.address}: events {missing} never arrived")

    async def _ask(self, identity: str, frame: Frame) -> Frame | None:
        """One attempt: None when the line broke or stayed silent."""
        line = self._line
        if line is None or line.closed:
            await self.until(lambda: self._line is not None and not self._line.closed, 5)
            return None
        loop = asyncio.get_running_loop()
        waiting = self._waiting.setdefault(identity, loop.create_future())
        with suppress(*LOST):
            await line.send_str(json.dumps(frame))
            if not await self.until(lambda: waiting.done() or line.closed, ANSWER_SECONDS):
                await line.close()
        if not waiting.done():
            self.journal.note("sent again")
            return None
        return self._waiting.pop(identity).result()

    async def _keep(self) -> None:
        """Hold the connection, and take it up again where it broke."""
        try:
            until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
            while asyncio.get_running_loop().time() < until:
                try:
                    await self._listen()
                    until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
                except aiohttp.WSServerHandshakeError as problem:
                    if problem.status < 500 and problem.status != 400:
                        raise UnexpectedError(
                            f"the socket was refused: {problem.status}"
                        ) from problem
                except LOST:
                    self.journal.note("socket lost")
                await self._tell()
                await asyncio.sleep(0.1)
            raise UnexpectedError("the socket could not be opened again")
        except asyncio.CancelledError:
            raise
        except BaseException as problem:
            self.problem = problem
            await self._tell()

    async def _listen(self) -> None:
        address = self.address
        if self.view.has_state:
            address += f"?after={self.view.seq}"
            self.seen.reconnections += 1
        line = await self.browser.open_socket(address)
        pings = asyncio.create_task(self._ping(line))
        try:
            async for message in line:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._take(message.data, line)
        finally:
            pings.cancel()
        if line.close_code is not None and 4000 <= line.close_code < 5000:
            raise UnexpectedError(f"the server closed the socket with {line.close_code}")

    async def _ping(self, line: aiohttp.ClientWebSocketResponse) -> None:
        with suppress(*LOST, asyncio.CancelledError):
            while not line.closed:
                await asyncio.sleep(PING_SECONDS)
                await line.send_json({"type": "ping", "after": self.view.seq})

    async def _take(self, raw: str, line: aiohttp.ClientWebSocketResponse) -> None:
        self.check(raw)
        frame: Frame = json.loads(raw)
        self.seen.frames += 1
        kind = frame.get("type")
        if kind == "hello":
            if "state" in frame:
                self.view.replace(frame["state"], int(frame["seq"]))
                self._events = {s: e for s, e in self._events.items() if s > self.view.seq}
                self._apply_following()
            self._line = line
        elif kind == "event":
            await self._event(frame, line)
        elif kind in ("ack", "refused"):
            waiting = self._waiting.get(str(frame.get("id")))
            if waiting is not None and not waiting.done():
                waiting.set_result(frame)
            elif kind == "refused":
                self.journal.note("refused without an action")
        elif kind == "token":
            call = str(frame["call"])
            self.seen.tokens[call] += 1
            self.seen.text[call] = self.seen.text.get(call, "") + str(frame["text"])
        elif kind == "progress":
            self.seen.progress[str(frame["run"])] = int(frame["done"])
        await self._tell()

    async def _event(self, frame: Frame, line: aiohttp.ClientWebSocketResponse) -> None:
        seq = int(frame["seq"])
        known = self._events.get(seq)
        if known is not None and known != frame:
            raise UnexpectedError(f"event {seq} came twice and differs: {known} / {frame}")
        if seq <= self.view.seq or known is not None:
            self.seen.doubled += 1
            return
        self._events[seq] = frame
        if seq > self.view.seq + 1:
            await line.send_json({"type": "sync", "after": self.view.seq})
        self._apply_following()

    def _apply_following(self) -> None:
        while (following := self._events.get(self.view.seq + 1)) is not None:
            self.view.apply(following)

    def _of(self, seq: int) -> str:
        return str(self._events[seq]["kind"])

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
