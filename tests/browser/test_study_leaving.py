"""Stopping, pauses, times for talks and links in Chromium: by keys alone, at both widths, in both
languages, without a finding of axe."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from study.models import Link, Participant
from study.rules import codes
from study.services import appointments, enrolment, links, pausing, withdrawal
from tests import studies as helper
from tests.browser.test_accessibility import check
from tests.protocols import Document, changed
from tests.studies import walk_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Playwright keeps a loop running in this thread, and Django guards against reading rows beside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
LOOK = os.environ.get("DUETML_LOOK", "")  # a folder for pictures of every page


def elsewhere(work: Callable[..., Any], *arguments: object) -> Any:
    """Run something that reads or writes rows: Playwright's loop occupies this thread."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(work, *arguments).result()


def with_a_talk(document: Document) -> None:
    talk: Document = {"key": "talk", "kind": "interview"}
    talk["title"] = {"en": "A talk", "ja": "お話"}
    text = {"en": "What should we ask you?", "ja": "何を聞いてほしいですか。"}
    talk["items"] = [{"key": "wish", "kind": "text", "text": text, "required": False}]
    document["steps"].insert(2, talk)
    document["steps"][0]["version"] = "3.1"
    document["ethics"] = {"approval": "2026-17", "board": "Board of the Institute"}
    document["completion"] = {
        "codes": {"withdrawn": "STOP-123", "screened_out": "OUT-1234"},
        "return_url": "https://recruiter.example/?cc={code}",
    }
    document["contact"] = {"name": "Ann Example", "email": "ann@lab.example"}


Arrive = Callable[[str, str], tuple[Page, UUID]]


@pytest.fixture
def arrive(chromium: Browser, live_server: LiveServer) -> Iterator[Arrive]:
    """arrive(language, step): somebody at a step, in a browser of theirs."""
    elsewhere(_world)
    opened: list[BrowserContext] = []

    def start(language: str, key: str) -> tuple[Page, UUID]:
        token = codes.personal_token()
        who = elsewhere(_somebody, token, language, key)
        opened.append(chromium.new_context(locale=language))
        page = opened[-1].new_page()
        page.goto(f"{live_server.url}/study/p/{token}/")
        return page, who

    yield start
    for context in opened:
        context.close()


def _world() -> None:
    helper.open_study(source=changed(with_a_talk))
    now = timezone.now()
    days = [timedelta(days=day) for day in (1, 2)]
    appointments.offer("walk", [now + day for day in days], 30, "ann", now)


def _somebody(token: str, language: str, key: str) -> UUID:
    now = timezone.now()
    who = enrolment.enrol("walk", token=token, language=language, now=now)[0].id
    if key not in ("consent", "eligibility", "talk"):
        walk_to(who, "talk", now)
        free = appointments.open_times(Participant.objects.get(pk=who).study, now)
        appointments.book(who, free[0].pk, now)
    walk_to(who, key, now)
    return who


def look(page: Page, name: str) -> None:
    check(page)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide at {width}"
        if LOOK:
            page.screenshot(path=Path(LOOK) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def press_until(page: Page, key: str, has_focus: str) -> None:
    for _ in range(40):
        page.keyboard.press(key)
        if page.evaluate("(one) => document.activeElement.matches(one)", has_focus):
            return
    raise AssertionError(f"{has_focus} cannot be reached with {key}")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_somebody_stops_and_deletes_by_keys_alone(arrive: Arrive, language: str) -> None:
    page, who = arrive(language, "about_you")
    press_until(page, "Tab", "a[href='/study/withdraw/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/study/withdraw/")
    look(page, f"withdraw-{language}")

    press_until(page, "Tab", "input[name=choice]")
    page.keyboard.press("ArrowDown")
    press_until(page, "Tab", "input[name=sure]")
    page.keyboard.press("Space")
    press_until(page, "Tab", "button.danger")
    page.keyboard.press("Enter")
    page.wait_for_url("**/study/step/")

    receipt = elsewhere(lambda: withdrawal.receipt_of(Participant.objects.get(pk=who)))
    expect(page.locator(".receipt")).to_contain_text(receipt.digest)
    expect(page.get_by_text("STOP-123")).to_be_visible()
    look(page, f"receipt-{language}")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_time_for_a_talk_is_taken(arrive: Arrive, language: str) -> None:
    page, _who = arrive(language, "talk")
    look(page, f"talk-{language}")

    page.locator("input[name=time]").first.check()
    page.locator("form[action='/study/appointment/'] button").click()

    expect(page.locator("p.notice[role=status]")).to_be_visible()
    look(page, f"talk-taken-{language}")


def test_what_is_typed_beside_the_times_for_a_talk_is_kept(arrive: Arrive) -> None:
    page, _who = arrive("en", "talk")

    page.locator("#wish").fill("Ask me about the map.")
    page.locator("input[name=time]").first.check()
    page.locator("form[action='/study/appointment/'] button").click()
    expect(page.locator("p.notice[role=status]")).to_be_visible()
    expect(page.locator("#wish")).to_have_value("Ask me about the map.")
    page.locator("#wish").fill("And about the chat.")
    expect(page.locator("[data-saved-note]")).to_contain_text("saved")
    page.reload()

    expect(page.locator("#wish")).to_have_value("And about the chat.")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_copy_of_the_consent_is_taken_along(
    arrive: Arrive, chromium: Browser, tmp_path: Path, language: str
) -> None:
    page, _who = arrive(language, "about_you")
    look(page, f"form-{language}")
    with page.expect_download() as downloaded:
        page.locator("a[href='/study/consent/']").click()
    kept = tmp_path / downloaded.value.suggested_filename
    downloaded.value.save_as(kept)

    context = chromium.new_context(offline=True)
    copy = context.new_page()
    copy.goto(kept.as_uri())
    expect(copy.locator("body")).to_contain_text("2026-17")
    assert copy.locator("html").get_attribute("lang") == language
    look(copy, f"copy-{language}")
    context.close()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_an_open_task_shows_a_pause_and_goes_on(arrive: Arrive, language: str) -> None:
    page, who = arrive(language, "practice")
    expect(page.locator("[role=timer]")).to_contain_text(":")

    elsewhere(pausing.pause, who, "alarm", "ann", timezone.now())
    page.reload()
    expect(page.locator("[data-paused]")).to_be_visible()
    look(page, f"paused-{language}")
    elsewhere(pausing.resume, who, "ann", timezone.now())

    expect(page.locator("[data-finish-form]")).to_be_visible(timeout=20_000)
    if LOOK:
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(LOOK) / f"task-{language}-{width}.png")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_who_does_not_agree_leaves_politely(arrive: Arrive, language: str) -> None:
    page, _who = arrive(language, "consent")
    look(page, f"consent-{language}")

    page.locator("form.decline button").click()

    expect(page.get_by_role("link", name="OUT-1234")).to_have_count(0)
    expect(page.locator(".code")).to_have_text("OUT-1234")
    look(page, f"declined-{language}")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_staff_make_links_and_offer_times(
    chromium: Browser, live_server: LiveServer, language: str
) -> None:
    elsewhere(_world)
    elsewhere(lambda: links.make("walk", Link.Kind.PERSONAL, ["Ada"], by="ann", now=timezone.now()))
    client = Client()
    elsewhere(lambda: client.force_login(User.objects.create_superuser("ann")))
    context = chromium.new_context(locale=language, accept_downloads=True)
    cookies = [
        {"name": name, "value": one.value, "url": live_server.url}
        for name, one in client.cookies.items()
    ]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()

    page.goto(f"{live_server.url}/study/walk/links/")
    look(page, f"links-{language}")
    page.locator("input[name=kind][value=listed]").check()
    page.locator("textarea[name=labels]").fill("Grace\nHedy")
    with page.expect_download() as downloaded:
        page.locator("form[enctype] button.primary").click()
    assert downloaded.value.suggested_filename == "walk-links.csv"
    page.goto(f"{live_server.url}/study/walk/appointments/")
    look(page, f"appointments-{language}")
    context.close()
