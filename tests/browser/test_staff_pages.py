"""Pages of the staff in Chromium: what was refused is read first, and nothing is out of reach."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from study.services import studies
from tests.browser.conftest import logged_in
from tests.browser.test_study_leaving import elsewhere
from tests.studies import NOON, OFFLINE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Playwright keeps a loop running in this thread, and Django guards against reading rows beside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(params=["en", "ja"])
def page(
    request: pytest.FixtureRequest, chromium: Browser, live_server: LiveServer
) -> Iterator[Page]:
    """A page for the owner of a new study."""
    client = Client()
    elsewhere(_world, client)
    context = logged_in(chromium, client, live_server.url, request.param)
    yield context.new_page()
    context.close()


def _world(client: Client) -> None:
    ann = User.objects.create_user("ann", is_staff=True)
    client.force_login(ann)
    studies.create("mine", OFFLINE, now=NOON, by=ann)


def see(page: Page, name: str) -> None:
    """A picture at both widths, where somebody wants to look (DUETML_LOOK names a folder)."""
    folder = os.environ.get("DUETML_LOOK")
    language = page.locator("html").get_attribute("lang")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        if folder:
            page.screenshot(path=Path(folder) / f"{name}-{language}-{width}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} scrolls sideways at {width}: {wide}"
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_refused_protocol_is_read_first_and_leads_to_its_line(page: Page) -> None:
    page.goto("/study/mine/protocol/")
    wrong = OFFLINE.replace("per_condition: 6", "per_condition: six")
    page.locator("#source").fill(wrong)
    page.locator("form[enctype] button.primary").click()

    expect(page.locator(".errors")).to_be_focused()
    see(page, "refused")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    chosen = page.evaluate(
        "(() => { const at = document.activeElement;"
        " return at.value.slice(at.selectionStart, at.selectionEnd) })()"
    )
    assert chosen.strip() == "per_condition: six"


def test_a_study_that_could_not_be_made_says_so_first(page: Page) -> None:
    page.goto("/study/new/")
    page.locator("[name=slug]").fill("other")
    page.locator("form[enctype] button.primary").click()

    expect(page.locator(".errors")).to_be_focused()
    see(page, "not-made")


PAGES = [f"/study/mine/{one}" for one in (
    "", "protocol/", "preflight/", "links/", "appointments/", "live/", "notes/", "members/",
    "audit/", "allocation/",
)]  # fmt: skip
PAGES += ["/study/", "/study/new/", "/rating/study/mine/", "/rating/results/mine/"]
PAGES += ["/rating/export/mine/"]


def test_every_page_of_the_staff_leads_to_the_pools_and_out(page: Page) -> None:
    for at in PAGES:
        answer = page.goto(at)
        assert answer is not None
        assert answer.ok, at
        expect(page.locator(".bar a[href='/pools/']")).to_have_count(1)
        expect(page.locator(".bar .account button")).to_have_count(1)
        expect(page.locator(".bar .account .soft")).to_have_text("ann")
        see(page, at.strip("/").replace("/", "-"))


def test_words_that_never_end_widen_no_page(page: Page) -> None:
    page.goto("/study/mine/allocation/")
    page.locator("#text").fill(f"condition\n{'x' * 100}")
    page.locator("form[enctype] button.primary").click()

    expect(page.locator(".errors li")).to_have_count(1)
    expect(page.locator(".errors")).to_be_focused()
    see(page, "long-words")
