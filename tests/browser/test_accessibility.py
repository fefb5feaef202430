"""axe-core finds nothing on any page, and the plain workspace can be used by keys alone.

Every state is looked at in two of four looks (wide or narrow, light or dark): in English in one
diagonal, in Japanese in the other. The rules are those of WCAG 2.2 A and AA and of good practice.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from evaluation.models import Rater, Showing
from evaluation.queries import practice_entries
from study.models import StepRun, Study
from study.rules import codes
from study.services import enrolment, notes
from tests import people, raters, studies
from tests.browser.conftest import OpenWorkspace
from tests.results import make_report

pytestmark = pytest.mark.browser

# Playwright keeps a loop running in this thread, and Django guards against reading rows beside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

SLOWEST = 60_000  # milliseconds: training loads the image model first
# Tall, so that a bar at the window's edge covers nothing that could be scrolled out from under it.
WIDE: ViewportSize = {"width": 1280, "height": 3000}
NARROW: ViewportSize = {"width": 390, "height": 5000}
RULES = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
Scheme = Literal["light", "dark"]
Look = tuple[ViewportSize, Scheme]
LOOKS: dict[str, tuple[Look, Look]] = {
    "en": ((WIDE, "light"), (NARROW, "dark")),
    "ja": ((WIDE, "dark"), (NARROW, "light")),
}
ASK = """(only) => axe.run(document, {runOnly: only, resultTypes: ["violations"]}).then((found) =>
  found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id}: ${node.target.join(" ")}: ${node.html.slice(0, 160)}: `
      + [...node.any, ...node.all, ...node.none].map((one) => one.message).join("; "))))"""


def found_on(page: Page) -> list[str]:
    """Every violation of the page as it is now, in the two looks of its language."""
    page.evaluate(AXE_SCRIPT)
    found = []
    for size, scheme in LOOKS[page.evaluate("document.documentElement.lang")]:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{size['width']} {scheme} {one}" for one in page.evaluate(ASK, RULES)]
    page.set_viewport_size(WIDE)
    return found


def check(page: Page, *states: Callable[[Page], object]) -> None:
    """Looks at the page, and again after each of the states is reached; tells all at once."""
    found = found_on(page)
    for state in states:
        state(page)
        found += [f"{state.__name__}: {one}" for one in found_on(page)]
    assert not found, "\n" + "\n".join(found)


# The workspace

SORTED = {"Toys": 4, "Food": 4}
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


def train(page: Page) -> None:
    page.locator("#train-start").click()
    page.wait_for_selector("#test-open:enabled", timeout=SLOWEST)


def test_pictures(page: Page) -> None:
    page.locator("#test-open").click()
    page.locator("#picker .thumb").first.click()


test_pictures.__test__ = False  # type: ignore[attr-defined]  # a state, no test


def show_results(page: Page) -> None:
    page.locator("#test-start").click()
    page.wait_for_selector(".result .percent", timeout=SLOWEST)


def select_pictures(page: Page) -> None:
    for number in range(2):
        page.locator("#pool-grid .thumb").nth(number).click()


def show_keys(page: Page) -> None:
    page.locator("#keys-open").click()


def look_closer(page: Page) -> None:
    page.keyboard.press("Escape")
    page.locator("#pool-grid .thumb").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#closeup")).to_be_visible()


def close_dialog(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_plain_workspace_from_nothing_to_results(
    open_workspace: OpenWorkspace, language: str
) -> None:
    page = open_workspace(language=language, seconds=3600)
    check(page)
    page.close()
    page = open_workspace(language=language, sorted=SORTED)
    check(
        page,
        select_pictures,
        show_keys,
        look_closer,
        close_dialog,
        train,
        test_pictures,
        show_results,
    )


def test_files_that_were_refused(
    open_workspace: OpenWorkspace, picture: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a picture at all")
    page = open_workspace()
    with page.expect_file_chooser() as chooser:
        page.locator("#upload").click()
    chooser.value.set_files([picture, broken])
    expect(page.locator("#uploads .refused")).to_contain_text("broken.jpg")
    page.locator("#category-name").fill("Toys")
    page.keyboard.press("Enter")
    page.locator("#category-name").fill("toys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="toys")).to_be_visible()

    check(page)


def ask(page: Page) -> None:
    page.locator("#ask-data").click()
    answers = page.locator(".message.reactive:not(.arriving)")
    expect(answers).to_have_count(2, timeout=SLOWEST)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_workspace_with_a_chat(open_workspace: OpenWorkspace, language: str) -> None:
    page = open_workspace(chat=True, language=language, sorted=SORTED)
    check(page, ask)


def open_everything(page: Page) -> None:
    page.locator("details.extra").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    page.wait_for_timeout(300)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_studio_with_everything_open(open_workspace: OpenWorkspace, language: str) -> None:
    page = open_workspace(features=STUDIO, language=language, sorted=SORTED)
    check(page, train, open_everything, select_pictures)


# The pages around it


@pytest.fixture
def visit(
    chromium: Browser, live_server: LiveServer, transactional_db: None
) -> Iterator[Callable[..., Page]]:
    """visit("/login/", user, "ja"): the page as this user (or nobody) sees it."""
    contexts = []

    def go(path: str, user: User | None = None, language: str = "en") -> Page:
        context = chromium.new_context(base_url=live_server.url, locale=language, viewport=WIDE)
        contexts.append(context)
        if user is not None:
            client = Client()
            elsewhere(lambda: client.force_login(user))
            name = settings.SESSION_COOKIE_NAME
            cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
            context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == (404 if "nowhere" in path else 200)
        return page

    yield go
    for context in contexts:
        context.close()


def elsewhere(work: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as one:
        return one.submit(work).result()


def staff() -> User:
    return User.objects.create_superuser("researcher", password="a long password")


def opened_study() -> Study:
    return studies.open_study()


Visit = Callable[..., Page]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_way_in(visit: Visit, language: str) -> None:
    for path in ("/", "/login/", "/nowhere/"):
        check(visit(path, None, language))


def forget_something(page: Page) -> None:
    page.locator("form.questions button.primary").click()
    expect(page.get_by_role("alert")).to_be_focused()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_participant_s_pages(visit: Visit, language: str) -> None:
    elsewhere(opened_study)
    page = visit("/study/s/walk/", None, language)
    check(page)
    page.locator("main button.primary").click()
    check(page, forget_something)


class Somebody:
    """A participant of the group with an assistant, and the personal link."""

    def __init__(self, language: str) -> None:
        self.now = studies.NOON
        while True:
            self.token = codes.personal_token()
            found, _run = enrolment.enrol("walk", token=self.token, language=language, now=self.now)
            self.id = found.id
            self.walk_to("before_practice")
            if studies.person(self.id).condition == "duetml":
                return

    def walk_to(self, stop: str) -> None:
        self.now = studies.walk_to(self.id, stop, self.now)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_pages_between_the_tasks(visit: Visit, language: str) -> None:
    elsewhere(opened_study)
    somebody: Somebody = elsewhere(lambda: Somebody(language))
    page = visit(f"/study/p/{somebody.token}/", None, language)
    check(page)
    for stop in ("experience", "workload", "interview", "end"):
        elsewhere(partial(somebody.walk_to, stop))
        page.goto("/study/step/")
        check(page)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_rater_s_pages(visit: Visit, language: str) -> None:
    world: raters.World = elsewhere(lambda: raters.make_world(2, 1))
    user = world.raters[0].user
    rater = world.raters[0]
    check(visit("/rating/", user, language))
    page = elsewhere(lambda: raters.page_of(rater, world.submissions[0]))
    check(visit(page, user, language), show_guidelines)
    check(visit(f"/rating/about/{rater.address}/", user, language))
    check(visit(f"/rating/training/{rater.address}/", user, language))
    practice = elsewhere(lambda: str(practice_entries(rater)[0].pk))
    check(visit(f"/rating/{practice}/", user, language))
    elsewhere(lambda: finished(world))
    check(visit(f"/rating/guess/{rater.address}/", user, language))


def finished(world: raters.World) -> None:
    raters.rate_everything(world)
    Showing.objects.exclude(kind="practice").update(submitted_at=raters.NOW)
    Rater.objects.update(finished_at=raters.NOW)


def show_guidelines(page: Page) -> None:
    page.keyboard.press("g")
    page.wait_for_timeout(200)


def rated() -> Study:
    world = raters.make_world(4, 2, state="closed", closed_at=raters.NOW, unlocked_at=raters.NOW)
    raters.rate_everything(world)
    make_report(world.study)
    return world.study


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_pages_of_the_researcher(visit: Visit, language: str) -> None:
    user = elsewhere(staff)
    elsewhere(opened_study)
    elsewhere(lambda: Somebody(language))
    elsewhere(rated)
    elsewhere(lambda: people.a_pool("animals-of-mine", 8))
    for path in (
        "/study/",
        "/study/walk/",
        "/rating/results/walk/",
        "/rating/results/duetml/",
        "/rating/results/duetml/rows/ratings/",
        "/pools/",
        "/pools/animals-of-mine/",
        "/pools/animals-of-mine/try/",
    ):
        check(visit(path, user, language))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_pages_of_who_watches_a_study(visit: Visit, language: str) -> None:
    user = elsewhere(staff)
    elsewhere(opened_study)
    somebody = elsewhere(lambda: Somebody(language))
    elsewhere(partial(somebody.walk_to, "free"))
    code, workspace = elsewhere(watched)
    for path in (
        "/study/walk/live/",
        f"/study/walk/people/{code}/",
        f"/study/walk/replay/{workspace}/",
        "/study/walk/notes/",
    ):
        check(visit(path, user, language), unfold)


def watched() -> tuple[str, str]:
    """Somebody in a task, of whom something was written down; their code and workspace."""
    run = StepRun.objects.select_related("participant").filter(key="free").latest("pk")
    notes.write(run.participant_id, "Hesitates.", ["doubt"], "ann", timezone.now())
    return run.participant.code, str(run.workspace_id)


def unfold(page: Page) -> None:
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_studio_s_front_door(visit: Visit, language: str) -> None:
    elsewhere(lambda: people.a_pool("animals-of-mine", 8))
    check(visit("/studio/", None, language))


# By keys alone


def test_two_categories_are_made_trained_and_tested_by_keys_alone(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace()

    tab_to(page, "#category-name")
    for name in ("Toys", "Food"):
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        expect(page.get_by_role("article", name=name, exact=True)).to_be_visible()
    tab_to(page, "#pool-grid .thumb")
    for key in ("1", "2"):
        for _ in range(3):
            page.keyboard.press("Space")
            page.keyboard.press("ArrowRight")
        page.keyboard.press(key)
    expect(page.locator("#cards .thumb")).to_have_count(6)
    tab_to(page, "#train-start")
    page.keyboard.press("Enter")
    page.wait_for_selector("#test-open:enabled", timeout=SLOWEST)
    tab_to(page, "#test-open")
    page.keyboard.press("Enter")
    tab_to(page, "#picker .thumb")
    page.keyboard.press("Space")
    tab_to(page, "#test-start")
    page.keyboard.press("Enter")

    expect(page.locator(".result .percent")).to_have_count(2, timeout=SLOWEST)


def tab_to(page: Page, wanted: str) -> None:
    """Tab until the wanted control has the focus, as a person does; each stop must be seen."""
    for _ in range(60):
        page.keyboard.press("Tab")
        reached = page.evaluate(
            """(wanted) => {
              const here = document.activeElement;
              const box = here.getBoundingClientRect();
              const shown = getComputedStyle(here);
              if (here !== document.body && box.width * box.height > 0
                  && shown.outlineStyle === "none" && shown.boxShadow === "none") {
                throw new Error("no ring around " + here.outerHTML.slice(0, 120));
              }
              return here.matches(wanted);
            }""",
            wanted,
        )
        if reached:
            return
    raise AssertionError(f"Tab never comes to {wanted}")
