"""The chat in a real browser: two assistants whose words come from the vendor's stand-in."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenWorkspace
from tests.browser.test_accessibility import found_on
from tests.browser.test_workspace import on_a_phone
from tests.vendor import Vendor, fails, refuses, reply

pytestmark = pytest.mark.browser

LATER = 20_000  # milliseconds until an agent has spoken, on a busy machine
AT_ONCE = 1_000
ATTENTIVE = {"provider": "openai", "preset": "attentive"}
PAPER = {"provider": "openai", "preset": "paper"}
COUNTING = " ".join(f"word{number}" for number in range(60))
ADVICE = "Is “Toys” not like **Food**? See picture 2, pictures 30 and 99, and “Gone”."
HOSTILE = """**Look** <img src=x onerror="document.title='gone'"> at
- [this](javascript:document.title='gone') and <https://example.org>
<script>document.title = 'gone'</script>"""


@pytest.fixture
def vendor(stage_vendor: Vendor) -> Iterator[Vendor]:
    stage_vendor.forget()
    yield stage_vendor
    stage_vendor.forget()


def ask(page: Page, text: str) -> None:
    page.locator("#chat-text").fill(text)
    page.locator("#chat-text").press("Enter")


def said(page: Page, agent: str) -> Locator:
    """What this agent has said to the end, but for the greeting."""
    return page.locator(f"#chat-messages .message.{agent}:not(.arriving)").filter(
        has_not_text="What kind of AI"
    )


def chat(page: Page) -> list[str]:
    """Each message's own words, from top to bottom, without the greeting."""
    return page.locator("#chat-messages .text").all_inner_texts()[1:]


def frames_sent(page: Page, kind: str) -> list[dict[str, object]]:
    """Frames of this kind that the page sends from now on."""
    found: list[dict[str, object]] = []

    def see(frame: str | bytes) -> None:
        told = json.loads(frame)
        if told["type"] == kind:
            found.append(told)

    page.on("websocket", lambda socket: socket.on("framesent", see))
    return found


def test_a_question_waits_behind_an_answer_which_is_stopped_by_keys_and_keeps_its_words(
    open_workspace: OpenWorkspace, vendor: Vendor
) -> None:
    vendor.script(reply(COUNTING, 0.2, first_token_seconds=1), reply("Second."), to="reactive")
    page = open_workspace(chat=True, agents=PAPER)
    live = page.locator("#chat-live")

    ask(page, "First?")
    expect(page.get_by_text("The assistant is looking at your pictures…").first).to_be_visible()
    ask(page, "And then?")
    expect(page.locator(".queued")).to_contain_text("waits for the answer above")
    expect(page.locator(".message.arriving .text").first).to_contain_text("word2", timeout=LATER)
    expect(page.locator("#chat-text")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")

    expect(said(page, "reactive")).to_have_count(2, timeout=LATER)
    expect(said(page, "reactive").first.get_by_text("stopped")).to_be_visible()
    expect(page.locator("#chat-messages")).to_be_focused()  # the button is gone
    words = chat(page)
    assert [words[0], *words[2:]] == ["First?", "And then?", "Second."]
    assert "word2" in words[1]
    assert "word59" not in words[1]
    assert live.locator("p").all_inner_texts()[-2:] == [
        "Stopped.",
        "Assistant (answers you): Second.",
    ]
    page.reload()
    expect(said(page, "reactive")).to_have_count(2)
    assert chat(page) == words


def test_why_there_is_no_answer_is_said_and_the_question_asked_again_where_it_stands(
    open_workspace: OpenWorkspace, vendor: Vendor
) -> None:
    vendor.script(refuses(), reply("はい。"), reply("いま分かりました。"), to="reactive")
    page = open_workspace(chat=True, language="ja", agents=PAPER)
    ask(page, "一つめ")
    expect(page.locator(".message.failed")).to_contain_text("別の言い方", timeout=LATER)
    ask(page, "二つめ")
    expect(said(page, "reactive")).to_have_count(2, timeout=LATER)

    page.get_by_role("button", name="もう一度").press("Enter")

    expect(page.locator(".message.failed")).to_have_count(0)
    expect(said(page, "reactive")).to_have_count(3, timeout=LATER)
    assert chat(page) == ["一つめ", "いま分かりました。", "二つめ", "はい。"]
    expect(page.get_by_role("alert").filter(visible=True)).to_have_count(0)


def test_switched_off_in_the_middle_of_a_word_the_agent_is_silent_and_stays_so(
    open_workspace: OpenWorkspace, vendor: Vendor
) -> None:
    vendor.always(reply(COUNTING, 0.2), to="proactive")
    page = open_workspace(chat=True, agents=PAPER, interval=4)
    words = page.locator(".message.proactive")
    expect(words).to_contain_text("word1", timeout=LATER)

    page.get_by_role("switch").press("Space")
    expect(words).to_have_count(0, timeout=AT_ONCE)
    page.get_by_role("switch").press("Space")

    page.wait_for_timeout(2_000)
    expect(page.get_by_role("switch")).to_be_checked()
    expect(words).to_have_count(0, timeout=AT_ONCE)


def test_that_the_agent_cannot_speak_by_itself_is_one_quiet_line_until_it_can(
    open_workspace: OpenWorkspace, vendor: Vendor
) -> None:
    vendor.always(fails(400), to="proactive")
    page = open_workspace(chat=True, agents=PAPER, interval=2)
    line = page.locator("#proactive-trouble")
    expect(line).to_contain_text("It will try again.", timeout=LATER)
    expect(page.locator(".message.failed, .message.proactive")).to_have_count(0)
    expect(page.get_by_role("alert").filter(visible=True)).to_have_count(0)

    vendor.always(reply("Here I am."), to="proactive")

    expect(said(page, "proactive").first).to_contain_text("Here I am.", timeout=LATER)
    expect(line).to_be_hidden()


def test_advice_leads_to_what_it_names_is_judged_and_dismissed(
    open_workspace: OpenWorkspace, vendor: Vendor
) -> None:
    vendor.always(reply(ADVICE), to="proactive")
    told: list[list[dict[str, object]]] = []
    page = open_workspace(
        watch=lambda page: told.append(frames_sent(page, "typing")),
        chat=True,
        agents=ATTENTIVE,
        interval=2,
        sorted={"Toys": 3, "Food": 2},
    )
    advice = said(page, "proactive").first
    expect(advice).to_be_visible(timeout=LATER)
    assert advice.locator("a").all_inner_texts() == ["Toys", "Food", "picture 2", "30"]
    assert found_on(page) == []

    toys = page.get_by_role("article", name="Toys", exact=True)
    advice.get_by_role("link", name="Toys").hover()
    expect(toys).to_have_class(re.compile("pointed"))
    page.locator("#chat-title").hover()
    expect(page.locator(".pointed")).to_have_count(0)
    advice.get_by_role("link", name="Picture 2").press("Enter")
    expect(toys.get_by_role("option", name="Picture 2")).to_be_focused()
    advice.get_by_role("link", name="Picture 30").press("Enter")
    expect(page.locator("#pool").get_by_role("option", name="Picture 30")).to_be_focused()

    useful, useless = (advice.get_by_role("button", name=name, exact=True) for name in RATINGS)
    useful.click()
    expect(useful).to_have_attribute("aria-pressed", "true")
    useful.click()
    expect(useful).to_have_attribute("aria-pressed", "false")
    useless.click()

    page.get_by_role("button", name="Rename Toys").click()
    page.keyboard.type("Things")
    page.keyboard.press("Enter")
    expect(advice.locator("a")).to_have_count(3)
    assert len(told[0]) == 1  # while six letters were typed

    advice.get_by_role("button", name="dismiss").press("Enter")
    expect(advice.locator(".text")).to_be_hidden()
    again = advice.get_by_role("button", name="show again")
    expect(again).to_be_focused()
    again.press("Enter")
    expect(advice.locator(".text")).to_be_visible()
    expect(useless).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#saved")).to_contain_text("saved ")
    page.reload()
    expect(again).to_be_visible()


RATINGS = ("useful", "not useful")


def test_an_answer_is_text_whatever_is_in_it_and_the_paper_s_chat_has_nothing_to_judge_it(
    open_workspace: OpenWorkspace, vendor: Vendor
) -> None:
    vendor.script(reply(f"{ADVICE}\n\n{HOSTILE}"), to="reactive")
    told: list[list[dict[str, object]]] = []
    page = open_workspace(
        watch=lambda page: told.append(frames_sent(page, "typing")),
        chat=True,
        agents=PAPER,
        sorted={"Toys": 2, "Food": 2},
    )
    page.locator("#chat-text").press_sequentially("What now?")
    page.keyboard.press("Enter")
    expect(said(page, "reactive")).to_have_count(1, timeout=LATER)

    words = said(page, "reactive").locator(".text")
    assert words.locator("strong").all_inner_texts() == ["Food", "Look"]
    for literal in ("<img src=x", "[this](javascript:", "<https://example.org>", "<script>"):
        expect(words).to_contain_text(literal)
    assert words.evaluate(TAGS) == ["LI", "P", "STRONG", "UL"]
    assert page.title() == "Stage"
    assert re.findall("judging|useful|dismiss|data-to=", page.content()) == []
    assert told == [[]]


# And wait until the page has noticed.
SCROLL_UP = """it => new Promise((noticed) => {
  it.addEventListener("scroll", () => requestAnimationFrame(noticed), { once: true });
  it.scrollTo(0, 0);
})"""


def test_whoever_reads_further_up_is_left_there_and_told_that_there_is_more(
    open_workspace: OpenWorkspace, vendor: Vendor
) -> None:
    vendor.script(reply(COUNTING), reply("More.", first_token_seconds=2), to="reactive")
    page = open_workspace(chat=True, agents=PAPER)
    page.set_viewport_size({"width": 1280, "height": 500})
    messages, newest = page.locator("#chat-messages"), page.locator("#chat-newest")
    ask(page, "First?")
    expect(said(page, "reactive")).to_have_count(1, timeout=LATER)
    expect(said(page, "reactive").last).to_be_in_viewport()
    ask(page, "And then?")
    expect(page.locator(".message.arriving [data-stop]")).to_be_visible()

    messages.evaluate(SCROLL_UP)
    expect(said(page, "reactive")).to_have_count(2, timeout=LATER)

    assert messages.evaluate("it => it.scrollTop") == 0
    newest.click()
    expect(newest).to_be_hidden()
    expect(said(page, "reactive").last).to_be_in_viewport(ratio=1)


TAGS = "it => [...new Set([...it.querySelectorAll('*')].map((one) => one.tagName))].sort()"


def test_on_a_phone_failures_are_not_counted_and_a_link_leads_out_of_the_drawer(
    open_workspace: OpenWorkspace, vendor: Vendor
) -> None:
    vendor.script(refuses(), reply("Look at “Food”.", first_token_seconds=2), to="reactive")
    page = open_workspace(
        watch=on_a_phone, chat=True, agents=ATTENTIVE, sorted={"Toys": 2, "Food": 2}
    )
    close = page.get_by_role("button", name="Close the chat")
    page.locator("#ask-data").click()
    failed = page.locator(".message.failed")
    expect(failed).to_be_visible(timeout=LATER)
    close.click()
    expect(page.locator("#chat-unread")).to_be_hidden()

    page.locator("#chat-open").click()
    failed.get_by_role("button").click()
    close.click()
    expect(page.locator("#chat-unread b")).to_have_text("1", timeout=LATER)
    page.locator("#chat-open").click()
    said(page, "reactive").get_by_role("link", name="Food").click()

    expect(page.locator("#chat")).not_to_be_visible()
    food = page.get_by_role("article", name="Food", exact=True)
    expect(food).to_be_focused()
    expect(food).to_be_in_viewport()
