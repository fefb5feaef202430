"""The monitor and the replay in a browser: by keyboard, and seen on a participant's open page."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from duetml.live.log import ClientStamp
from duetml.workspace.models import TrainingRun
from duetml.workspace.services import training
from duetml.workspace.services.actions import perform
from study.models import Membership, Notice, Participant, Response, StepRun
from study.views.visitor import WHO
from tests import studies as helper
from tests.people import a_picture, images_of
from tests.studies import be

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Playwright keeps a loop running in this thread, and Django guards against reading rows beside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def elsewhere(work: Callable[..., Any], *arguments: object) -> Any:
    """Run something that reads or writes rows: Playwright's loop occupies this thread."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(work, *arguments).result()


Cookie = tuple[str, str]  # its name, its value


@dataclass(frozen=True)
class Scene:
    """A participant in a form, one whose task has a short history; cookies of theirs and staff."""

    code: str
    worker: str
    workspace: UUID
    participant: Cookie
    staff: Cookie


def prepare() -> Scene:
    now = timezone.now()
    study = helper.open_study()
    filling = helper.person(helper.enrol(study, now))
    helper.walk_to(filling.pk, "about_you", now)
    working = helper.enrol(study, now - timedelta(minutes=16))
    helper.walk_to(working, "free", now - timedelta(minutes=16))
    workspace = StepRun.objects.get(participant=working, key="free").workspace
    assert workspace is not None
    pictures = images_of(workspace)
    for image in workspace.offered.select_related("image")[:12]:
        if not default_storage.exists(image.image.thumb_path):
            default_storage.save(image.image.thumb_path, ContentFile(a_picture(image.position)))
    for number, name in enumerate(("Pets", "Birds")):
        stamp = ClientStamp(uuid4())
        made = perform(workspace.id, "category.create", {"name": name}, stamp, now).result
        some = {"category": made["category"], "images": pictures[number * 5 : number * 5 + 5]}
        perform(workspace.id, "images.add", some, ClientStamp(uuid4()), now)
    perform(workspace.id, "training.start", {}, ClientStamp(uuid4()), now)
    run = TrainingRun.claim(workspace.training_runs.get().pk, now)
    assert run is not None
    training.finish(run, b"model", {"n": 1}, now)
    client = Client()
    be(client, filling.pk)
    theirs = (WHO, client.cookies[WHO].value)
    ann = Client()
    user = User.objects.create_user("ann", is_staff=True)
    role = {"role": "experimenter"}
    Membership.objects.update_or_create(study=study, user=user, defaults=role)
    ann.force_login(user)
    key = settings.SESSION_COOKIE_NAME
    staff = (key, ann.cookies[key].value)
    worker = Participant.objects.get(pk=working).code
    return Scene(filling.code, worker, workspace.pk, theirs, staff)


@pytest.fixture
def scene(live_server: LiveServer) -> Scene:
    made: Scene = elsewhere(prepare)
    return made


@pytest.fixture
def open_as(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """open_as(cookie, path): a page of a browser with that cookie."""
    contexts = []
    problems: list[str] = []

    def open_page(cookie: Cookie, path: str, **options: Any) -> Page:
        context = chromium.new_context(locale="en", **options)
        contexts.append(context)
        name, value = cookie
        context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{live_server.url}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def test_a_replay_is_played_and_jumped_through_by_keyboard(
    scene: Scene, open_as: Callable[..., Page]
) -> None:
    page = open_as(scene.staff, f"/study/walk/replay/{scene.workspace}/")
    page.wait_for_selector("#replay[data-ready]")
    where = page.locator("output[data-where]")
    expect(where).to_contain_text("Event 0 of 7")

    page.keyboard.press("n")
    expect(where).to_contain_text("Event 7 of 7")
    expect(page.locator(".then-runs li")).to_have_text("Training 1: done (Pets 5, Birds 5)")
    page.keyboard.press("Home")
    expect(page.locator(".then-category")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".then-category h3")).to_have_text("Pets0")
    expect(page.locator(".then-log [aria-current]")).to_contain_text("category “Pets” made")
    page.keyboard.press("5")
    page.keyboard.press("Space")
    expect(where).to_contain_text("Event 7 of 7")
    expect(page.locator(".then-pictures img")).to_have_count(10)
    assert page.locator(".then-pictures img").first.evaluate("one => one.naturalWidth") > 0


def test_a_link_opens_the_replay_at_its_event(scene: Scene, open_as: Callable[..., Page]) -> None:
    page = open_as(scene.staff, f"/study/walk/replay/{scene.workspace}/#event=3")

    expect(page.locator("output[data-where]")).to_contain_text("Event 3 of 7")
    expect(page.locator(".then-category b")).to_have_text("5")


def test_a_message_and_a_pause_are_seen_on_the_open_page(
    scene: Scene, open_as: Callable[..., Page]
) -> None:
    theirs = open_as(scene.participant, "/study/step/")
    staff = open_as(scene.staff, f"/study/walk/people/{scene.code}/")

    staff.get_by_text("Write to them").click()
    staff.get_by_role("textbox", name="Shown at once").fill("The room is next door.")
    staff.get_by_role("button", name="Send").click()
    message = theirs.get_by_text("The room is next door.")
    expect(message).to_be_visible()
    theirs.get_by_role("button", name="I have read it").click()
    expect(message).to_have_count(0)
    assert elsewhere(lambda: Notice.objects.get().read_at) is not None

    staff.get_by_text("Pause", exact=True).click()
    staff.get_by_role("textbox", name="Reason").first.fill("Fire alarm.")
    staff.get_by_role("button", name="Stop their clock").click()
    expect(theirs.locator("[data-paused]")).to_be_visible()


def test_the_monitor_goes_on_by_itself_and_keeps_the_focus(
    scene: Scene, open_as: Callable[..., Page]
) -> None:
    page = open_as(scene.staff, "/study/walk/live/")
    expect(page.locator(".consort rect")).to_have_count(7)
    link = page.get_by_role("link", name=scene.worker)
    link.focus()

    elsewhere(
        lambda: Participant.objects.filter(code=scene.code).update(
            excluded_at=timezone.now(), excluded_by="ann", exclusion_reason="Twice."
        )
    )

    row = page.get_by_role("row", name=scene.code)
    expect(row.get_by_text("excluded", exact=True)).to_be_visible()
    expect(link).to_be_focused()


def test_scripts_around_a_workspace_hear_what_its_socket_brings(
    open_workspace: Callable[..., Page],
) -> None:
    page = open_workspace(sorted={"One": 2, "Two": 2})
    page.evaluate(
        """() => document.addEventListener("frame", ({ detail }) => {
          document.body.dataset.heard = `${document.body.dataset.heard} ${detail.type}`;
        })"""
    )

    page.get_by_role("button", name="Train", exact=True).click()

    expect(page.locator("body[data-heard~=progress]")).to_have_count(1)


def test_a_number_that_is_none_is_never_called_saved(
    scene: Scene, open_as: Callable[..., Page]
) -> None:
    page = open_as(scene.participant, "/study/step/")
    note, age = page.locator("[data-saved-note]"), page.locator("#age")

    age.press_sequentially("12e")
    expect(note).to_have_text("This is no number, so it is not saved.")
    page.locator("[name=gender]").first.check()
    expect(note).to_have_text("The marked answer is not saved.")
    expect(age).to_have_attribute("aria-invalid", "true")
    age.fill("34")

    expect(note).to_contain_text("saved")
    expect(age).not_to_have_attribute("aria-invalid", "true")
    kept = elsewhere(lambda: dict(Response.objects.values_list("item", "value")))
    assert kept["age"] == 34


def test_the_buttons_of_stopping_stand_apart_on_a_phone(
    scene: Scene, open_as: Callable[..., Page]
) -> None:
    phone = {"width": 390, "height": 800}

    page = open_as(scene.participant, "/study/withdraw/", viewport=phone)

    stop = page.get_by_role("button", name="Stop taking part").bounding_box()
    copy = page.get_by_role("link", name="A copy of the information").bounding_box()
    assert stop is not None
    assert copy is not None
    assert copy["y"] - (stop["y"] + stop["height"]) >= 8


@pytest.mark.parametrize("locale", ["en", "ja"])
def test_what_needs_somebody_is_in_sight_on_a_phone(
    scene: Scene, open_as: Callable[..., Page], locale: str
) -> None:
    phone = {"width": 390, "height": 800}

    page = open_as(scene.staff, "/study/walk/live/", viewport=phone)
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": locale, "url": page.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.reload()

    expect(page.locator("html")).to_have_attribute("lang", locale)
    box = page.locator(".people thead th").nth(1).bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= phone["width"]
    if folder := os.environ.get("DUETML_LOOK"):
        page.screenshot(path=f"{folder}/live-{locale}-390.png", full_page=True)
