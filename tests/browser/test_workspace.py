"""The workspace page in a real browser, against a whole running system."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import (
    Locator,
    Page,
    ViewportSize,
    WebSocketRoute,
    expect,
)

from tests.browser.conftest import OpenWorkspace

pytestmark = pytest.mark.browser

SLOWEST = 60_000  # milliseconds: training loads the image model first
HINTS = r"chat|assistant|advice|advisor|\bagent|proactive|reactive|アシスタント|チャット|助言"


PHONE: ViewportSize = {"width": 390, "height": 844}


def on_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)


class Line:
    """The page's connection, which a test can cut."""

    def __init__(self) -> None:
        self.is_cut = False
        self._open: list[WebSocketRoute] = []

    def serve(self, route: WebSocketRoute) -> None:
        if self.is_cut:
            route.close()
            return
        route.connect_to_server()
        self._open.append(route)

    def cut(self) -> None:
        self.is_cut = True
        for route in self._open:
            route.close()


def add_category(page: Page, name: str) -> None:
    page.locator("#category-name").fill(name)
    page.keyboard.press("Enter")
    expect(card(page, name)).to_be_visible()


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name, exact=True)


def pictures_in(page: Page, name: str) -> Locator:
    return card(page, name).locator(".thumb")


def put(page: Page, count: int, key: str) -> None:
    """Select the first `count` pictures of the pool and press a category's number."""
    page.locator('#pool-grid [tabindex="0"]').focus()
    page.keyboard.press("Home")
    for _ in range(count):
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
    page.keyboard.press(key)


def sorted_pictures(page: Page) -> None:
    for key, name in (("1", "Toys"), ("2", "Food")):
        add_category(page, name)
        put(page, 3, key)
        expect(pictures_in(page, name)).to_have_count(3)


def train(page: Page) -> None:
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator("#train-note")).to_contain_text("Training run 1 is done", timeout=SLOWEST)


def test_pictures_are_sorted_by_keyboard_and_are_still_there_after_a_reload(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace()
    sorted_pictures(page)
    expect(page.locator("#saved")).to_contain_text("saved")
    page.reload()
    expect(pictures_in(page, "Toys")).to_have_count(3)
    expect(pictures_in(page, "Food")).to_have_count(3)


# What is done is drawn a moment later.
LATE_FRAMES = """(() => {
  const draw = requestAnimationFrame;
  requestAnimationFrame = (show) => setTimeout(draw, 300, show);
})()"""


def test_a_deleted_category_comes_back_with_its_pictures(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(lambda page: page.add_init_script(LATE_FRAMES))
    add_category(page, "Toys")
    put(page, 3, "1")
    page.get_by_role("button", name="Delete Toys").click()
    expect(page.locator("#announcer")).to_contain_text("its 3 pictures are back in the pool")
    expect(page.locator("#cards article")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(pictures_in(page, "Toys")).to_have_count(3)


def test_a_picture_is_dragged_from_the_pool_to_a_category(open_workspace: OpenWorkspace) -> None:
    page = open_workspace()
    add_category(page, "Toys")
    page.locator("#pool-grid .thumb").nth(2).drag_to(card(page, "Toys"))
    expect(pictures_in(page, "Toys")).to_have_count(1)
    pictures_in(page, "Toys").first.drag_to(page.locator("#pool-title"))
    expect(pictures_in(page, "Toys")).to_have_count(0)


def test_a_finger_selects_pictures_and_puts_them_where_it_taps(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace()
    add_category(page, "Toys")
    for index in range(2):
        page.locator("#pool-grid .thumb").nth(index).click()
    page.get_by_role("button", name="Put 2 pictures into Toys").click()
    expect(pictures_in(page, "Toys")).to_have_count(2)


def test_a_broken_picture_is_refused_by_name_and_the_other_is_kept(
    open_workspace: OpenWorkspace, picture: Path, tmp_path: Path
) -> None:
    page = open_workspace()
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a picture at all")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add pictures").click()
    chooser.value.set_files([picture, broken])
    expect(page.locator("#uploads .refused")).to_contain_text("broken.jpg")
    expect(page.locator("#uploads-summary")).to_have_text("1 of 2 pictures added.")
    expect(page.locator("[data-used]")).to_have_text("0 of 41 images used")


def test_what_is_learned_is_shown_on_test_pictures(open_workspace: OpenWorkspace) -> None:
    page = open_workspace()
    sorted_pictures(page)
    train(page)
    page.get_by_role("button", name="Choose test pictures").click()
    page.locator("#picker .thumb").first.click()
    page.get_by_role("button", name="Test 1 picture").click()
    expect(page.locator(".result .percent")).to_have_count(2, timeout=SLOWEST)
    shares = [int(text.split()[0]) for text in page.locator(".result .percent").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) in range(99, 102)


def test_why_training_cannot_start_is_said_in_place(open_workspace: OpenWorkspace) -> None:
    page = open_workspace()
    add_category(page, "Toys")
    expect(page.locator("#train-note")).to_contain_text("at least two categories")
    add_category(page, "Food")
    put(page, 1, "1")
    expect(page.locator("#train-note")).to_contain_text("no pictures in “Food”")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_disabled()


def test_a_refused_action_is_taken_back_and_explained(open_workspace: OpenWorkspace) -> None:
    page = open_workspace()
    add_category(page, "Toys")
    page.locator("#category-name").fill("toys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="toys")).to_be_visible()
    expect(page.locator("#cards article")).to_have_count(1)


def test_what_is_done_offline_waits_on_disk_and_is_saved_once(
    open_workspace: OpenWorkspace,
) -> None:
    line = Line()
    page = open_workspace(watch=lambda page: page.route_web_socket("**/ws/**", line.serve))
    line.cut()
    page.locator("#category-name").fill("Toys")
    page.keyboard.press("Enter")
    expect(card(page, "Toys")).to_be_visible()
    expect(page.locator("#saved")).to_have_text("offline, 1 change waiting")
    page.reload()
    line.is_cut = False
    expect(card(page, "Toys")).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("saved ")
    page.reload()
    expect(page.locator("#cards article")).to_have_count(1)


def test_an_action_at_which_the_server_fails_is_sent_again(open_workspace: OpenWorkspace) -> None:
    failed: list[str] = []

    def fail_twice(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def answer(message: str | bytes) -> None:
            frame = json.loads(message)
            if frame["type"] != "do" or len(failed) == 2:
                server.send(message)
                return
            failed.append(frame["id"])
            refusal = {"type": "refused", "id": frame["id"], "code": "failed", "message": "Sorry."}
            route.send(json.dumps(refusal))

        route.on_message(answer)

    page = open_workspace(watch=lambda page: page.route_web_socket("**/ws/**", fail_twice))
    add_category(page, "Toys")
    expect(page.locator("#saved")).to_contain_text("saved ")
    page.reload()
    expect(card(page, "Toys")).to_be_visible()
    assert failed == [failed[0]] * 2


def test_the_assistant_answers_and_can_be_kept_from_speaking_by_itself(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(chat=True)
    page.get_by_label("Your message").fill("How many categories do I need?")
    page.keyboard.press("Enter")
    answers = page.locator(".message.reactive:not(.arriving)")
    expect(answers).to_have_count(2, timeout=SLOWEST)
    expect(answers.last.get_by_text("offline advisor")).to_be_visible()
    page.get_by_role("switch").click()
    expect(page.locator("#saved")).to_contain_text("saved ")
    page.reload()
    expect(page.get_by_role("switch")).not_to_be_checked()


def test_enter_that_ends_a_word_in_an_input_method_sends_nothing(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(chat=True, language="ja")
    field = page.locator("#chat-text")
    field.fill("道具")
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(field).to_have_value("道具")
    field.press("Shift+Enter")
    expect(field).to_have_value("道具\n")
    field.press("Enter")
    expect(page.locator(".message.participant")).to_have_count(1)


def test_on_a_phone_the_chat_is_a_drawer_that_counts_what_is_unread(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(watch=on_a_phone, chat=True, interval=8)
    page.get_by_role("button", name="Ask the assistant about my data").click()
    expect(page.locator(".message.reactive:not(.arriving)")).to_have_count(2, timeout=SLOWEST)
    page.get_by_role("button", name="Close the chat").click()
    expect(page.locator("#chat")).not_to_be_visible()
    expect(page.locator("#chat-unread b")).to_have_text("1", timeout=SLOWEST)
    page.locator("#chat-open").click()
    expect(page.locator("#chat-unread")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_page_without_a_chat_carries_no_trace_of_one(
    open_workspace: OpenWorkspace, language: str
) -> None:
    texts: list[str] = []

    def hear(frame: str | bytes) -> None:
        texts.append(str(frame))

    def watch(page: Page) -> None:
        page.on("websocket", lambda socket: socket.on("framereceived", hear))
        page.on("response", lambda response: texts.append(response.url))

    page = open_workspace(watch=watch, language=language)
    urls = [text for text in texts if text.startswith("http") and "/image/" not in text]
    texts += [page.context.request.get(url).text() for url in urls]
    add_category(page, "A")
    seen = "\n".join([*texts, page.content()]).lower()
    assert [seen[found.start() - 60 : found.end() + 60] for found in re.finditer(HINTS, seen)] == []


def test_the_page_moves_on_by_itself_when_the_time_is_over(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(seconds=8)
    expect(page.locator("#last-call")).to_be_visible()
    expect(page.locator("#over")).to_be_visible(timeout=SLOWEST)
    page.wait_for_url("**/finished/")


def test_a_name_changed_with_enter_stays_changed_and_closed(open_workspace: OpenWorkspace) -> None:
    page = open_workspace()
    add_category(page, "Toys")  # not saved yet: the server's name for it must not shut the field
    page.get_by_role("button", name="Rename Toys").click()
    page.keyboard.type("Things")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Rename Things")).to_be_focused()
    expect(page.get_by_label("New name")).to_have_count(0)


def test_a_double_click_on_train_trains_once_and_complains_about_nothing(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace()
    sorted_pictures(page)
    page.get_by_role("button", name="Train", exact=True).dblclick()
    expect(page.locator("#train-note")).to_contain_text("Training run 1 is done", timeout=SLOWEST)
    expect(page.locator('[data-refusal="training"]')).to_be_hidden()


def test_whoever_trains_by_keyboard_goes_on_from_the_same_button(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace()
    sorted_pictures(page)
    page.get_by_role("button", name="Train", exact=True).press("Enter")
    expect(page.locator("#train-note")).to_contain_text("Training run 1 is done", timeout=SLOWEST)
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_focused()


def test_pictures_that_did_not_arrive_are_asked_for_again_when_the_line_is_back(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace(watch=on_a_phone, sorted={"Toys": 2})  # narrow before it asks for any
    expect(page.locator("#pool .pager")).to_contain_text("1/2")
    page.context.set_offline(True)
    expect(page.locator("#saved")).to_contain_text("offline")  # at once, not after a silence
    with page.expect_event("requestfailed"):
        page.locator("#pool").get_by_role("button", name="Next page").click()
    expect(page.locator("#pool-grid img[src]")).to_have_count(0)  # and no broken picture
    page.context.set_offline(False)
    expect(page.locator("#pool-grid img[src]").first).not_to_have_js_property("naturalWidth", 0)
    expect(page.locator("#saved")).not_to_contain_text("offline")
