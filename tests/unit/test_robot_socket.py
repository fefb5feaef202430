"""The robot's socket against a small server that loses, repeats and forgets things on purpose."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from study.robots.browser import Browser
from study.robots.journal import Journal, UnexpectedError
from study.robots.socket import RefusalError, Socket

Frame = dict[str, Any]
Line = web.WebSocketResponse
STATE: Frame = {"workspace": {}, "images": [], "categories": []}


def event(seq: int, name: str = "x") -> Frame:
    payload = {"category": str(seq), "name": name, "position": seq}
    return {"type": "event", "seq": seq, "kind": "category.created", "payload": payload}


class Server:
    """Says hello, then answers every frame with what `answer` sends; notes what it was asked."""

    def __init__(self, answer: Callable[[Line, Frame], Awaitable[None]]) -> None:
        self.answer = answer
        self.asked: list[Frame] = []
        self.after: list[str | None] = []
        self.missed: list[Frame] = []  # sent to a browser that comes back

    async def handle(self, request: web.Request) -> Line:
        line = web.WebSocketResponse()
        await line.prepare(request)
        after = request.query.get("after")
        self.after.append(after)
        hello: Frame = {"type": "hello", "seq": 0, "now": ""}
        await line.send_json(hello if after else hello | {"state": STATE})
        for frame in self.missed if after else []:
            await line.send_json(frame)
        async for message in line:
            if message.type is WSMsgType.TEXT:
                frame = message.json()
                self.asked.append(frame)
                await self.answer(line, frame)
        return line


@asynccontextmanager
async def socket_to(server: Server) -> AsyncIterator[Socket]:
    app = web.Application()
    app.router.add_get("/ws/workspace/w/", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with (
            Browser(f"http://127.0.0.1:{runner.addresses[0][1]}") as browser,
            Socket(browser, "/ws/workspace/w/", "r", Journal()) as socket,
        ):
            yield socket
    finally:
        await runner.cleanup()


def ack(frame: Frame, seq: int) -> Frame:
    return {"type": "ack", "id": frame["id"], "seq": seq, "late": False, "result": {}}


async def test_an_action_is_sent_again_under_its_id_when_the_line_breaks() -> None:
    async def breaks_once(line: Line, frame: Frame) -> None:
        if len(server.asked) == 1:
            await line.close()
        else:
            await line.send_json(ack(frame, 1))

    server = Server(breaks_once)
    async with socket_to(server) as socket:
        done = await socket.do("category.create", {"name": "x"})

    assert [frame["id"] for frame in server.asked] == [done.id, done.id]
    assert server.after == [None, "0"]
    assert [entry.client for entry in socket.journal.entries] == [done.id]


async def test_a_gap_is_asked_for_and_filled_in_order() -> None:
    async def fills(line: Line, frame: Frame) -> None:
        if frame["type"] == "do":
            await line.send_json(event(2))
        elif frame["type"] == "sync":
            for seq in (1, 2):
                await line.send_json(event(seq))

    server = Server(fills)
    async with socket_to(server) as socket:
        asking = asyncio.create_task(socket.do("category.create", {"name": "x"}))
        assert await socket.until(lambda: socket.view.seq == 2, 5)
        socket.complain_of_gaps()
        asking.cancel()

    assert {"type": "sync", "after": 0} in server.asked
    assert socket.seen.doubled == 1


async def test_an_event_that_comes_back_changed_is_an_error() -> None:
    async def changes(line: Line, frame: Frame) -> None:
        await line.send_json(event(1, "one"))
        await line.send_json(event(1, "another"))

    async with socket_to(Server(changes)) as socket:
        with pytest.raises(UnexpectedError, match="came twice and differs"):
            await socket.do("category.create", {"name": "x"})


async def test_a_refusal_is_told_and_not_written_down() -> None:
    async def refuses(line: Line, frame: Frame) -> None:
        told = {"type": "refused", "id": frame["id"], "code": "name", "message": "No."}
        await line.send_json(told)

    async with socket_to(Server(refuses)) as socket:
        with pytest.raises(RefusalError, match="No"):
            await socket.do("category.create", {"name": " "})

    assert socket.journal.entries == []


async def test_what_was_missed_while_away_arrives_with_the_next_hello() -> None:
    async def silent(line: Line, frame: Frame) -> None:
        return

    server = Server(silent)
    server.missed = [event(1), event(2)]
    async with socket_to(server) as socket:
        await socket.break_off()
        assert await socket.until(lambda: socket.view.seq == 2, 5)

    assert socket.view.sorted_images().keys() == {"x"}
