"""The rating page in Chromium."""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from duetml.live.models import Event
from evaluation.models import Comment, Rating
from study.models import Study
from tests.raters import CRITERIA, NOW, World, elsewhere, make_world, page_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Playwright keeps a loop running in this thread, and Django guards against reading rows beside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
EXPECTED = ("ERR_INTERNET_DISCONNECTED", "status of 409")  # offline, and a refusal


@pytest.fixture
def world(request: pytest.FixtureRequest, transactional_db: None) -> World:
    return elsewhere(lambda: make_world(getattr(request, "param", 3), 1))


def address(world: World, number: int) -> str:
    """The page of the rater's submission at this place of their order, from 0."""
    rater = world.raters[0]
    return page_of(rater, rater.order[number])


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer, world: World) -> Iterator[Page]:
    """Logged in as the rater, with every complaint of the browser collected as a failure."""
    context = chromium.new_context(base_url=live_server.url, locale="en")
    context.set_default_timeout(10_000)
    client = Client()
    client.force_login(world.raters[0].user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert [one for one in complaints if not any(word in one for word in EXPECTED)] == []


@pytest.mark.parametrize("world", [12], indirect=True)
def test_twelve_submissions_are_rated_and_finished_with_the_keyboard_alone(
    page: Page, world: World
) -> None:
    page.goto("/rating/")
    page.locator("#continue").focus()
    page.keyboard.press("Enter")

    for number in range(1, 13):
        expect(page.locator(".where")).to_have_text(f"Submission {number} of 12")
        expect(page.locator("[data-criterion=eq1]")).to_be_focused()
        for key in ("5", "4", "3", "2", "1"):
            page.keyboard.press(key)
        expect(page.locator("#submit")).to_be_focused()
        page.keyboard.press("Enter")

    expect(page.locator("article")).to_contain_text("You have rated all 12 submissions")
    page.locator("#continue").focus()
    page.keyboard.press("Enter")
    expect(page.locator("article")).to_contain_text("One last question")
    scores = Rating.objects.order_by("submission", "criterion").values_list("criterion", "score")
    assert list(scores) == list(zip(CRITERIA, (5, 4, 3, 2, 1), strict=True)) * 12


def test_what_cannot_be_judged_is_told_with_its_reason_by_keys(page: Page, world: World) -> None:
    page.goto(address(world, 0))

    page.keyboard.press("x")
    page.keyboard.type("no picture is clear")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("[data-criterion=eq2]")).to_be_focused()
    expect(page.locator("[data-criterion=eq1] .reason")).to_have_text("no picture is clear")
    expect(page.locator("#saved")).to_contain_text("saved ")
    assert Rating.objects.get().reason == "no picture is clear"


def test_two_categories_are_compared_side_by_side_by_keys(page: Page, world: World) -> None:
    page.goto(address(world, 0))

    page.keyboard.press("v")

    expect(page.locator("#compare [data-grid='1'] img")).to_have_count(2)
    expect(page.locator("#compare [data-grid='2'] img")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#compare")).to_be_hidden()


def test_a_score_of_another_window_is_not_written_over_and_shown(page: Page, world: World) -> None:
    other = page.context.new_page()
    for one in (page, other):
        one.goto(address(world, 0))
    other.keyboard.press("2")
    expect(other.locator("#saved")).to_contain_text("saved ")

    page.keyboard.press("5")

    expect(page.locator("#missing")).to_contain_text("changed in another window")
    expect(page.locator("[name=eq1][value='2']")).to_be_checked()
    assert Rating.objects.get().score == 2


def test_pictures_that_were_in_view_are_in_the_record(page: Page, world: World) -> None:
    page.goto(address(world, 0))
    page.wait_for_timeout(600)  # a moment of looking
    for key in ("5", "5", "5", "5", "5", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".where")).to_have_text("Submission 2 of 3")

    looked = Event.objects.filter(kind="rating.looked").latest("pk").payload
    assert [place for place, _image in looked["seen"]] == [1, 1, 2]


def test_enter_says_which_scores_are_missing_and_goes_there(page: Page, world: World) -> None:
    page.goto(address(world, 0))

    for key in ("5", "ArrowDown", "3", "4"):
        page.keyboard.press(key)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")

    expect(page.locator("#missing")).to_have_text("Not yet scored: EQ2, EQ5")
    expect(page.locator("[data-criterion=eq2]")).to_be_focused()
    assert page.url.endswith(address(world, 0))


def test_arrow_left_goes_back_to_what_was_saved(page: Page, world: World) -> None:
    second = world.raters[0].order[1]
    page.goto(address(world, 0))
    for key in ("1", "2", "3", "4", "5", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".where")).to_have_text("Submission 2 of 3")

    page.keyboard.press("ArrowLeft")

    expect(page.locator(".where")).to_have_text("Submission 1 of 3")
    for value, criterion in enumerate(CRITERIA, start=1):
        expect(page.locator(f"[name={criterion}][value='{value}']")).to_be_checked()
    assert Rating.objects.filter(submission=second).count() == 0


def test_scores_given_offline_wait_survive_a_reload_and_are_sent_once(
    page: Page, world: World
) -> None:
    page.goto(address(world, 0))
    page.keyboard.press("5")
    expect(page.locator("#saved")).to_contain_text("saved ")

    page.context.set_offline(True)
    page.keyboard.press("4")
    page.keyboard.press("3")
    expect(page.locator("#saved")).to_contain_text("offline: 2 changes wait on this device")
    assert Rating.objects.count() == 1
    page.context.set_offline(False)
    page.reload()

    expect(page.locator("[name=eq3][value='3']")).to_be_checked()
    expect(page.locator("#saved")).to_contain_text("saved ")
    page.wait_for_function("JSON.parse(localStorage[Object.keys(localStorage)[0]]).length === 0")
    assert dict(Rating.objects.values_list("criterion", "score")) == {"eq1": 5, "eq2": 4, "eq3": 3}


def test_nobody_moves_on_while_a_score_is_unsent(page: Page, world: World) -> None:
    page.goto(address(world, 0))
    for key in ("5", "5", "5", "5"):
        page.keyboard.press(key)
    expect(page.locator("#saved")).to_contain_text("saved ")
    page.context.set_offline(True)

    page.keyboard.press("5")
    page.keyboard.press("Enter")

    expect(page.locator("#missing")).to_contain_text("kept on this device")
    page.context.set_offline(False)
    expect(page.locator("#saved")).to_contain_text("saved ")
    assert Rating.objects.count() == 5


def test_a_score_after_the_unlock_is_refused_in_words(page: Page, world: World) -> None:
    page.goto(address(world, 0))
    Study.objects.update(unlocked_at=NOW)

    with page.expect_response("**/score/") as answer:
        page.locator("[name=eq1][value='5']").click()

    expect(page.locator("#missing")).to_contain_text("scores can no longer be changed")
    assert answer.value.status == 409


def test_pictures_sheets_and_comments_open_and_close_by_keys(page: Page, world: World) -> None:
    page.goto(address(world, 0))

    page.keyboard.press("z")
    expect(page.locator("#zoom-caption")).to_have_text("Picture 1 of Make music")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#zoom-caption")).to_have_text("Picture 1 of Sit on")
    assert page.locator("#zoom-image").evaluate("image => image.decode().then(() => true)")
    page.keyboard.press("3")
    page.keyboard.press("Escape")
    for key, sheet in (("g", "#guidelines"), ("?", "#keys")):
        page.keyboard.press(key)
        expect(page.locator(sheet)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(sheet)).to_be_hidden()
    page.keyboard.press("c")
    page.keyboard.type("5 good names")
    page.keyboard.press("Escape")

    expect(page.locator("#saved")).to_contain_text("saved ")
    assert Comment.objects.get().text == "5 good names"
    assert not Rating.objects.exists()


def test_a_pointer_leaves_the_arrow_keys_to_the_page(page: Page, world: World) -> None:
    page.goto(address(world, 1))

    page.locator("[name=eq1][value='4']").click()
    expect(page.locator("#saved")).to_contain_text("saved ")
    page.keyboard.press("ArrowLeft")

    expect(page.locator(".where")).to_have_text("Submission 1 of 3")
    assert Rating.objects.get().score == 4


def test_nothing_is_cut_off_on_a_phone(page: Page, world: World) -> None:
    page.set_viewport_size({"width": 390, "height": 844})

    for path in ("/rating/", address(world, 0)):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    boxes = [label.bounding_box() for label in page.locator(".points label").all()]
    assert min(min(box["width"], box["height"]) for box in boxes if box) >= 44
