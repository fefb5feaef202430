"""The numbers on the study's page: they go on by themselves, and say when they cannot."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from duetml.workspace.models import Spending
from tests import studies as helper
from tests.studies import OFFLINE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Playwright keeps a loop running in this thread, and Django guards against reading rows beside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
TICK = 10_000  # milliseconds between two looks


def elsewhere(work: Callable[..., Any], *arguments: object) -> Any:
    """Run something that reads or writes rows: Playwright's loop occupies this thread."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(work, *arguments).result()


def prepare() -> str:
    """A study with a cap of five dollars a day, and a session of somebody of the staff."""
    document = yaml.safe_load(OFFLINE)
    document["agents"]["budget"] = {"day": {"usd": 5}}
    helper.open_study(source=yaml.safe_dump(document, allow_unicode=True))
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def spend(usd: float) -> None:
    Spending.objects.update_or_create(
        payer="study:walk",
        day=datetime.now(UTC).date(),
        defaults={"calls": 7, "microusd": round(usd * 1_000_000)},
    )


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """The study's page in front of somebody, whose clock the test moves."""
    session = elsewhere(prepare)
    context = chromium.new_context(locale="en")
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    opened = context.new_page()
    opened.clock.install()
    opened.goto(f"{live_server.url}/study/walk/")
    yield opened
    context.close()


def today(page: Page) -> Any:
    return page.get_by_role("row", name="Today (UTC)").first


def test_the_numbers_are_folded_away_until_somebody_wants_them(page: Page) -> None:
    expect(today(page)).to_be_hidden()

    page.get_by_text("What they use").click()

    expect(
        page.get_by_text("whoever invites participants should leave this closed")
    ).to_be_visible()
    expect(today(page)).to_contain_text("$0.00")


def test_numbers_and_warnings_go_on_by_themselves(page: Page) -> None:
    page.get_by_text("What they use").click()
    elsewhere(spend, 3.9)
    page.clock.run_for(TICK)
    expect(today(page)).to_contain_text("$3.90")
    expect(page.locator(".notice")).to_have_count(0)

    elsewhere(spend, 5.1)
    page.clock.run_for(TICK)

    expect(page.locator(".notice.error")).to_contain_text("Today's cap for the agents is reached")
    expect(today(page)).to_contain_text("$5.10")  # and what was unfolded stays so


def test_a_page_that_can_no_longer_ask_says_so_and_recovers(page: Page) -> None:
    page.get_by_text("What they use").click()
    stale = page.get_by_text("these numbers are not the newest")
    expect(stale).to_be_hidden()

    page.context.set_offline(True)
    page.clock.run_for(TICK)
    expect(stale).to_be_visible()
    page.context.set_offline(False)
    page.clock.run_for(TICK)
    expect(stale).to_be_hidden()


def test_who_was_signed_out_is_told_instead_of_shown_the_login(page: Page) -> None:
    page.get_by_text("What they use").click()
    page.context.clear_cookies()

    page.clock.run_for(TICK)

    expect(page.get_by_text("these numbers are not the newest")).to_be_visible()
    expect(today(page)).to_be_visible()
