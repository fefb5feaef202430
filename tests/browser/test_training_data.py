"""Training data and the pool in a real browser: pages, selecting, moving, undoing, two tabs."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import OpenWorkspace
from tests.browser.stack import Stack
from tests.browser.test_workspace import (
    PHONE,
    SLOWEST,
    Line,
    add_category,
    card,
    on_a_phone,
    pictures_in,
)

pytestmark = pytest.mark.browser

PICTURES = 60
TWO = {"Toys": 10, "Food": 3}


def pool(page: Page) -> Locator:
    return page.locator("#pool-grid .thumb")


def in_pool(page: Page, index: int) -> Locator:
    return pool(page).nth(index)


def count(page: Page, name: str) -> Locator:
    return card(page, name).locator(".count")


def names(page: Page) -> list[str]:
    return page.locator("#cards .name").all_inner_texts()


def focus_pool(page: Page) -> None:
    page.locator('#pool-grid [tabindex="0"]').focus()
    page.keyboard.press("Home")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def press_undo(page: Page) -> None:
    page.get_by_role("button", name="Undo").click()


def press_redo(page: Page) -> None:
    page.get_by_role("button", name="Redo").click()


def saved(page: Page) -> None:
    expect(page.locator("#saved")).to_contain_text("saved ")


def test_all_pictures_are_there_but_only_one_page_is_in_the_document(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(pictures=PICTURES)
    shown = pool(page).count()
    assert 20 < shown < PICTURES
    expect(in_pool(page, 0)).to_have_attribute("aria-setsize", str(PICTURES))
    page.get_by_role("group", name="Image pool").get_by_label("Next page").click()
    expect(in_pool(page, 0)).to_have_attribute("aria-posinset", str(shown + 1))
    expect(pool(page)).to_have_count(PICTURES - shown)


def test_the_arrow_keys_go_on_to_the_next_page_and_back(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(pictures=PICTURES)
    shown = pool(page).count()
    focus_pool(page)
    press(page, *["ArrowRight"] * shown)
    expect(page.locator(f'[aria-posinset="{shown + 1}"]')).to_be_focused()
    press(page, "ArrowLeft")
    expect(page.locator(f'[aria-posinset="{shown}"]')).to_be_focused()
    press(page, "PageDown")
    expect(page.locator(f'[aria-posinset="{PICTURES}"]')).to_be_focused()
    press(page, "Home")
    expect(page.locator('[aria-posinset="1"]')).to_be_focused()


def test_a_range_is_selected_over_pages_with_shift(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(pictures=PICTURES)
    shown = pool(page).count()
    in_pool(page, 2).click()
    page.get_by_role("group", name="Image pool").get_by_label("Next page").click()
    in_pool(page, 1).click(modifiers=["Shift"])
    expect(page.locator(".tally")).to_have_text(f"{shown} selected")


def test_everything_in_the_pool_is_selected_and_sorted_by_keyboard_alone(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(pictures=PICTURES, sorted={"Toys": 2})
    focus_pool(page)
    press(page, "Control+a")
    expect(page.locator(".tally")).to_have_text(f"{PICTURES - 2} selected")
    press(page, "1")
    expect(count(page, "Toys")).to_have_text(f"{PICTURES} pictures")
    expect(page.locator("#pool-empty")).to_be_visible()


def test_any_of_many_categories_is_reached_by_keyboard(open_workspace: OpenWorkspace) -> None:
    many = {f"Kind {letter}": 0 for letter in "abcdefghijk"}
    page = open_workspace(sorted={**many, "Zebras": 0})
    focus_pool(page)
    press(page, "Shift+ArrowRight", "p")
    expect(page.get_by_role("button", name="Put into Kind a")).to_be_focused()
    press(page, "z", "Enter")
    expect(count(page, "Zebras")).to_have_text("2 pictures")
    expect(page.locator("#pool-grid :focus")).to_have_count(1)


def test_pictures_put_into_a_full_category_are_shown_on_its_last_page(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(sorted=TWO)
    focus_pool(page)
    press(page, "Space", "1")
    expect(count(page, "Toys")).to_have_text("11 pictures")
    expect(pictures_in(page, "Toys").last).to_have_attribute("aria-posinset", "11")
    expect(page.locator("#pool-grid :focus")).to_have_count(1)


def test_several_pictures_are_dragged_from_card_to_card(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(sorted=TWO)
    pictures_in(page, "Toys").nth(0).click()
    pictures_in(page, "Toys").nth(2).click(modifiers=["Shift"])
    pictures_in(page, "Toys").nth(1).drag_to(card(page, "Food"))
    expect(count(page, "Food")).to_have_text("6 pictures")
    expect(count(page, "Toys")).to_have_text("7 pictures")
    press_undo(page)
    expect(count(page, "Toys")).to_have_text("10 pictures")


def test_a_closer_look_loads_the_picture_in_full_only_then(open_workspace: OpenWorkspace) -> None:
    full: list[str] = []
    page = open_workspace(
        watch=lambda page: page.on(
            "request", lambda sent: full.append(sent.url) if "full.jpg" in sent.url else None
        )
    )
    focus_pool(page)
    assert full == []
    press(page, "Enter")
    expect(page.get_by_role("dialog", name="Picture 1", exact=True)).to_be_visible()
    press(page, "ArrowRight", "Escape")
    expect(page.get_by_role("option", name="Picture 2", exact=True)).to_be_focused()
    assert len(full) == 2


STEPS: dict[str, Callable[[Page], None]] = {
    "make": lambda page: add_category(page, "Animals"),
    "rename": lambda page: rename(page, "Toys", "Things"),
    "delete": lambda page: page.get_by_role("button", name="Delete Toys").click(),
    "put": lambda page: put_first(page, "2"),
    "move": lambda page: pictures_in(page, "Toys").first.drag_to(card(page, "Food")),
    "take out": lambda page: pictures_in(page, "Toys").first.press("Delete"),
}


def rename(page: Page, was: str, name: str) -> None:
    page.get_by_role("button", name=f"Rename {was}").click()
    page.keyboard.insert_text(name)
    page.keyboard.press("Enter")


def put_first(page: Page, key: str) -> None:
    focus_pool(page)
    press(page, "Space", key)


def arrangement(page: Page) -> list[tuple[str, str]]:
    counts = page.locator("#cards .count").all_inner_texts()
    return list(zip(names(page), counts, strict=True))


def expect_arrangement(page: Page, wanted: list[tuple[str, str]]) -> None:
    expect(page.locator("#cards .name")).to_have_text([name for name, _ in wanted])
    expect(page.locator("#cards .count")).to_have_text([count for _, count in wanted])


@pytest.mark.parametrize("step", list(STEPS))
def test_every_step_is_undone_and_redone_also_after_a_reload(
    open_workspace: OpenWorkspace, step: str
) -> None:
    page = open_workspace(sorted=TWO)
    before = arrangement(page)
    STEPS[step](page)
    expect(page.locator("#last-change")).not_to_be_empty()
    saved(page)
    after = arrangement(page)
    assert after != before
    press_undo(page)
    expect_arrangement(page, before)
    press_redo(page)
    expect_arrangement(page, after)
    saved(page)
    page.reload()
    expect(page.locator("#cards article")).to_have_count(len(after))
    press_undo(page)
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()
    saved(page)
    expect_arrangement(page, before)


def test_as_many_steps_are_undone_as_were_made(open_workspace: OpenWorkspace) -> None:
    page = open_workspace()
    for number in range(6):
        add_category(page, f"Kind {number}")
    for _ in range(6):
        press(page, "Control+z")
    page.locator("#data-title").click()
    for _ in range(6):
        press(page, "z")
    expect(page.locator("#cards article")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    for _ in range(6):
        press(page, "Shift+Z")
    expect(page.locator("#cards article")).to_have_count(6)
    expect(page.locator('[data-refusal~="history"]')).to_be_hidden()


def test_two_tabs_agree_when_one_was_offline(
    open_workspace: OpenWorkspace, context: BrowserContext
) -> None:
    line = Line()
    page = open_workspace(
        watch=lambda page: page.route_web_socket("**/ws/**", line.serve), sorted=TWO
    )
    other = context.new_page()
    other.goto(page.url)
    other.wait_for_selector("#pool-grid .thumb")
    line.cut()
    expect(page.locator("#saved")).to_contain_text("offline")
    add_category(page, "Offline")
    put_first(page, "3")
    rename(other, "Food", "Meals")
    add_category(other, "Online")
    expect(page.locator("#saved")).to_have_text("offline, 2 changes waiting")
    line.is_cut = False
    saved(page)
    for tab in (page, other):
        expect(card(tab, "Meals")).to_be_visible()
        expect(count(tab, "Offline")).to_have_text("1 picture")
        expect(card(tab, "Online")).to_be_visible()
    expect_arrangement(page, arrangement(other))


def test_what_was_undone_offline_before_it_was_ever_sent_ends_where_the_person_left_it(
    open_workspace: OpenWorkspace,
) -> None:
    line = Line()
    page = open_workspace(
        watch=lambda page: page.route_web_socket("**/ws/**", line.serve), sorted=TWO
    )
    line.cut()
    add_category(page, "Mistake")
    put_first(page, "3")
    press_undo(page)
    press_undo(page)
    press_redo(page)
    expect(card(page, "Mistake")).to_be_visible()
    line.is_cut = False
    saved(page)
    page.reload()
    expect(count(page, "Mistake")).to_have_text("0 pictures")
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()


def test_whether_used_pictures_are_hidden_is_remembered(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(sorted=TWO)
    expect(in_pool(page, 0)).to_have_attribute("aria-setsize", "27")
    page.get_by_label("hide used").uncheck()
    expect(in_pool(page, 0)).to_have_attribute("aria-label", "Picture 1, in Toys")
    page.reload()
    expect(in_pool(page, 0)).to_have_attribute("aria-setsize", "40")


def test_keys_of_one_letter_can_be_switched_off(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(sorted=TWO)
    page.locator("#keys-open").click()
    page.get_by_label("keys of one letter or digit").uncheck()
    press(page, "Escape")
    put_first(page, "1")
    expect(page.locator(".tally")).to_have_text("1 selected")
    expect(count(page, "Toys")).to_have_text("10 pictures")


PASTE = """() => {
  const data = new DataTransfer();
  const bytes = Uint8Array.from(atob("%s"), (one) => one.charCodeAt(0));
  data.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
  document.activeElement.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9h"
    "AAAAAElFTkSuQmCC"
)


def test_a_pasted_picture_joins_the_pool_unless_pictures_of_ones_own_are_off(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace()
    page.evaluate(PASTE % DOT)
    expect(page.locator("[data-used]")).to_have_text("0 of 41 images used")
    closed = open_workspace(features={"upload": False})
    closed.evaluate(PASTE % DOT)
    expect(closed.locator("[data-used]")).to_have_text("0 of 40 images used")


def test_on_a_phone_pictures_are_tapped_and_put_with_the_bar_below(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(watch=on_a_phone, sorted=TWO)
    for index in range(3):
        in_pool(page, index).click()
    bar = page.get_by_role("region", name="Selected pictures")
    expect(bar).to_be_in_viewport()
    bar.get_by_role("button", name="Put into Food").click()
    expect(count(page, "Food")).to_have_text("6 pictures")
    expect(bar).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_finger_taps_pictures_and_drags_none(stage: Stack, chromium: Browser) -> None:
    made = stage.make(sorted=TWO)
    phone = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    cookie = {"name": "sessionid", "value": made["session"], "url": stage.url}
    phone.add_cookies([cookie])  # type: ignore[list-item]
    page = phone.new_page()
    page.goto(f"{stage.url}/stage/{made['workspace']}/")
    for name in ("Toys", "Food"):
        pictures_in(page, name).first.tap()
    expect(page.locator(".tally")).to_have_text("2 selected")
    assert not pictures_in(page, "Toys").first.evaluate("(node) => node.draggable")
    page.get_by_role("button", name="Put 2 pictures into Food").tap()
    expect(count(page, "Food")).to_have_text("4 pictures")
    press_undo(page)
    expect(count(page, "Toys")).to_have_text("10 pictures")
    phone.close()


def test_buttons_and_pictures_are_large_enough_for_a_finger(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(watch=on_a_phone, sorted=TWO)
    in_pool(page, 0).click()
    for thing in page.locator("button:visible, .thumb:visible").all():
        box = thing.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 43.5, thing.inner_text()


def soon(page: Page, is_so: Callable[[], bool]) -> None:
    """What is announced may be drawn a moment later."""
    for _ in range(100):
        if is_so():
            return
        page.wait_for_timeout(50)
    assert is_so()


ARRANGE = {"arrange": True}


def test_a_card_is_moved_by_keys_and_by_dragging_its_handle(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(features=ARRANGE, sorted={"A": 1, "B": 2, "C": 3})
    handle = page.get_by_role("button", name="Move or merge C")
    handle.press("ArrowLeft")
    expect(page.locator("#announcer")).to_have_text("C is now number 2 of 3")
    expect(handle).to_be_focused()
    soon(page, lambda: names(page) == ["A", "C", "B"])
    page.get_by_role("button", name="Move or merge A").drag_to(
        card(page, "B"), target_position={"x": 300, "y": 60}
    )
    expect(page.locator("#cards .name").last).to_have_text("A")
    press(page, "Control+z")
    saved(page)
    page.reload()
    expect(page.locator("#cards .name")).to_have_text(["A", "C", "B"])


def test_two_categories_are_merged_after_saying_how_many_pictures_move(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(features=ARRANGE, sorted=TWO)
    page.get_by_role("button", name="Move or merge Food").click()
    dialog = page.get_by_role("dialog", name="Food")
    expect(dialog).to_contain_text("3 pictures of “Food” join “Toys”, and “Food” goes.")
    dialog.get_by_role("button", name="Merge").click()
    expect(count(page, "Toys")).to_have_text("13 pictures")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    press(page, "Enter")
    expect(count(page, "Food")).to_have_text("3 pictures")


def test_a_picture_is_copied_by_button_or_with_control_and_taken_out_of_one_category(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(features={"copies": True}, sorted=TWO)
    page.locator("#pool-grid .thumb").first.click()
    expect(page.get_by_role("button", name="Put 1 picture into Toys")).to_be_visible()
    expect(page.locator(".copy:visible")).to_have_count(0)  # from the pool: the same as putting
    page.keyboard.press("Escape")
    pictures_in(page, "Food").first.click()
    page.get_by_role("button", name="Copy 1 picture into Toys").click()
    expect(count(page, "Toys")).to_have_text("11 pictures")
    expect(count(page, "Food")).to_have_text("3 pictures")
    expect(pictures_in(page, "Food").first.locator(".mark")).to_have_count(1)
    page.keyboard.down("Control")
    pictures_in(page, "Food").nth(1).drag_to(card(page, "Toys"))
    page.keyboard.up("Control")
    expect(count(page, "Toys")).to_have_text("12 pictures")
    pictures_in(page, "Food").first.press("Delete")
    expect(count(page, "Food")).to_have_text("2 pictures")
    expect(count(page, "Toys")).to_have_text("12 pictures")


SWITCHED_OFF = r"copy|copies|merge|\bmove or|⠿"


def test_the_plain_page_says_nothing_of_what_is_switched_off(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(sorted=TWO)
    in_pool(page, 0).click()
    assert re.findall(SWITCHED_OFF, page.content(), re.IGNORECASE) == []


def test_two_thousand_pictures_open_with_few_requests(
    open_workspace: OpenWorkspace,
) -> None:
    sent: list[str] = []
    kinds = {f"Kind {letter}": 150 for letter in "abcdef"}
    page = open_workspace(
        watch=lambda page: page.on("request", lambda request: sent.append(request.url)),
        pictures=2000,
        sorted=kinds,
    )
    page.wait_for_load_state("networkidle")
    thumbs = [url for url in sent if "thumb.jpg" in url]
    assert len(thumbs) <= 48
    assert [url for url in sent if "full.jpg" in url] == []
    focus_pool(page)
    press(page, "Control+a", "2")
    expect(count(page, "Kind b")).to_have_text("1250 pictures")
    expect(page.locator("#saved")).to_contain_text("saved ", timeout=SLOWEST)
    page.reload()
    expect(count(page, "Kind b")).to_have_text("1250 pictures")


# Put one picture into a category fifty times, and say how long the longest task of it took.
