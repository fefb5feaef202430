"""The one file that a page's modules are collected into does in a browser what they do apart."""

import pytest
from playwright.sync_api import Page, Route, expect

from duetml.config.bundle import bundle
from duetml.config.static import read_source
from tests.browser.conftest import OpenWorkspace

pytestmark = pytest.mark.browser

SCRIPTS = "**/static/workspace/js/**"


@pytest.mark.parametrize(
    ("page_name", "features"),
    [("plain", {}), ("studio-chat", {"chat": True, "arrange": True, "map": True})],
)
def test_a_page_needs_one_script_and_works(
    open_workspace: OpenWorkspace, page_name: str, features: dict[str, bool]
) -> None:
    asked: list[str] = []

    def serve(route: Route) -> None:
        name = route.request.url.split("/static/")[1]
        asked.append(name)
        route.fulfill(body=bundle(name, read_source), content_type="text/javascript")

    def watch(page: Page) -> None:
        page.route(SCRIPTS, serve)

    page = open_workspace(watch=watch, features=features)
    page.locator("#category-name").fill("Toys")
    page.keyboard.press("Enter")

    expect(page.get_by_role("article", name="Toys", exact=True)).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("saved ")
    assert asked == [f"workspace/js/pages/{page_name}.js"]
