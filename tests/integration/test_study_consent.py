"""Whose pictures may go to the model vendor: those of who ticked the box, and nobody else's."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from django.test import Client
from pytest_django import Settings

from duetml.live.log import ClientStamp
from duetml.workspace.models import Workspace
from study.models import Response, StepRun, Study
from study.rules import codes
from study.services import enrolment, responses, steps, studies
from study.services.preflight import preflight
from study.views import preview
from tests import studies as helper
from tests.studies import NOON, OFFLINE, OVERRIDES, SOURCE, answers_to, enrol, person, walk_to

pytestmark = pytest.mark.django_db
BOX = "vendor"


def protocol(source: str = OFFLINE, **changes: Any) -> str:
    """The study's protocol with its box changed; a field that is set to None is left out."""
    document = yaml.safe_load(source)
    box = next(item for item in document["steps"][0]["items"] if item["key"] == BOX)
    box.update(changes)
    for name in [name for name, value in box.items() if value is None]:
        del box[name]
    return yaml.safe_dump(document, allow_unicode=True)


def consent(participant_id: UUID, **changes: str) -> None:
    """Leave the consent; a box that is set to "" is left empty."""
    ticked = answers_to(person(participant_id).protocol.read().steps[0]) | changes
    sent = {key: value for key, value in ticked.items() if value}
    assert steps.finish(participant_id, 0, sent, NOON).result is steps.Result.MOVED


def workspace_of(participant_id: UUID, step: str = "practice") -> Workspace:
    walk_to(participant_id, step, NOON)
    found = StepRun.objects.get(participant=participant_id, key=step).workspace
    assert found is not None
    return found


def test_who_ticks_the_box_shares_the_pictures_of_every_task() -> None:
    who = enrol(helper.open_study())

    consent(who)

    tasks = ("practice", "free", "requirement")
    assert [workspace_of(who, task).shares_images for task in tasks] == [True] * 3


def test_who_leaves_an_optional_box_empty_goes_on_and_shares_none() -> None:
    who = enrol(helper.open_study(source=protocol(required=False)))

    consent(who, vendor="")

    assert Response.objects.get(step__participant=who, item=BOX).value is False
    assert workspace_of(who).shares_images is False


def test_a_tick_that_is_taken_back_before_going_on_shares_none() -> None:
    who = enrol(helper.open_study(source=protocol(required=False)))
    responses.answer(who, 0, BOX, True, ClientStamp(uuid4()), NOON)

    consent(who, vendor="")

    assert workspace_of(who).shares_images is False


def test_a_protocol_without_such_a_box_shares_none() -> None:
    who = enrol(helper.open_study(source=protocol(grants=None)))

    consent(who)

    assert workspace_of(who).shares_images is False


def test_a_box_of_the_same_name_elsewhere_shares_none() -> None:
    """Only the consent's answer counts."""
    document = yaml.safe_load(protocol(required=False))
    form = next(step for step in document["steps"] if step["key"] == "about_you")
    form["items"].append({"key": BOX, "kind": "check", "text": {"en": "Really?", "ja": "本当？"}})
    who = enrol(helper.open_study(source=yaml.safe_dump(document)))

    consent(who, vendor="")

    assert workspace_of(who).shares_images is False
    assert set(Response.objects.filter(item=BOX).values_list("value", flat=True)) == {True, False}


@pytest.mark.parametrize(("ticked", "shared"), [("on", True), ("", False)])
def test_a_preview_consents_like_everybody(ticked: str, shared: bool) -> None:
    study = helper.open_study(source=protocol(required=False))
    token = codes.personal_token()
    who = enrolment.preview(study.pk, 0, token=token, language="en", now=NOON).id

    consent(who, vendor=ticked)

    assert workspace_of(who).shares_images is shared


def test_a_required_box_cannot_be_left_empty() -> None:
    who = enrol(helper.open_study())

    done = steps.finish(who, 0, {"informed": "on", "agreed": "on"}, NOON)

    assert done.result is steps.Result.INCOMPLETE
    assert not Response.objects.filter(item=BOX).exists()


def test_the_page_asks_for_an_optional_box_as_optional() -> None:
    study = helper.open_study(source=protocol(required=False))
    link = preview.links(study)["baseline"]

    page = Client().post(link, follow=True).content.decode()

    box = re.search(rf'<input type="checkbox" id="{BOX}"[^>]*>', page)
    assert box is not None
    assert "required" not in box[0]


# Who pays


def test_a_participants_agents_are_charged_to_the_study_and_to_the_participant() -> None:
    who = enrol(helper.open_study())

    assert workspace_of(who).payers == ["study:walk", f"participant:{who}"]


def test_a_previews_agents_are_charged_to_an_account_that_no_cap_looks_at() -> None:
    study = helper.open_study()
    token = codes.personal_token()
    who = enrolment.preview(study.pk, 0, token=token, language="en", now=NOON).id

    assert workspace_of(who).payers == ["preview:walk"]


# Before a study opens


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (SOURCE, False),
        (protocol(SOURCE, grants=None), True),
        (protocol(OFFLINE, grants=None), False),
        (protocol(SOURCE.replace("chat: true, ask_data: true", "chat: false, ask_data: false")
                  .replace("ask_test: true, proactive: true", "ask_test: false, proactive: false"),
                  grants=None), False),
        (protocol(SOURCE.replace("images_total: 24", "images_total: 0"), grants=None), False),
    ],
    ids=["asked", "nobody asked", "no vendor", "no chat", "no pictures wanted"],
)  # fmt: skip
def test_agents_that_would_see_no_picture_are_told_of_before_the_study_opens(
    settings: Settings, source: str, found: bool
) -> None:
    settings.OPENAI_API_KEY = "key"
    study = studies.create("early", source, now=NOON, seed=1)

    codes_found = [one.code for one in preflight(study.protocol.read())]

    assert ("images" in codes_found) is found


def test_a_researcher_may_accept_agents_that_see_no_picture(settings: Settings) -> None:
    settings.OPENAI_API_KEY = "key"
    helper.pools()
    studies.create("blind", protocol(SOURCE, grants=None), now=NOON, seed=1)

    opened = studies.open_study("blind", NOON, [*OVERRIDES, "images"])

    assert opened.state == Study.State.OPEN
    assert "images" in opened.overrides
