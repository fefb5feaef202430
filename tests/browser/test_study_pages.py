"""The pages between the tasks in Chromium, with and without scripts."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from study.models import Participant, Response
from tests import studies as helper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Playwright keeps a loop running in this thread, and Django guards against reading rows beside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def elsewhere(work: Callable[..., Any], *arguments: object) -> Any:
    """Run something that reads or writes rows: Playwright's loop occupies this thread."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(work, *arguments).result()


Begin = Callable[..., Page]


@pytest.fixture
def begin(chromium: Browser, live_server: LiveServer) -> Iterator[Begin]:
    """Somebody at the first step: begin(java_script_enabled=False)."""
    elsewhere(helper.open_study)
    opened = []

    def start(**wanted: Any) -> Page:
        opened.append(chromium.new_context(locale="en", **wanted))
        page = opened[-1].new_page()
        page.goto(f"{live_server.url}/study/s/walk/")
        page.get_by_role("button", name="Start").click()
        if wanted.get("java_script_enabled", True):
            page.wait_for_url("**/study/step/")  # with its scripts: a test may cut the line next
        expect(page.get_by_label("free will")).to_be_visible()
        return page

    yield start
    for context in opened:
        context.close()


def go_on(page: Page) -> None:
    page.locator("form.questions button.primary").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_person_forgets_something_is_told_and_goes_on(begin: Begin, scripts: bool) -> None:
    page = begin(java_script_enabled=scripts)
    page.get_by_label("free will").check()
    go_on(page)

    expect(page.get_by_role("alert")).to_contain_text("Something is missing")
    expect(page.get_by_label("free will")).to_be_checked()
    page.get_by_label("I have read").check()
    page.get_by_label("I agree that text").check()
    go_on(page)
    page.get_by_label("Yes").first.check()
    page.get_by_label("No, never").check()
    go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("About you")
    assert elsewhere(lambda: Participant.objects.get().step) == 2


def test_the_summary_of_errors_takes_the_focus(begin: Begin) -> None:
    page = begin()
    go_on(page)

    expect(page.get_by_role("alert")).to_be_focused()


def test_an_answer_survives_a_reload_that_nobody_announced(begin: Begin) -> None:
    page = begin()
    page.get_by_label("free will").check()
    expect(page.locator("[data-saved-note]")).to_contain_text("saved")
    page.reload()

    expect(page.get_by_label("free will")).to_be_checked()


def test_an_answer_given_without_a_connection_is_sent_later_once(begin: Begin) -> None:
    page = begin()
    page.context.set_offline(True)
    page.get_by_label("free will").check()
    expect(page.locator("[data-saved-note]")).to_contain_text("waiting")
    page.context.set_offline(False)

    expect(page.locator("[data-saved-note]")).to_contain_text("saved", timeout=15_000)
    assert elsewhere(lambda: Response.objects.get(item="agreed").value) is True


def test_no_page_breaks_the_content_security_policy(begin: Begin) -> None:
    page = begin()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.reload()
    page.get_by_label("free will").check()
    expect(page.locator("[data-saved-note]")).to_contain_text("saved")

    assert complaints == []


def agree(page: Page) -> None:
    for words in ("free will", "I have read", "I agree that text"):
        page.get_by_label(words).check()
    go_on(page)
    expect(page.get_by_label("No, never")).to_be_visible()


def test_a_page_that_a_form_was_answered_with_is_reloaded_and_come_back_to_without_sending(
    begin: Begin,
) -> None:
    page = begin()
    agree(page)
    page.get_by_label("No, never").check()
    expect(page.locator("[data-saved-note]")).to_contain_text("saved")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.method) if one.is_navigation_request() else None)

    page.reload()
    expect(page.get_by_label("No, never")).to_be_checked()
    page.goto(page.url.replace("/step/", "/withdraw/"))
    page.go_back()

    expect(page.get_by_label("No, never")).to_be_checked()
    assert sent == ["GET", "GET", "GET"]


def test_the_first_page_is_reloaded_and_left_backwards_without_enrolling_again(
    begin: Begin,
) -> None:
    page = begin()

    page.reload()
    expect(page.get_by_label("free will")).to_be_visible()
    page.go_back()

    page.wait_for_url("**/study/s/walk/")
    assert elsewhere(Participant.objects.count) == 1


def test_without_scripts_reloading_the_first_page_enrols_nobody_again(begin: Begin) -> None:
    page = begin(java_script_enabled=False)

    page.reload()

    expect(page.get_by_label("free will")).to_be_visible()
    assert page.url.endswith("/study/step/")
    assert elsewhere(Participant.objects.count) == 1


def test_without_scripts_sending_a_form_again_by_reloading_changes_nothing(begin: Begin) -> None:
    page = begin(java_script_enabled=False)
    agree(page)

    page.reload()

    expect(page.get_by_text("That page was finished before")).to_be_visible()
    expect(page.get_by_label("No, never")).to_be_visible()
    assert elsewhere(lambda: Participant.objects.get().step) == 1
