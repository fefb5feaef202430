"""A table of the groups is given in Chromium: pasted, mended and taken, at both widths."""

import os
import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from study.services import studies
from tests.browser.conftest import logged_in
from tests.browser.test_study_leaving import elsewhere, look
from tests.protocols import with_terms
from tests.studies import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Playwright keeps a loop running in this thread, and Django guards against reading rows beside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(params=["en", "ja"])
def page(
    request: pytest.FixtureRequest, chromium: Browser, live_server: LiveServer
) -> Iterator[Page]:
    """The page of the table of a new study, for its owner."""
    client = Client()
    elsewhere(_world, client)
    context = logged_in(chromium, client, live_server.url, request.param)
    opened = context.new_page()
    opened.goto("/study/mine/allocation/")
    yield opened
    context.close()


def _world(client: Client) -> None:
    ann = User.objects.create_user("ann", is_staff=True)
    client.force_login(ann)
    terms = {"method": "table", "per_condition": 2, "strata": ["built_ml"]}
    studies.create("mine", with_terms(allocation=terms), now=NOON, by=ann)


def test_a_table_is_pasted_mended_and_taken(page: Page) -> None:
    language = page.locator("html").get_attribute("lang")
    lines = ["stratum,condition", *["built_ml=never,duetml"] * 2, *["built_ml=never,baseline"] * 2]
    look(page, f"table-{language}")

    page.locator("#text").fill("\n".join(lines).replace("never,baseline", "never,base line", 1))
    page.locator("form[enctype] button").click()
    expect(page.locator(".errors li")).to_contain_text(re.compile("line 4|4 行目"))
    look(page, f"table-wrong-{language}")
    page.locator("#text").fill("\n".join(lines))
    page.locator("form[enctype] button").click()

    expect(page.locator("tbody td.number")).to_have_text(["2", "2", "4"])
    expect(page.locator("#text")).to_have_value("")
    look(page, f"table-there-{language}")
