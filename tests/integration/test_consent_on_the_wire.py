"""From the box of the consent to the bytes the vendor receives: without the tick, no picture."""

from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone
from PIL import Image as Pillow
from pytest_django import Settings

from duetml.workspace.models import AgentCall, Spending, State, TestRun, TrainingRun, Workspace
from duetml.workspace.services import proactive
from duetml.workspace.work import advise
from study.models import Participant, StepRun, Study
from study.rules.assignment import sequence
from study.services import studies
from study.views import preview
from tests.people import a_category, a_pool, do, images_of
from tests.studies import OVERRIDES, SOURCE, answers_to, known
from tests.vendor import Vendor

pytestmark = pytest.mark.django_db(transaction=True)
STEP = "/study/step/"
PICTURES = 6


@pytest.fixture
def vendor(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    monkeypatch.setattr("duetml.jobs.send", lambda _job, **_ids: None)  # answered by hand below
    with Vendor() as running:
        settings.OPENAI_BASE_URL = running.url
        yield running


def open_study(preset: str = "paper", **box: Any) -> Study:
    """The study with real pictures, its box changed; its first place is one with agents."""
    document = yaml.safe_load(SOURCE)
    document["agents"] = {"preset": preset}
    document["steps"][0]["items"][2].update(box)
    for step in document["steps"]:
        if step["kind"] == "task":
            step["images"] = PICTURES
    for name in ("practice", "animals", "mixed"):
        a_pool(name, PICTURES)
    keys = [one["key"] for one in document["conditions"]]
    seed = next(n for n in range(99) if sequence(keys, 6, [2, 4], n)[0].condition == "duetml")
    studies.create("walk", yaml.safe_dump(document), now=timezone.now(), seed=seed)
    return studies.open_study("walk", timezone.now(), [*OVERRIDES, "images"])


def walk_to_the_task(browser: Client, ticked: bool) -> Workspace:
    """Page after page as a browser sends them, from the consent to the practice."""
    while True:
        browser.get(STEP)
        someone = Participant.objects.get(pk=known(browser))
        step = someone.protocol.read().steps[someone.step]
        if step.kind == "task":
            run = StepRun.objects.get(participant=someone, index=someone.step)
            assert run.workspace is not None
            return run.workspace
        form = answers_to(step) | {"step": str(someone.step)}
        if step.kind == "consent" and not ticked:
            del form["vendor"]
        assert browser.post(STEP, form).status_code in (200, 302)


def ask_everything(workspace: Workspace) -> None:
    """The four ways to an answer, of both agents, each with pictures to show."""
    images = images_of(workspace)
    land = a_category(workspace, "land", images[:4])
    run = TrainingRun.objects.create(
        workspace=workspace, number=1, data=[], report={"n": 4}, queued_at=timezone.now()
    )
    score = [{"category": land, "name": "land", "p": 0.6}]
    TestRun.objects.create(
        workspace=workspace,
        training_run=run,
        state=State.DONE,
        images=images[4:],
        results=[{"image": one, "scores": score} for one in images[4:]],
        queued_at=timezone.now(),
        finished_at=timezone.now(),
    )
    for action in ("chat.post", "chat.ask_data", "chat.ask_test"):
        payload = {"text": "What is wrong?"} if action == "chat.post" else {}
        asked = do(workspace, action, payload, now=timezone.now())
        call = asked.result.get("call") or AgentCall.objects.latest("queued_at").pk
        advise.answer_call(str(call))
    now = timezone.now()
    Workspace.objects.filter(pk=workspace.pk).update(proactive_at=now, seen_at=now)
    assert proactive.speak_up(now) == 1
    advise.answer_call(str(AgentCall.objects.get(agent="proactive").pk))


def sizes(urls: list[str]) -> set[tuple[int, int]]:
    jpegs = [b64decode(url.removeprefix("data:image/jpeg;base64,")) for url in urls]
    return {Pillow.open(BytesIO(jpeg)).size for jpeg in jpegs}


def enrolled() -> Client:
    browser = Client()
    browser.post("/study/s/walk/enrol/", follow=True)
    return browser


@pytest.mark.parametrize("preset", ["paper", "attentive"])
def test_with_the_tick_both_agents_are_sent_pictures(vendor: Vendor, preset: str) -> None:
    open_study(preset)

    ask_everything(walk_to_the_task(enrolled(), ticked=True))

    assert [seen.agent for seen in vendor.requests] == ["reactive"] * 3 + ["proactive"]
    for seen in vendor.requests:
        assert len(seen.images) >= 4
        assert sizes(seen.images) == {(48, 48)}  # real pictures, those of the pool


@pytest.mark.parametrize("preset", ["paper", "attentive"])
@pytest.mark.parametrize(
    ("box", "ticked"),
    [({"required": False}, False), ({"grants": None}, True)],
    ids=["left empty", "nobody asked"],
)
def test_without_the_tick_no_request_holds_a_picture(
    vendor: Vendor, preset: str, box: dict[str, Any], ticked: bool
) -> None:
    open_study(preset, **box)

    ask_everything(walk_to_the_task(enrolled(), ticked))

    assert [seen.agent for seen in vendor.requests] == ["reactive"] * 3 + ["proactive"]
    for seen in vendor.requests:
        assert seen.images == []
        assert "image_url" not in str(seen.body)
        assert "base64" not in str(seen.body)
        told = "has not agreed that pictures are sent" if preset == "attentive" else "0 shown here"
        assert told in seen.text
    assert set(AgentCall.objects.values_list("state", flat=True)) == {State.DONE}


@pytest.mark.parametrize("ticked", [True, False])
def test_a_preview_is_asked_and_obeyed_like_everybody(vendor: Vendor, ticked: bool) -> None:
    study = open_study(required=False)
    browser = Client()
    browser.post(preview.links(study)["duetml"], follow=True)

    ask_everything(walk_to_the_task(browser, ticked))

    assert [bool(seen.images) for seen in vendor.requests] == [ticked] * 4


def test_what_the_vendor_counted_is_charged_to_the_study_and_the_participant(
    vendor: Vendor,
) -> None:
    open_study()

    ask_everything(walk_to_the_task(enrolled(), ticked=True))

    someone = Participant.objects.get()
    found = {row.payer: (row.calls, row.input_tokens) for row in Spending.objects.all()}
    tokens = sum(call.input_tokens or 0 for call in AgentCall.objects.all())
    assert tokens > 0
    assert found == {"study:walk": (4, tokens), f"participant:{someone.pk}": (4, tokens)}
