"""What people do to a page that nobody planned for, and what must not come of it."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from study.robots.browser import Browser
from study.robots.journal import Journal, UnexpectedError
from study.robots.page import Form, Page, Value
from study.robots.socket import RefusalError, Socket

STEP = "/study/step/"
NONSENSE: Sequence[object] = (
    "",
    "no such answer",
    -1,
    10**30,
    "1e999",
    ["a"],
    {"a": 1},
    "\x00",
    True,
)


async def refresh(browser: Browser, page: Page) -> Page:
    """Load the page again in the middle: only a clock may have moved anybody on."""
    again = await browser.get(STEP)
    if _differs(page, again) and not page.data.get("closes-at"):
        raise UnexpectedError(f"a refresh led from {page.url} on: {again.words[:200]}")
    return again


def inadmissible(form: Form, eligible: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For each question that decides on taking part, an answer that does not admit."""
    return {
        one.name: next(value for value in one.choices if value not in eligible[one.name])
        for one in form.questions()
        if one.name in eligible and set(one.choices) - set(eligible[one.name])
    }


async def answer_badly(browser: Browser, form: Form, journal: Journal) -> None:
    """Answers no page would send: each is stored as allowed, or refused in words; none breaks."""
    step = int(form.hidden()["step"])
    sent = [(one.name, value) for one in form.questions()[:3] for value in NONSENSE]
    for item, value in [*sent, ("no_such_item", "x")]:
        body = {"step": step, "item": item, "value": value, "id": str(uuid.uuid4())}
        status, document = await browser.post_json("/study/answer/", body)
        if status == 200:
            continue
        if status != 400 or not document["refused"]["message"].strip():
            raise UnexpectedError(f"{body}: {status} {document}")
        journal.note("nonsense refused")
    for broken in ({}, {"step": "x"}, {"step": 10**9, "item": "a", "id": "b"}):
        status, _ = await browser.post_json("/study/answer/", broken)
        if status != 400:
            raise UnexpectedError(f"{broken} was answered with {status}")


async def send_again(
    browser: Browser, form: Form, values: Mapping[str, Value], after: Page, journal: Journal
) -> None:
    """An old tab sends its form once more: nobody is moved on by it."""
    again = await browser.submit(form, values)
    if _differs(after, again) and not after.data.get("closes-at"):
        raise UnexpectedError(f"an old tab moved somebody on: {again.words[:200]}")
    journal.note("old tab refused")


async def act_late(socket: Socket, journal: Journal) -> None:
    """An action after the end: kept as late, or refused in words, and the work stays as it was."""
    before = socket.view.sorted_images()
    try:
        ack = await socket.do("category.create", {"name": f"late {datetime.now(UTC):%H%M%S%f}"})
    except RefusalError as refusal:
        if not refusal.message.strip():
            raise UnexpectedError("a late action was refused without a word") from None
    else:
        if not ack.late:
            raise UnexpectedError("an action after the end was taken as if in time")
    if socket.view.sorted_images() != before:
        raise UnexpectedError("an action after the end changed the work")
    journal.note("late actions")


async def finish_late(browser: Browser, page: Page) -> Page:
    """Press Finish although the clock has ended the task: one is told, and goes on."""
    form = page.form(STEP)
    if form is None:
        raise UnexpectedError(f"a task without a Finish button: {page.words[:300]}")
    return await browser.submit(form, {})


def _differs(page: Page, other: Page) -> bool:
    here, there = page.form(STEP), other.form(STEP)
    return here is not None and (
        there is None or here.hidden().get("step") != there.hidden().get("step")
    )
