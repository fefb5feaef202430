"""Many pages open at once, each no more than its socket: it pings as a page does, and may chat."""

import asyncio
import json
from datetime import UTC, datetime
from time import perf_counter
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import aiohttp

PING_SECONDS = 10.0  # as often as the page (net/socket.js)


class Page:
    """One workspace's socket. `frames`: how many came."""

    def __init__(self, session: aiohttp.ClientSession, url: str, room: dict[str, str]) -> None:
        self._session = session
        self._url = f"{url.replace('http', 'ws', 1)}/ws/workspace/{room['workspace']}/"
        self._headers = {"Cookie": f"sessionid={room['session']}", "Origin": url}
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._first: dict[str, float] = {}
        self._over: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.frames = 0

    async def __aenter__(self) -> Self:
        self._socket = await self._session.ws_connect(self._url, headers=self._headers)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._ping())]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await self._socket.close()

    async def ask(self, text: str, seconds: float = 60) -> tuple[float, float]:
        """(seconds from sending a message to the first word of its answer, and to its last)."""
        begun = perf_counter()
        done = await self._do("chat.post", {"text": text}, seconds)
        call = done["result"]["call"]
        over = self._over.setdefault(call, asyncio.get_running_loop().create_future())
        async with asyncio.timeout(seconds):
            await over
        ended = perf_counter()
        return self._first.get(call, ended) - begun, ended - begun

    async def _do(self, action: str, payload: dict[str, Any], seconds: float) -> dict[str, Any]:
        name = str(uuid4())
        self._waiting[name] = asyncio.get_running_loop().create_future()
        said = {"type": "do", "id": name, "action": action, "payload": payload}
        await self._socket.send_str(json.dumps(said | {"at": datetime.now(UTC).isoformat()}))
        async with asyncio.timeout(seconds):
            return await self._waiting[name]

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            await self._socket.send_str('{"type": "ping"}')

    async def _read(self) -> None:
        async for message in self._socket:
            self.frames += 1
            if message.data.startswith('{"type": "pong"'):
                continue
            self._take(json.loads(message.data))
        for waiting in (*self._waiting.values(), *self._over.values()):
            if not waiting.done():
                gone = ConnectionError(f"the server closed the socket: {self._socket.close_code}")
                waiting.set_exception(gone)

    def _take(self, told: dict[str, Any]) -> None:
        if told["type"] == "token":
            self._first.setdefault(told["call"], perf_counter())
        elif told["type"] in ("ack", "refused") and told["id"] in self._waiting:
            self._waiting[told["id"]].set_result(told)
        elif told["type"] == "event" and told["kind"] in ("agent.answered", "agent.failed"):
            call = told["payload"]["call"]
            over = self._over.setdefault(call, asyncio.get_running_loop().create_future())
            if not over.done():
                over.set_result(told)


def percentile(values: list[float], share: float) -> float:
    """By the nearest rank; of at least one value."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, round(share * (len(ranked) - 1)))]
