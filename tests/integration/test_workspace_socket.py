"""The workspace's socket, spoken to as a browser does."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from channels.routing import URLRouter

from duetml.features import Features
from duetml.live import log
from duetml.live.push import push
from duetml.workspace.models import Workspace
from duetml.workspace.routing import websocket_urlpatterns
from duetml.workspace.services import workspaces
from tests.people import BASELINE, DUETML, a_category, a_workspace

pytestmark = pytest.mark.django_db(transaction=True)
APPLICATION = URLRouter(websocket_urlpatterns)
COMMUNICATOR: Any = ApplicationCommunicator  # asgiref gives it no types


class Browser:
    """One tab with a session that was granted some workspaces."""

    def __init__(self, workspace: Workspace, query: str = "", granted: bool = True) -> None:
        self.line = COMMUNICATOR(
            APPLICATION,
            {
                "type": "websocket",
                "path": f"/ws/workspace/{workspace.id}/",
                "query_string": query.encode(),
                "headers": [],
                "session": {"workspaces": [str(workspace.id)] if granted else []},
            },
        )

    async def open(self) -> None:
        await self.line.send_input({"type": "websocket.connect"})
        assert (await self.line.receive_output(timeout=5))["type"] == "websocket.accept"

    async def leave(self) -> None:
        await self.line.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.line.wait(timeout=5)

    async def hear(self) -> dict[str, Any]:
        output = await self.line.receive_output(timeout=5)
        told: dict[str, Any] = json.loads(output["text"])
        return told

    async def hears_nothing(self) -> bool:
        return bool(await self.line.receive_nothing(timeout=0.2))

    async def say(self, told: object) -> None:
        text = told if isinstance(told, str) else json.dumps(told)
        await self.line.send_input({"type": "websocket.receive", "text": text})

    async def do(self, action: str, payload: dict[str, Any], client: str | None = None) -> None:
        told = {"type": "do", "id": client or str(uuid4()), "action": action, "payload": payload}
        await self.say(told | {"at": datetime.now(UTC).isoformat()})


@asynccontextmanager
async def browsing(workspace: Workspace, query: str = "") -> AsyncIterator[Browser]:
    browser = Browser(workspace, query)
    await browser.open()
    yield browser
    await browser.leave()


async def made(features: Features = BASELINE, language: str = "en") -> Workspace:
    return await database_sync_to_async(a_workspace)(features, language=language)


async def test_a_new_browser_hears_the_state_and_its_number() -> None:
    workspace = await made()
    async with browsing(workspace) as browser:
        hello = await browser.hear()
    assert (hello["type"], hello["seq"]) == ("hello", 1)
    assert len(hello["state"]["images"]) == 6


async def test_an_action_is_acknowledged_and_told_to_every_tab() -> None:
    workspace = await made()
    async with browsing(workspace) as one, browsing(workspace) as other:
        await one.hear()
        await other.hear()
        await one.do("category.create", {"name": "land"})
        ack, event = sorted([await one.hear(), await one.hear()], key=lambda told: told["type"])
        assert (ack["type"], ack["seq"], ack["late"]) == ("ack", 2, False)
        assert event == await other.hear()
        assert (event["kind"], event["payload"]) == ("category.created", ack["result"])


async def test_the_same_id_sent_again_gets_the_same_acknowledgement() -> None:
    workspace, client = await made(), str(uuid4())
    heard = []
    async with browsing(workspace) as browser:
        await browser.hear()
        for _ in range(2):
            await browser.do("category.create", {"name": "land"}, client)
        heard = [await browser.hear() for _ in range(3)]
    acks = [told for told in heard if told["type"] == "ack"]
    assert len(acks) == 2
    assert acks[0] == acks[1]


async def test_a_returning_browser_hears_what_it_missed_and_no_state() -> None:
    workspace = await made()
    async with browsing(workspace) as browser:
        await browser.hear()
        await browser.do("category.create", {"name": "land"})
        await browser.hear()
    async with browsing(workspace, "after=1") as browser:
        hello, missed = await browser.hear(), await browser.hear()
    assert "state" not in hello
    assert (missed["seq"], missed["kind"]) == (2, "category.created")


@pytest.mark.parametrize("query", ["after=0", "after=99", "after=x", "after=-1"])
async def test_a_browser_that_knows_nothing_of_use_hears_the_state(query: str) -> None:
    workspace = await made()
    async with browsing(workspace, query) as browser:
        assert "state" in await browser.hear()


async def test_a_refusal_is_told_in_the_language_of_the_workspace() -> None:
    workspace = await made(language="ja")
    async with browsing(workspace) as browser:
        await browser.hear()
        await browser.do("category.create", {"name": ""})
        refused = await browser.hear()
    assert (refused["type"], refused["code"]) == ("refused", "empty_name")
    assert refused["message"] == "カテゴリーに名前を付けてください。"


@pytest.mark.parametrize(
    "nonsense",
    [
        "no json",
        "[1]",
        "NaN",
        '{"type": "nothing"}',
        '{"type": "do", "id": "1", "action": "x"}',
        '{"type": "ping", "after": "\ud83d"}',
        '{"type": "ping", "after": 1e400}',
        '{"type": "sync", "after": 1' + "0" * 400 + "}",
        '{"type": "ping", "after": -1}',
        "[" * 60_000,
        '{"type": "do", "action": "' + "x" * 250_000 + '"}',
    ],
)
async def test_nonsense_is_refused_and_the_socket_stays_open(nonsense: str) -> None:
    workspace = await made()
    async with browsing(workspace) as browser:
        await browser.hear()
        await browser.say(nonsense)
        refused = await browser.hear()
        assert (refused["type"], refused["id"]) == ("refused", None)
        await browser.say({"type": "ping", "after": 1})
        assert (await browser.hear())["type"] == "pong"


async def test_a_workspace_of_somebody_else_is_closed_at_once() -> None:
    browser = Browser(await made(), granted=False)
    await browser.open()
    closed = await browser.line.receive_output(timeout=5)
    assert closed == {"type": "websocket.close", "code": 4404}


async def test_a_ping_tells_that_somebody_is_there_and_what_was_missed() -> None:
    workspace = await made(DUETML)
    async with browsing(workspace) as browser:
        await browser.hear()
        await browser.say({"type": "ping", "after": 0})
        pong, *missed = [await browser.hear() for _ in range(3)]
    await workspace.arefresh_from_db()
    assert pong["seq"] == 2
    assert [told["kind"] for told in missed] == ["workspace.opened", "chat.greeted"]
    assert workspace.seen_at is not None
    assert workspace.proactive_at is not None
    assert (workspace.proactive_at - workspace.seen_at).total_seconds() <= 60


async def test_the_baseline_never_gets_a_proactive_turn() -> None:
    workspace = await made(BASELINE)
    async with browsing(workspace) as browser:
        await browser.hear()
    await workspace.arefresh_from_db()
    assert workspace.proactive_at is None


async def test_frames_that_overtake_each_other_are_told_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workspace = await made()
    async with browsing(workspace) as browser:
        await browser.hear()
        frames: list[Mapping[str, Any]] = []
        monkeypatch.setattr(log, "push_after_commit", lambda _stream, told: frames.append(told))
        for name in ("land", "water"):
            await database_sync_to_async(a_category)(workspace, name)
        for told in reversed(frames):
            await database_sync_to_async(push)(workspace.stream, told)
        assert [(await browser.hear())["seq"] for _ in range(2)] == [2, 3]
        assert await browser.hears_nothing()


async def test_tokens_reach_the_browser_and_leave_no_row() -> None:
    workspace = await made(DUETML)
    async with browsing(workspace) as browser:
        await browser.hear()
        await database_sync_to_async(push)(workspace.stream, {"type": "token", "text": "Hm"})
        assert await browser.hear() == {"type": "token", "text": "Hm"}
        await browser.say({"type": "sync", "after": 2})
        assert await browser.hears_nothing()


async def test_closing_is_told_to_the_browser() -> None:
    workspace = await made()
    async with browsing(workspace) as browser:
        await browser.hear()
        now = datetime.now(UTC)
        assert await database_sync_to_async(workspaces.close)(workspace.id, "clock", now)
        assert not await database_sync_to_async(workspaces.close)(workspace.id, "clock", now)
        assert (await browser.hear())["kind"] == "workspace.closed"
        await browser.do("category.create", {"name": "land"})
        heard = [await browser.hear(), await browser.hear()]
    assert [told["late"] for told in heard if told["type"] == "ack"] == [True]
