"""Image pools in Chromium: a folder, a zip file, looking through, with and without scripts."""

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, FilePayload, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from duetml.workspace.models import Pool, PoolImport
from duetml.workspace.services import pools
from duetml.workspace.work import importing
from tests.people import NOW, a_picture, a_pool

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # see test_study_pages
PROBLEMS = (
    "() => axe.run().then((found) => found.violations.map((one) => [one.id, one.nodes[0].html]))"
)

Open = Callable[..., Page]


def elsewhere(work: Callable[..., Any], *arguments: object) -> Any:
    """Run something that reads or writes rows: Playwright's loop occupies this thread."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(work, *arguments).result()


def _staff() -> str:
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def open_pool(chromium: Browser, live_server: LiveServer) -> Iterator[Open]:
    """The page of the empty pool “birds”, for staff: open_pool(java_script_enabled=False)."""
    session = elsewhere(_staff)
    elsewhere(lambda: pools.create("birds", "", "ann", NOW))
    opened = []

    def start(**wanted: Any) -> Page:
        opened.append(chromium.new_context(**({"locale": "en"} | wanted)))
        cookie = {"name": "sessionid", "value": session, "url": live_server.url}
        opened[-1].add_cookies([cookie])  # type: ignore[list-item]
        page = opened[-1].new_page()
        page.goto(f"{live_server.url}/pools/birds/")
        return page

    yield start
    for context in opened:
        context.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures, one of them twice, and a text."""
    (tmp_path / "photos" / "cats").mkdir(parents=True)
    for number in range(3):
        (tmp_path / "photos" / "cats" / f"{number}.jpg").write_bytes(a_picture(number))
    (tmp_path / "photos" / "z-copy.jpg").write_bytes(a_picture(0))
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    (tmp_path / "photos" / ".DS_Store").write_text("hidden")
    return tmp_path / "photos"


def sources() -> list[str]:
    entries = Pool.objects.get(name="birds").entries.order_by("source")
    return list(entries.values_list("source", flat=True))


def test_a_folder_is_sent_picture_by_picture_and_told(open_pool: Open, folder: Path) -> None:
    page = open_pool()

    page.get_by_label("A whole folder").set_input_files(folder)

    outcome = page.locator("[data-outcome]")
    expect(outcome).to_contain_text("3 added · 1 there already · 1 cannot be used")
    expect(outcome).to_be_focused()
    outcome.get_by_text("Cannot be used", exact=True).click()
    expect(outcome).to_contain_text("notes.txt: “notes.txt” is not an image.")
    assert elsewhere(sources) in (
        ["cats/0.jpg", "cats/1.jpg", "cats/2.jpg"],
        ["cats/1.jpg", "cats/2.jpg", "z-copy.jpg"],  # two at a time
    )


def test_a_folder_survives_a_lost_connection(open_pool: Open, folder: Path) -> None:
    page = open_pool()
    lost: list[str] = []

    def flaky(route: Route) -> None:
        if len(lost) < 3:
            lost.append(route.request.url)
            route.abort("connectionfailed")
        else:
            route.continue_()

    page.route("**/add/", flaky)
    page.get_by_label("A whole folder").set_input_files(folder)

    expect(page.locator("[data-outcome]")).to_contain_text("3 added", timeout=20_000)
    assert len(lost) == 3


def test_choosing_the_folder_again_goes_on_where_it_was_stopped(
    open_pool: Open, folder: Path
) -> None:
    page = open_pool()
    held: list[Route] = []
    page.route("**/add/", lambda route: held.append(route))
    page.get_by_label("A whole folder").set_input_files(folder)
    page.get_by_role("button", name="Stop").click()
    page.unroute("**/add/")  # lets go of those that are held
    expect(page.locator("[data-outcome]")).to_contain_text("Choose the folder again to go on.")

    page.get_by_label("A whole folder").set_input_files(folder)

    expect(page.locator("[data-outcome]")).to_contain_text("1 cannot be used")
    assert len(elsewhere(sources)) == 3


def a_zip() -> FilePayload:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.jpg", a_picture(number))
        archive.writestr("<b>bold.jpg", b"<script>")
    return {"name": "my pictures.zip", "mimeType": "application/zip", "buffer": out.getvalue()}


def read_it() -> None:
    importing.import_archive(str(PoolImport.objects.get().pk))


def test_a_zip_file_is_sent_and_its_report_fills_in_without_a_reload(open_pool: Open) -> None:
    page = open_pool()
    page.get_by_label("A zip file").set_input_files(a_zip())
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("waits to be read")).to_be_visible()
    page.evaluate("document.body.dataset.same = 'yes'")

    elsewhere(read_it)

    expect(page.get_by_role("heading", name="Cannot be used")).to_be_visible()
    expect(page.locator(".counts dd")).to_have_text(["3", "0", "1"])
    expect(page.get_by_role("cell", name="<b>bold.jpg", exact=True)).to_be_visible()
    assert page.evaluate("document.body.dataset.same") == "yes"


def test_a_zip_file_is_sent_without_scripts(open_pool: Open) -> None:
    page = open_pool(java_script_enabled=False)
    page.get_by_label("A zip file").set_input_files(a_zip())
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("waits to be read")).to_be_visible()

    elsewhere(read_it)

    expect(page.locator(".counts dd")).to_have_text(["3", "0", "1"], timeout=10_000)


def test_pictures_are_looked_at_closely_and_left_by_keys(open_pool: Open) -> None:
    elsewhere(a_pool, "birds", 3)
    page = open_pool()
    second = page.locator("[data-zoom]").nth(1)
    second.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("kind/1.jpg")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog")).to_contain_text("kind/2.jpg")
    expect(page.get_by_role("button", name="Next picture")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.locator("[data-zoom]").nth(2)).to_be_focused()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_of_a_pool_hinders_anybody(open_pool: Open, language: str, width: int) -> None:
    elsewhere(a_pool, "birds", 3)
    page = open_pool(locale=language, viewport={"width": width, "height": 800})
    for path in ("/pools/", "/pools/birds/", "/pools/birds/try/"):
        page.goto(page.url.split("/pools/")[0] + path)
        page.evaluate(AXE_SCRIPT)
        assert page.evaluate(PROBLEMS) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") == width
