"""Training, testing and the studio in a real browser, against a whole running system."""

import base64
from io import BytesIO
from random import Random

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenWorkspace
from tests.browser.test_workspace import SLOWEST, pictures_in, put

pytestmark = pytest.mark.browser

STUDIO = dict.fromkeys(
    (
        "arrange",
        "copies",
        "folders",
        "similar",
        "history",
        "quality",
        "nearest",
        "map",
        "take_home",
    ),
    True,
)
DROP = """([selector, kind, files]) => {
  const data = new DataTransfer();
  for (const [name, base64] of files) {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    data.items.add(new File([bytes], name, { type: "image/jpeg" }));
  }
  const node = document.querySelector(selector);
  const options = { bubbles: true, cancelable: true };
  if (kind === "paste") {
    node.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: data }));
    return;
  }
  for (const type of ["dragenter", "dragover", "drop"])
    node.dispatchEvent(new DragEvent(type, { ...options, dataTransfer: data }));
}"""


def files(*seeds: int) -> list[list[str]]:
    """Photographs of noise, each another."""
    return [[f"mine{seed}.jpg", base64.b64encode(noise(seed)).decode()] for seed in seeds]


def noise(seed: int) -> bytes:
    grey = Image.frombytes("L", (160, 120), Random(seed).randbytes(160 * 120))
    out = BytesIO()
    grey.save(out, "JPEG")
    return out.getvalue()


def train(page: Page, number: int = 1) -> None:
    page.get_by_role("button", name="Train", exact=True).click()
    done = f"Training run {number} is done"
    expect(page.locator("#train-note")).to_contain_text(done, timeout=SLOWEST)


def unfold(page: Page, panel: str) -> Locator:
    """Open a panel of the studio."""
    found = page.locator(f"details#{panel}")
    found.locator("> summary").click()
    return found


def said(page: Page) -> str:
    return page.locator("#announcer").inner_text()


def test_undoing_a_change_takes_the_stale_badge_away_even_after_a_reload(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(sorted={"Toys": 3, "Food": 3})
    train(page)
    expect(page.locator("#train-stale")).to_be_hidden()
    put(page, 1, "1")
    expect(page.locator("#train-stale")).to_have_text("data changed since training run 1")
    expect(page.locator("#saved")).to_contain_text("saved ")
    page.reload()
    expect(page.locator("#train-stale")).to_be_visible()
    page.locator("#undo").click()
    expect(page.locator("#train-stale")).to_be_hidden()


def test_a_picture_dropped_on_the_test_panel_is_tested_at_once(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(sorted={"Toys": 3, "Food": 3})
    train(page)
    page.evaluate(DROP, ["#test", "drop", files(1)])
    expect(page.locator("#results .result")).to_have_count(1, timeout=SLOWEST)
    expect(page.locator("#results .percent")).to_have_count(2)
    expect(page.locator("#announcer")).to_contain_text("1 picture tested. Picture 41: ")
    expect(page.locator("#announcer")).to_contain_text("percent.")


def test_several_pictures_pasted_on_the_test_panel_are_tested_together(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(sorted={"Toys": 3, "Food": 3})
    train(page)
    page.get_by_role("button", name="Choose test pictures").focus()
    page.evaluate(DROP, ["#test-open", "paste", files(1, 2, 3)])
    expect(page.locator("#results .result")).to_have_count(3, timeout=SLOWEST)


def test_of_the_files_dropped_on_the_test_panel_those_that_are_pictures_are_tested(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(sorted={"Toys": 3, "Food": 3})
    train(page)
    broken = ["broken.jpg", base64.b64encode(b"not a picture").decode()]
    page.evaluate(DROP, ["#test", "drop", [*files(1), broken]])
    expect(page.locator("#results .result")).to_have_count(1, timeout=SLOWEST)
    expect(page.locator("#test-refused")).to_contain_text("broken.jpg")


def test_pictures_dragged_from_the_pool_to_the_test_panel_are_tested(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(sorted={"Toys": 3, "Food": 3})
    train(page)
    page.locator("#pool-grid .thumb").nth(1).drag_to(page.locator("#test-title"))
    expect(page.locator("#results .result")).to_have_count(1, timeout=SLOWEST)
    expect(page.locator("#cards .thumb")).to_have_count(6)


def test_results_of_an_older_model_say_so(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(sorted={"Toys": 3, "Food": 3})
    train(page)
    page.evaluate(DROP, ["#test", "drop", files(1)])
    expect(page.locator("#results .result")).to_have_count(1, timeout=SLOWEST)
    expect(page.locator("#test-stale")).to_be_hidden()
    put(page, 1, "1")
    train(page, 2)
    expect(page.locator("#test-stale")).to_contain_text("before the last training")


def test_the_pictures_of_an_earlier_training_come_back_and_go_again(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 3, "Food": 3})
    train(page)
    put(page, 2, "1")
    train(page, 2)
    panel = unfold(page, "runs")
    expect(panel.locator(".run")).to_have_count(2)
    expect(panel.locator(".run").first).to_contain_text("the model you test")
    panel.get_by_role("button", name="Training 1: Restore these pictures").click()
    expect(pictures_in(page, "Toys")).to_have_count(3)
    expect(panel.get_by_role("status")).to_contain_text(
        "These are the pictures of training 1 again"
    )
    expect(page.locator("#train-stale")).to_have_text("data changed since training run 2")
    page.locator("#undo").click()
    expect(pictures_in(page, "Toys")).to_have_count(5)
    expect(page.locator("#train-stale")).to_be_hidden()
