"""A researcher's path from a new study to a closed one, in a browser and by keyboard alone."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from study.models import Study
from tests.studies import OFFLINE, pools

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
MOST_TABS = 120


def elsewhere(work: Any) -> Any:
    def run() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as one:
        return one.submit(run).result()


def prepare() -> str:
    pools()
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture(params=[1280, 390])
def page(
    chromium: Browser, live_server: LiveServer, request: pytest.FixtureRequest
) -> Iterator[Page]:
    session = elsewhere(prepare)
    width: int = request.param
    language = os.environ.get("DUETML_LOOK_LANGUAGE", "en")
    context = chromium.new_context(locale=language, viewport={"width": width, "height": 900})
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    opened = context.new_page()
    opened.goto(f"{live_server.url}/study/")
    yield opened
    context.close()


def to(page: Page, wanted: Locator) -> None:
    """Press the tabulator until it is there."""
    expect(wanted).to_be_visible()
    for _ in range(MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the tabulator does not lead there")


def enter(page: Page, role: Any, name: str) -> None:
    to(page, page.get_by_role(role, name=name, exact=True))
    page.keyboard.press("Enter")


def write(page: Page, label: str, words: str) -> None:
    to(page, page.get_by_label(label))
    page.keyboard.insert_text(words)


def replace(page: Page, words: str) -> None:
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(words)


def look(page: Page, name: str) -> None:
    """Nothing is wrong with the page that a program can find; kept as a picture on demand."""
    found = Axe().run(page)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    if folder := os.environ.get("DUETML_LOOK"):
        width = page.viewport_size["width"]  # type: ignore[index]
        page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def test_a_study_is_made_checked_piloted_opened_and_closed_by_keyboard(page: Page) -> None:
    enter(page, "link", "New study")
    expect(page.get_by_role("heading", name="New study")).to_be_visible()
    write(page, "Its name in addresses", "mine")
    write(page, "or type it here", OFFLINE)
    look(page, "new")
    enter(page, "button", "Make the study")

    editor = page.get_by_label("The protocol (YAML)")
    wrong = OFFLINE.replace("per_condition: 6", "per_condition: six")
    line = wrong[: wrong.index("per_condition: six")].count("\n") + 1
    to(page, editor)
    replace(page, wrong)
    expect(page.get_by_role("button", name=f"Line {line}")).to_be_visible()
    look(page, "protocol")
    enter(page, "button", f"Line {line}")
    assert "per_condition: six" in editor.evaluate(
        "field => field.value.slice(field.selectionStart, field.selectionEnd)"
    )
    replace(page, OFFLINE.replace("per_condition: 6", "per_condition: 8"))
    expect(page.get_by_text("It can be used.")).to_be_visible()
    enter(page, "button", "Save as a new version")
    expect(page.get_by_text("“6” → “8”")).to_be_visible()

    enter(page, "link", "Pre-flight")
    expect(page.get_by_role("heading", name="Pre-flight")).to_be_visible()
    look(page, "preflight")
    to(page, page.get_by_role("checkbox"))
    page.keyboard.press("Space")
    write(page, "Type mine to confirm", "mine")
    enter(page, "button", "Pilot it first")
    expect(page.get_by_text("Pilot it, then open it.")).to_be_visible()

    to(page, page.get_by_role("checkbox"))
    page.keyboard.press("Space")
    write(page, "Why it opens in spite of warnings, if there are any", "A class exercise.")
    write(page, "Type mine to confirm", "mine")
    look(page, "piloting")
    enter(page, "button", "Open the study")
    expect(page.get_by_role("button", name="Close the study")).to_be_visible()

    write(page, "Type mine to confirm", "mine")
    enter(page, "button", "Close the study")
    expect(page.get_by_role("button", name="Unlock the results")).to_be_visible()
    study = elsewhere(Study.objects.get)
    assert (study.state, study.override_reason) == ("closed", "A class exercise.")
