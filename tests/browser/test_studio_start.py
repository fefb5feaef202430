"""The studio in Chromium, as somebody meets it who has only the link."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.people import a_pool
from tests.stack import Stack, running_stack

pytestmark = pytest.mark.browser
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # see test_study_pages
PROBLEMS = (
    "() => axe.run().then((found) => found.violations.map((one) => [one.id, one.nodes[0].html]))"
)
PATIENT = 60_000


def elsewhere(work: Callable[..., Any], *arguments: object) -> Any:
    with ThreadPoolExecutor(1) as one:
        return one.submit(work, *arguments).result()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything runs, the studio is open, and there are the drawn pictures of one pool."""
    with running_stack(tmp_path_factory.mktemp("var"), DUETML_STUDIO="1") as running:
        running.manage("draw_pools", "--only", "practice")
        yield running


@pytest.fixture
def visitor(context: BrowserContext, platform: Stack) -> Page:
    page = context.new_page()
    page.goto(f"{platform.url}/")
    return page


def a_category(page: Page, name: str, pictures: int, key: str) -> None:
    page.get_by_placeholder("Name of the new category").fill(name)
    page.get_by_role("button", name="+ category").click()
    expect(page.locator("#cards")).to_contain_text(name)
    for _ in range(pictures):
        page.locator("#pool-grid .thumb").first.click()
        page.keyboard.press(key)
        page.wait_for_timeout(150)


def test_from_the_home_page_to_a_first_result_and_back_again(visitor: Page) -> None:
    visitor.get_by_role("link", name="Try it yourself").click()
    expect(visitor.get_by_role("radio", name="A few simple things")).to_be_checked()
    visitor.get_by_role("button", name="Begin").click()
    visitor.wait_for_selector("#workspace.ready")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("A few simple things")

    a_category(visitor, "Fruit", 3, "1")
    a_category(visitor, "Toys", 3, "2")
    visitor.get_by_role("button", name="Train", exact=True).click()
    expect(visitor.locator("#train-note")).to_contain_text("is done", timeout=PATIENT)

    here = visitor.url
    visitor.get_by_role("link", name="Start afresh").click()
    expect(visitor.get_by_text("6 pictures sorted")).to_be_visible()
    visitor.get_by_role("button", name="Begin").click()
    visitor.wait_for_selector("#workspace.ready")
    assert visitor.url != here
    expect(visitor.locator("#cards")).not_to_contain_text("Fruit")


def test_the_page_goes_on_in_another_language(visitor: Page) -> None:
    visitor.goto(visitor.url + "studio/")
    visitor.get_by_role("button", name="Begin").click()
    visitor.wait_for_selector("#workspace.ready")
    here = visitor.url

    visitor.get_by_role("button", name="日本語").click()

    visitor.wait_for_selector("#workspace.ready")
    assert visitor.url == here
    expect(visitor.get_by_role("link", name="新しく始める")).to_be_visible()


def test_own_pictures_only_begins_with_an_empty_pool(visitor: Page, tmp_path: Path) -> None:
    visitor.goto(visitor.url + "studio/")
    visitor.get_by_role("radio", name="My own pictures").check()
    visitor.get_by_role("button", name="Begin").click()
    visitor.wait_for_selector("#workspace.ready")
    expect(visitor.locator("#pool-grid .thumb")).to_have_count(0)
    expect(visitor.get_by_role("button", name="Add pictures")).to_be_visible()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_start_page_hinders_nobody(
    chromium: Browser, live_server: LiveServer, settings: Settings, language: str, width: int
) -> None:
    settings.STUDIO = True
    elsewhere(a_pool, "animals", 6)
    page = chromium.new_page(locale=language, viewport={"width": width, "height": 800})
    page.goto(f"{live_server.url}/studio/")
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(PROBLEMS) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()
