"""A study that needs a wide window says so before anybody begins, and again where time starts."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from study.models import Participant
from tests import studies as helper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # see test_study_pages
WIDE, NARROW = {"width": 1000, "height": 800}, {"width": 390, "height": 800}


def elsewhere(work: Callable[..., Any], *arguments: object) -> Any:
    with ThreadPoolExecutor(1) as one:
        return one.submit(work, *arguments).result()


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """The public page of a study that needs 900 pixels, in a narrow window."""
    source = helper.OFFLINE + "minimum_width: 900\n"
    elsewhere(lambda: helper.open_study(source=source))
    context = chromium.new_context(locale="en", viewport=NARROW)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{live_server.url}/study/s/walk/")
    yield page
    context.close()


def notice(page: Page) -> Any:
    return page.get_by_text("This window is too narrow for this study.")


def test_nobody_enrols_in_a_narrow_window_until_it_is_wide_enough(page: Page) -> None:
    start = page.get_by_role("button", name="Start")
    expect(notice(page)).to_be_visible()
    expect(start).to_be_disabled()
    assert elsewhere(Participant.objects.count) == 0

    page.set_viewport_size(WIDE)  # type: ignore[arg-type]

    expect(notice(page)).to_be_hidden()
    start.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("About this study")


def test_what_was_filled_in_survives_a_window_that_became_narrow(page: Page) -> None:
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.get_by_role("button", name="Start").click()
    for box in page.get_by_role("checkbox").all():
        box.check()

    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    expect(page.get_by_role("button", name="I agree")).to_be_disabled()
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.get_by_role("button", name="I agree").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Can you take part?")


def test_a_study_without_a_minimum_says_nothing_of_width(
    chromium: Browser, live_server: LiveServer
) -> None:
    elsewhere(helper.open_study)
    page = chromium.new_page(viewport=NARROW)  # type: ignore[arg-type]
    page.goto(f"{live_server.url}/study/s/walk/")
    expect(page.get_by_role("button")).not_to_have_count(0)
    assert "too narrow" not in page.content()
    page.close()
