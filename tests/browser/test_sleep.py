"""A device that slept: its page catches up without a reload, and says what it did once."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import OpenWorkspace
from tests.browser.stack import Stack

pytestmark = pytest.mark.browser

MOST_MISSED = 500  # events that a page is told one by one; beyond, it gets the whole state
MINUTES = 5 * 60 * 1000


class Line:
    """A page's connection that can be cut, or go silent as a sleeping device's does."""

    def __init__(self) -> None:
        self.is_cut = False
        self.there_is_silent = False  # what the page says is lost
        self.here_is_silent = False  # what the server says is lost
        self.sent: list[dict[str, Any]] = []  # actions that reached the server
        self.heard: list[dict[str, Any]] = []
        self._open: list[WebSocketRoute] = []

    def watch(self, page: Page) -> None:
        page.clock.install()
        page.route_web_socket("**/ws/**", self._serve)

    def _serve(self, route: WebSocketRoute) -> None:
        if self.is_cut:
            route.close()
            return
        self.there_is_silent = self.here_is_silent = False  # a new connection works
        server = route.connect_to_server()

        def say(message: str | bytes) -> None:
            if self.there_is_silent:
                return
            if (frame := json.loads(message))["type"] == "do":
                self.sent.append(frame)
            server.send(message)

        def hear(message: str | bytes) -> None:
            if not self.here_is_silent:
                self.heard.append(json.loads(message))
                route.send(message)

        route.on_message(say)
        server.on_message(hear)
        self._open.append(route)

    def hears(self, page: Page, kind: str) -> list[dict[str, Any]]:
        """The events of a kind that came, waiting for the first: an acknowledgement may be
        quicker than its event."""
        for _ in range(500):
            if told := [frame for frame in self.heard if frame.get("kind") == kind]:
                return told
            page.wait_for_timeout(20)
        return []

    def cut(self) -> None:
        self.is_cut = True
        for route in self._open:
            route.close()

    def mend(self, page: Page) -> None:
        self.is_cut = False
        page.evaluate("dispatchEvent(new Event('online'))")


def add_category(page: Page, name: str) -> None:
    page.locator("#category-name").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name=name, exact=True)).to_be_visible()


def workspace_of(page: Page) -> str:
    return page.locator("#workspace").get_attribute("data-workspace") or ""


@pytest.mark.parametrize("missed", [3, MOST_MISSED + 10])
def test_a_page_that_was_away_catches_up_and_sends_what_waited_once(
    open_workspace: OpenWorkspace, stage: Stack, missed: int
) -> None:
    line = Line()
    page = open_workspace(watch=line.watch, sorted={"Toys": 2})
    page.evaluate("window.isTheSamePage = true")
    line.cut()
    expect(page.locator("#saved")).to_have_text("offline, reconnecting…")
    add_category(page, "Mine")
    expect(page.locator("#saved")).to_have_text("offline, 1 change waiting")
    stage.python("-m", "tests.browser.stage.busy", workspace_of(page), "Games", str(missed))
    line.heard.clear()

    line.mend(page)

    expect(page.get_by_role("article", name=f"Games {missed}", exact=True)).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("saved ")
    expect(page.locator("#announcer")).to_contain_text("Connected again")
    expect(page.get_by_role("article", name="Mine", exact=True)).to_have_count(1)
    assert page.evaluate("window.isTheSamePage")
    hello = next(frame for frame in line.heard if frame["type"] == "hello")
    assert ("state" in hello) == (missed > MOST_MISSED)
    assert [frame["payload"] for frame in line.sent] == [{"name": "Mine"}]


@pytest.mark.parametrize("lost", ["what it said", "the answer"])
def test_a_page_that_slept_over_its_own_action_does_it_once(
    open_workspace: OpenWorkspace, lost: str
) -> None:
    line = Line()
    page = open_workspace(watch=line.watch, sorted={"Toys": 2})
    line.here_is_silent, line.there_is_silent = True, lost == "what it said"
    add_category(page, "Mine")
    expect(page.locator("#saved")).to_have_text("saving…")

    page.clock.fast_forward(MINUTES)

    expect(page.locator("#saved")).to_contain_text("saved ")
    ids = {frame["id"] for frame in line.sent}
    assert len(ids) == 1
    created = line.hears(page, "category.created")
    assert [frame["payload"]["name"] for frame in created] == ["Mine"]
    page.reload()
    expect(page.get_by_role("article", name="Mine", exact=True)).to_have_count(1)


def test_two_pages_of_one_workspace_show_the_same(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(sorted={"Toys": 2, "Food": 0})
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector("#workspace.ready")

    add_category(page, "From one")
    add_category(other, "From the other")

    for one in (page, other):
        for name in ("Toys", "Food", "From one", "From the other"):
            expect(one.get_by_role("article", name=name, exact=True)).to_have_count(1)
