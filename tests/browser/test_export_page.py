"""The page of a study's exports in a browser: asked for, watched while it is made, downloaded."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from evaluation.models import ExportJob
from evaluation.work import export_job
from tests.exports import finished_world
from tests.raters import answer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def elsewhere(work: Any) -> Any:
    def run() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as one:
        return one.submit(run).result()


def prepare() -> str:
    world = finished_world(6, 2)
    for place, submission in enumerate(world.submissions):
        said = {"age": 31 if place else 68, "gender": "woman" if place < 5 else "man"}
        answer(submission.participant, 2, "about_you", said)
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture(params=[1280, 390])
def page(
    chromium: Browser, live_server: LiveServer, request: pytest.FixtureRequest
) -> Iterator[Page]:
    session = elsewhere(prepare)
    width: int = request.param
    context = chromium.new_context(locale="en", viewport={"width": width, "height": 900})
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    opened = context.new_page()
    opened.goto(f"{live_server.url}/rating/export/duetml/")
    yield opened
    context.close()


def make() -> None:
    export_job.make(str(ExportJob.objects.get().pk))


def test_an_export_is_asked_for_watched_and_downloaded(page: Page, tmp_path: Path) -> None:
    page.get_by_role("button", name="Make an export").click()
    expect(page.get_by_text("Waits to be made")).to_be_visible()

    elsewhere(make)
    link = page.get_by_role("link", name="Download")
    expect(link).to_be_visible()  # without a reload
    with page.expect_download() as started:
        link.click()

    started.value.save_as(tmp_path / "out.zip")
    with ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        assert "duetml/README.md" in archive.namelist()
    expect(page.get_by_text("shared by fewer than 3 people")).to_be_visible()
    found = Axe().run(page)
    assert [one["id"] for one in found.response["violations"]] == []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    if folder := os.environ.get("DUETML_LOOK"):
        page.screenshot(path=f"{folder}/export-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]
