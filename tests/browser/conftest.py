"""Chromium, and a running system with one page: the workspace's."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.stack import Stack
from tests.vendor import Vendor

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
POLICY = "Content Security Policy"

expect.set_options(timeout=15_000)  # a busy machine is no defect; what is there is seen at once

OpenWorkspace = Callable[..., Page]


@pytest.fixture(scope="session")
def stage_vendor() -> Iterator[Vendor]:
    """The stand-in that a workspace asks where its agents' provider is not "offline"."""
    with Vendor() as vendor:
        yield vendor


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, stage_vendor: Vendor) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("stack"), stage_vendor.url)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    fresh = chromium.new_context(viewport={"width": 1280, "height": 800})
    fresh.set_default_timeout(15_000)
    yield fresh
    fresh.close()


def logged_in(chromium: Browser, client: Client, url: str, language: str) -> BrowserContext:
    """A browser that is logged in as this client is; the caller closes it."""
    context = chromium.new_context(locale=language, base_url=url)
    for name, one in client.cookies.items():
        context.add_cookies([{"name": name, "value": one.value, "url": url}])
    return context


@pytest.fixture
def open_workspace(stage: Stack, context: BrowserContext) -> Iterator[OpenWorkspace]:
    """Make a workspace and open its page: open_workspace(chat=True, language="ja", …)."""

    def open_page(watch: Callable[[Page], None] | None = None, **wanted: object) -> Page:
        made = stage.make(**wanted)
        cookie = {"name": "sessionid", "value": made["session"], "url": stage.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if POLICY in said.text else None)
        if watch is not None:
            watch(page)
        page.goto(f"{stage.url}/stage/{made['workspace']}/")
        page.wait_for_selector("#workspace.ready")
        page.wait_for_selector("#pool-grid .thumb")
        return page

    problems: list[str] = []
    yield open_page
    assert problems == []


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A readable picture on disk."""
    from PIL import Image

    path = tmp_path / "mine.png"
    Image.new("RGB", (64, 64), (200, 30, 30)).save(path)
    return path
