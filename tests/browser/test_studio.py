"""Training, testing and the studio in a real browser, against a whole running system."""

import base64
import re
from io import BytesIO
from random import Random
from zipfile import ZipFile

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenWorkspace
from tests.browser.test_accessibility import found_on
from tests.browser.test_workspace import PHONE, SLOWEST, card, pictures_in, put

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


def test_what_the_model_got_wrong_is_shown_and_can_be_moved_there_and_back(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 8, "Food": 8})
    train(page)
    panel = unfold(page, "quality")
    expect(panel.locator("#quality-verdict")).to_contain_text("of 16 right when asked about")
    mistake = panel.locator(".mistake").filter(has_text="You put it into “Toys”").first
    mistake.get_by_role("button", name="Move to Food").click()
    expect(pictures_in(page, "Toys")).to_have_count(7)
    expect(mistake).to_contain_text("You moved it there.")
    expect(panel.locator("#quality-stale")).to_be_visible()
    mistake.get_by_role("button", name="Back to Toys").click()
    expect(pictures_in(page, "Toys")).to_have_count(8)
    expect(panel.locator("#quality-stale")).to_be_hidden()


def test_a_number_of_the_table_leads_to_its_pictures(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 8, "Food": 8})
    train(page)
    panel = unfold(page, "quality")
    numbers = panel.locator("#confusion td")
    expect(numbers).to_have_count(4)
    page.wait_for_function(
        "() => [...document.querySelectorAll('#confusion td')]"
        ".reduce((sum, cell) => sum + Number(cell.textContent), 0) === 16"
    )
    wrong = panel.locator("#confusion td.wrong button").first
    count = int(wrong.inner_text())
    wrong.click()
    expect(panel.locator("#mistakes-title")).to_be_focused()
    expect(panel.locator("#mistakes-title")).to_contain_text("You said")
    expect(panel.locator(".mistake")).to_have_count(count)
    panel.get_by_role("button", name="Show all mistakes").click()
    total = sum(int(text) for text in panel.locator("#confusion td.wrong").all_inner_texts())
    expect(panel.locator(".mistake")).to_have_count(min(total, 12))


def test_too_few_pictures_have_no_quality_and_it_says_why(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 1, "Food": 1})
    train(page)
    panel = unfold(page, "quality")
    expect(panel.locator("#quality-none")).to_contain_text("too few pictures to say")
    expect(panel.locator("#quality-verdict")).to_be_hidden()


def test_a_test_result_shows_the_training_pictures_it_is_like(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 3, "Food": 3})
    train(page)
    page.evaluate(DROP, ["#test", "drop", files(1)])
    expect(page.locator(".nearest li")).to_have_count(3, timeout=SLOWEST)
    assert set(page.locator(".nearest li").all_inner_texts()) <= {"Toys", "Food"}


def test_more_pictures_like_one_are_put_into_a_category(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 3, "Food": 3})
    train(page)  # so that those six have been looked at
    pictures_in(page, "Toys").first.click()
    page.get_by_role("button", name="More like this").click()
    dialog = page.get_by_role("dialog", name="More like this")
    dialog.get_by_label("hide used").uncheck()
    expect(dialog.locator(".thumb.used").first).to_be_visible(timeout=SLOWEST)
    alike = dialog.get_by_role("option", name="Food")
    alike.nth(0).click()
    alike.nth(1).click()
    dialog.get_by_role("button", name="Put into Toys").click()
    dialog.get_by_role("button", name="Close").click()
    expect(pictures_in(page, "Toys")).to_have_count(5)


def test_a_selected_picture_stays_with_those_like_it_and_the_focus_comes_back(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 3, "Food": 3})
    train(page)  # so that those six have been looked at
    pictures_in(page, "Toys").first.press("Delete")
    page.locator("#pool-grid .thumb").first.click()
    page.get_by_role("button", name="More like this").click()
    dialog = page.get_by_role("dialog", name="More like this")
    expect(dialog.locator('.thumb[aria-selected="true"]')).to_have_count(1, timeout=SLOWEST)
    dialog.get_by_role("button", name="Put into Food").click()
    page.keyboard.press("Escape")
    expect(pictures_in(page, "Food")).to_have_count(4)
    expect(page.locator("#pool-grid .thumb:focus")).to_have_count(1)


def test_a_picture_that_was_tested_is_taught_from_there(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 3, "Food": 3})
    train(page)
    page.evaluate(DROP, ["#test", "drop", files(1)])
    teach = page.get_by_role("button", name="Teach it this one")
    teach.click(timeout=SLOWEST)
    there = page.evaluate("scrollY")
    page.locator("#targets").get_by_role("button", name="Put into Toys").click()
    expect(page.locator("#results")).to_contain_text("You put this picture into Toys.")
    expect(teach).to_be_focused()
    assert abs(page.evaluate("scrollY") - there) < 150  # the page did not jump to the pool


def made_map(page: Page, pictures: int = 40) -> Locator:
    panel = unfold(page, "map")
    panel.get_by_role("button", name="Make the map").click()
    expect(panel.locator("#map-view")).to_be_visible(timeout=SLOWEST)
    expect(panel.locator("#map-view")).to_have_attribute("data-drawn", re.compile(f"^{pictures} "))
    return panel


def test_an_area_of_the_map_is_selected_and_put_into_a_category(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 2, "Food": 2})
    panel = made_map(page)
    view = panel.locator("#map-view")
    view.scroll_into_view_if_needed()
    box = view.bounding_box()
    assert box is not None
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page.locator("#chosen .tally")).to_have_text("40 selected")
    expect(page.locator("#chosen")).to_be_in_viewport()
    page.keyboard.press("1")
    expect(card(page, "Toys").locator(".count")).to_have_text("40 pictures")


def test_the_map_is_walked_and_selected_from_by_keys_that_say_where_they_lead(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 2, "Food": 2})
    panel = made_map(page)
    panel.locator("#map-view").focus()
    page.keyboard.press("ArrowDown")
    expect(panel.locator("#map-said")).to_contain_text("Near it: ")
    page.keyboard.press("Space")
    expect(panel.locator("#map-said")).to_contain_text("selected")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator("#chosen .tally")).to_have_text(re.compile("[23] selected"))
    page.keyboard.press("+")
    page.keyboard.press("Home")
    expect(panel.locator("#map-view")).to_have_attribute("data-drawn", re.compile("^40 "))


def test_pictures_newer_than_the_map_are_counted_and_it_is_made_again(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 2, "Food": 2})
    panel = made_map(page)
    expect(panel.locator("#map-start")).to_be_hidden()
    page.evaluate(DROP, ["#pool", "drop", files(1, 2)])
    expect(panel.locator("#map-note")).to_have_text("2 pictures are newer than this map.")
    panel.get_by_role("button", name="Make it again").click()
    drawn = re.compile("^42 ")
    expect(panel.locator("#map-view")).to_have_attribute("data-drawn", drawn, timeout=SLOWEST)


def test_the_model_is_taken_home(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 3, "Food": 3})
    panel = unfold(page, "parcel")
    expect(panel.locator("#parcel-note")).to_contain_text("Train first")
    train(page)
    panel.get_by_role("button", name="Take it home").click()
    expect(panel.get_by_role("link")).to_have_count(3, timeout=SLOWEST)
    expect(panel.locator("#parcel-note")).to_contain_text("training 1, your newest")
    with page.expect_download() as download:
        panel.get_by_role("link", name="pictures.zip").click()
    with ZipFile(download.value.path()) as archive:
        assert len([name for name in archive.namelist() if name.endswith(".jpg")]) == 6


def test_on_a_phone_every_panel_of_the_studio_fits(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 8, "Food": 8, "Things to sit on": 8})
    train(page)
    page.set_viewport_size(PHONE)
    made_map(page)
    for panel in ("quality", "runs", "parcel"):
        unfold(page, panel)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shown = page.locator("#confusion td").first.bounding_box()
    assert shown is not None
    assert shown["x"] + shown["width"] <= PHONE["width"]


def test_nothing_in_the_open_panels_stands_in_the_way_of_anybody(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(features=STUDIO, sorted={"Toys": 8, "Food": 8})
    train(page)
    page.evaluate(DROP, ["#test", "drop", files(1)])
    expect(page.locator(".nearest li")).to_have_count(3, timeout=SLOWEST)
    made_map(page, pictures=41)
    for panel in ("quality", "runs", "parcel"):
        unfold(page, panel)
    assert found_on(page) == []
