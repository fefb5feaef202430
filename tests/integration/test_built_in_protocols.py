"""Every built-in protocol is walked from the consent to the end, as browsers see it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from study.models import Participant, Response, StepRun
from study.rules.derivation import derive
from study.services import studies
from tests.studies import NOON, OVERRIDES, answers_to, known, person, pools

pytestmark = pytest.mark.django_db
PROTOCOLS = Path(__file__).parents[2] / "study" / "protocols"
NAMES = sorted(file.stem for file in PROTOCOLS.glob("*.yaml"))
STEP = "/study/step/"


class Clock:
    now = NOON


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: found.now)
    return found


# A form of the tour asks them too, and has a code for who does not read.
CHOICES = {
    "hobbies": ["work", "learning", "play"],
    "colour": ["red", "blue"],
}
KINDS: list[dict[str, Any]] = [
    {
        "key": key,
        "kind": "multiple" if key == "hobbies" else "single",
        "text": {"en": key, "ja": key},
        "choices": [{"value": one, "label": {"en": one, "ja": one}} for one in values],
    }
    for key, values in CHOICES.items()
]
KINDS[1]["attention"] = {"expect": "blue"}
KINDS.append(
    {
        "key": "energy",
        "kind": "slider",
        "text": {"en": "Mood", "ja": "調子"},
        "low": {"en": "bad", "ja": "悪い"},
        "high": {"en": "good", "ja": "良い"},
        "minimum": 0,
        "maximum": 100,
        "step": 5,
    }
)


def with_more_questions(source: str) -> str:
    document = yaml.safe_load(source)
    form = next(step for step in document["steps"] if step["key"] == "about_you")
    form["items"] += KINDS
    document["completion"]["codes"]["failed_checks"] = "TOUR-CHECK"
    return yaml.safe_dump(document, allow_unicode=True)


def opened(name: str, asks_more: bool = False) -> None:
    """With the offline advisor, one person in each condition."""
    pools()
    source = (PROTOCOLS / f"{name}.yaml").read_text()
    source = with_more_questions(source) if asks_more else source
    offline = derive(source, agents={"provider": "offline"}, per_condition=1)
    studies.create(name, offline, now=NOON, seed=3)
    studies.open_study(name, NOON, OVERRIDES)


def begun(name: str, language: str) -> Client:
    client = Client(headers={"Accept-Language": language})
    client.post(f"/study/s/{name}/enrol/", follow=True)
    return client


def who(client: Client) -> Participant:
    return person(known(client))


def page(client: Client) -> str:
    return client.get(STEP).content.decode()


def walk(client: Client, clock: Clock, until: str = "end") -> list[str]:
    """Answer page after page; returns what each of them said, with that of `until` as the last."""
    pages = []
    for _ in range(30):
        pages.append(page(client))
        participant = who(client)
        run = StepRun.objects.get(participant=participant, index=participant.step)
        if run.key == until:
            return pages
        clock.now = max(clock.now, run.minimum_at or clock.now)
        step = participant.protocol.read().steps[run.index]
        reply = client.post(STEP, answers_to(step) | {"step": str(run.index)})
        assert reply.status_code in (200, 302), reply.content.decode()
    raise AssertionError(f"{until} was never reached")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", NAMES)
def test_a_built_in_protocol_leads_everybody_to_its_end(
    name: str, language: str, clock: Clock
) -> None:
    opened(name)

    people = [begun(name, language) for _ in range(2)]
    for one in people:
        walk(one, clock)

    found = [who(one) for one in people]
    conditions = {one.key for one in found[0].protocol.read().conditions}
    assert {one.state for one in found} == {Participant.State.COMPLETED}
    assert {one.condition for one in found} == conditions
    assert {one.language for one in found} == {language}


def test_no_page_of_a_study_of_timing_says_when_the_agent_speaks(clock: Clock) -> None:
    opened("proactive-timing")

    for client in (begun("proactive-timing", "en"), begun("proactive-timing", "en")):
        seen = "".join(walk(client, clock, "interview")).lower()

        assert not re.search(r"boundary|by the clock|proactive_trigger", seen)
        settings = (who(client).settings_json or {})["agents"]
        assert settings["proactive_trigger"] == who(client).condition


def test_several_choices_and_a_slider_are_kept_as_they_were_given(clock: Clock) -> None:
    opened("tour", asks_more=True)
    client = begun("tour", "en")
    walk(client, clock, "about_you")
    participant = who(client)
    step = participant.protocol.read().steps[participant.step]
    given = {"hobbies": ["play", "work"], "energy": "45", "step": str(participant.step)}

    reply = client.post(STEP, answers_to(step) | given)

    assert reply.status_code == 302
    rows = Response.objects.filter(step__participant=participant, item__in=given)
    assert dict(rows.values_list("item", "value")) == {"hobbies": ["work", "play"], "energy": 45}


def test_what_was_chosen_is_still_chosen_where_something_else_is_missing(clock: Clock) -> None:
    opened("tour", asks_more=True)
    client = begun("tour", "en")
    walk(client, clock, "about_you")
    given = {"hobbies": ["play", "work"], "energy": "45", "step": str(who(client).step)}

    reply = client.post(STEP, given)

    said = reply.content.decode()
    assert reply.status_code == 422
    ticked = re.findall(r'name="hobbies" value="(\w+)"[^>]* checked', said)
    assert ticked == ["work", "play"]
    assert re.search(r'name="energy" value="45"', said)
    assert re.search(r'type="range"[^>]* value="45"', said)


def test_nothing_chosen_and_a_slider_nobody_touched_are_no_answers(clock: Clock) -> None:
    opened("tour", asks_more=True)
    client = begun("tour", "en")
    walk(client, clock, "about_you")

    reply = client.post(
        STEP, {"age": "30", "energy": "", "colour": "blue", "step": who(client).step}
    )

    assert reply.status_code == 422
    assert "Please choose at least one." in reply.content.decode()
    rows = Response.objects.filter(step__key="about_you").values_list("item", flat=True)
    assert set(rows) == {"age", "colour"}


def test_who_answers_a_check_of_attention_otherwise_gets_the_code_of_that(clock: Clock) -> None:
    opened("tour", asks_more=True)
    client = begun("tour", "en")
    walk(client, clock, "about_you")
    step = who(client).protocol.read().steps[who(client).step]
    client.post(STEP, answers_to(step) | {"colour": "red", "step": str(who(client).step)})

    walk(client, clock)

    assert who(client).completion_code == "TOUR-CHECK"
