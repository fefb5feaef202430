"""What the agents may cost: caps that let nobody new in, and what staff are told and shown."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from duetml.workspace.models import AgentCall, Spending, State, Workspace
from duetml.workspace.services import spending
from duetml.workspace.services.answers import Account
from duetml.workspace.services.pricing import prices
from duetml.workspace.services.refusal import Refused
from study import agent_queries
from study.models import Participant, StepRun, Study
from study.rules import codes
from study.services import enrolment, preflight, studies
from tests import studies as helper
from tests.raters import make_rater
from tests.studies import NOON, OFFLINE, SOURCE, enrol, person, walk_to

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PAGE, PART, HOME = "/study/walk/", "/study/walk/agents/", "/study/"
DOLLARS = {"study": {"usd": 10}, "day": {"usd": 5}}


def with_budget(source: str = OFFLINE, **budget: Any) -> str:
    document = yaml.safe_load(source)
    document["agents"]["budget"] = budget
    return yaml.safe_dump(document, allow_unicode=True)


def open_study(**budget: Any) -> Study:
    return helper.open_study(source=with_budget(**budget))


def spend(payer: str, usd: float = 0, tokens: int = 0, at: datetime = NOON) -> None:
    Spending.objects.update_or_create(
        payer=payer,
        day=at.date(),
        defaults={"calls": 7, "input_tokens": tokens, "microusd": round(usd * 1_000_000)},
    )


def in_task(study: Study, condition: str = "duetml") -> tuple[UUID, Workspace]:
    """Somebody of that condition in the practice."""
    while True:
        who = enrol(study)
        walk_to(who, "practice", NOON)
        if person(who).condition == condition:
            workspace = StepRun.objects.get(participant=who, key="practice").workspace
            assert workspace is not None
            return who, workspace


def call(workspace: Workspace, **facts: Any) -> AgentCall:
    """A call that was answered, unless `facts` say otherwise."""
    told: dict[str, Any] = {
        "agent": "reactive",
        "trigger": "message",
        "provider": "openai",
        "outcome": "answered",
        "state": State.DONE,
        "received": "words",
        "input_tokens": 1000,
        "output_tokens": 100,
        "microusd": 3500,
        "queued_at": NOON,
        "finished_at": NOON,
    }
    return AgentCall.objects.create(workspace=workspace, **(told | facts))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    now = [NOON]
    monkeypatch.setattr("django.utils.timezone.now", lambda: now[0])
    return now


@pytest.fixture
def staff(clock: list[datetime]) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    return client


def text(client: Client, address: str, language: str = "en") -> str:
    reply = client.get(address, headers={"accept-language": language})
    assert reply.status_code == 200
    return reply.content.decode()


# Who may come in


@pytest.mark.parametrize(
    ("usd", "at", "is_shut"),
    [(4.99, NOON, False), (5, NOON, True), (5, NOON - DAY, False), (10, NOON - DAY, True)],
    ids=["below", "today's", "yesterday's", "the study's"],
)
def test_a_reached_cap_of_the_study_or_the_day_lets_nobody_new_in(
    usd: float, at: datetime, is_shut: bool
) -> None:
    study = open_study(**DOLLARS)
    spend("study:walk", usd, at=at)

    if not is_shut:
        assert person(enrol(study)).state == Participant.State.ACTIVE
        return
    with pytest.raises(Refused, match="No new participants") as refusal:
        enrol(study)
    assert refusal.value.code == "budget"
    assert not Participant.objects.exists()


def test_tokens_are_a_cap_too() -> None:
    study = open_study(day={"tokens": 1000})
    spend("study:walk", tokens=1000)

    with pytest.raises(Refused):
        enrol(study)


def test_a_participants_cap_keeps_nobody_else_out() -> None:
    study = open_study(participant={"usd": 1})
    who = enrol(study)
    spend(f"participant:{who}", 50)
    spend("study:walk", 50)

    assert enrol(study) != who


def test_what_previews_use_keeps_nobody_out() -> None:
    study = open_study(**DOLLARS)
    token = codes.personal_token()
    looking = enrolment.preview(study.pk, 0, token=token, language="en", now=NOON)
    walk_to(looking.id, "practice", NOON)
    workspace = StepRun.objects.get(participant=looking, key="practice").workspace
    assert workspace is not None

    spending.charge(workspace, Account(model="m", microusd=50_000_000), NOON)

    assert Spending.objects.get().payer == "preview:walk"
    assert person(enrol(study)).state == Participant.State.ACTIVE


def test_who_is_under_way_goes_on_to_the_end_when_the_cap_is_reached() -> None:
    study = open_study(**DOLLARS)
    begun, inside = enrol(study), enrol(study)
    walk_to(inside, "practice", NOON)
    spend("study:walk", 12)

    for who in (begun, inside):
        walk_to(who, "end", NOON)

    states = Participant.objects.values_list("state", flat=True)
    assert set(states) == {Participant.State.COMPLETED}


def test_the_same_link_still_leads_in_when_the_cap_is_reached() -> None:
    study = open_study(**DOLLARS)
    token = codes.personal_token()
    first, _run = enrolment.enrol("walk", token=token, language="en", now=NOON)
    spend("study:walk", 12)

    assert enrolment.enrol("walk", token=token, language="en", now=NOON) == (first, None)
    assert study.participants.count() == 1


def test_tomorrow_is_another_day() -> None:
    study = open_study(day={"usd": 5})
    spend("study:walk", 5)

    with pytest.raises(Refused):
        enrol(study, NOON.replace(hour=23, minute=59))
    assert enrol(study, NOON + DAY)


def test_a_calls_cost_reaches_the_caps_of_its_participant_and_its_study() -> None:
    study = open_study(**DOLLARS)
    who, workspace = in_task(study)

    spending.charge(workspace, Account(model="m", microusd=5_000_000), NOON)

    assert spending.spent(f"participant:{who}").usd == 5
    assert enrolment.is_budget_used_up(study, NOON)


# What the public page says


def test_the_public_page_says_that_nobody_new_is_taken_and_nothing_of_why(
    clock: list[datetime],
) -> None:
    open_study(**DOLLARS)
    spend("study:walk", 5)

    for language, words in (("en", "No new participants at the moment"), ("ja", "新しい参加者")):
        page = text(Client(), "/study/s/walk/", language)
        assert words in page
        assert "<form" not in page.split("<main")[1]
        assert not re.search(
            r"(?i)budget|cap\b|cost|\$|assistant|agent|アシスタント|費用|予算", page
        )


def test_a_cap_that_is_reached_between_the_page_and_the_button_enrols_nobody(
    clock: list[datetime],
) -> None:
    open_study(**DOLLARS)
    browser = Client()
    assert 'name="once"' in text(browser, "/study/s/walk/")
    spend("study:walk", 5)

    reply = browser.post("/study/s/walk/enrol/")

    assert "No new participants at the moment" in reply.content.decode()
    assert not Participant.objects.exists()
    assert "participant" not in browser.session


def test_who_has_begun_in_this_browser_is_led_back_in(clock: list[datetime]) -> None:
    open_study(**DOLLARS)
    browser = Client()
    browser.post("/study/s/walk/enrol/", follow=True)
    spend("study:walk", 5)

    assert 'href="/study/step/"' in text(browser, "/study/s/walk/")
    assert 'href="/study/step/"' not in text(Client(), "/study/s/walk/")


# What staff are told


@pytest.mark.parametrize(
    ("usd", "said", "needed"),
    [
        (3.9, None, "Invite participants"),
        (4.5, "90 % of today&#x27;s cap for the agents is used ($4.50 of $5.00)", "Invite"),
        (4.999, "99 % of today&#x27;s cap", "Invite"),
        (5, "cap for the agents is reached ($5.00 of $5.00): nobody new can begin", "Wait: a cap"),
        (10, "The agents keep silent until 00:00 UTC: 200 % of today", "Wait: a cap"),
    ],
)
def test_staff_are_told_early_on_the_studys_page_and_in_the_list(
    staff: Client, usd: float, said: str | None, needed: str
) -> None:
    open_study(day={"usd": 5})
    spend("study:walk", usd)

    page, home = text(staff, PAGE), text(staff, HOME)

    warnings = re.findall(r'<p class="notice (?:warning|error)">(.*?)</p>', page)
    assert [said is not None and said in one for one in warnings] == [True] * (said is not None)
    assert ("s cap</span>" in home) is (said is not None)
    assert needed in page
    assert needed in home


def test_the_caps_of_participants_are_told_by_how_many_not_by_whom(staff: Client) -> None:
    study = open_study(participant={"usd": 1})
    who, workspace = in_task(study)
    call(workspace, microusd=1_200_000)

    page, home = text(staff, PAGE), text(staff, HOME)

    said = "1 participant&#x27;s agents have used up the cap for one participant ($1.20 of $1.00)"
    assert said in page
    assert "120 % of a participant" in home
    assert page.count(f">{person(who).code}<") == 1  # in the list of participants
    assert "Invite participants" in page


def test_a_study_that_is_over_warns_of_nothing_in_the_list(staff: Client) -> None:
    open_study(**DOLLARS)
    spend("study:walk", 12)
    assert "s cap</span>" in text(staff, HOME)

    studies.close_study("walk", NOON)

    assert "s cap</span>" not in text(staff, HOME)


# What staff are shown, live


def numbers(page: str) -> dict[str, list[str]]:
    """The rows of the sums, by name."""
    table = page.split('<div data-live="numbers">')[1].split("</table>")[0]
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", table, re.S)
    return {name: re.findall(r"<td[^>]*>(.*?)</td>", cells) for name, cells in rows}


def test_the_sums_are_those_of_the_accounts(staff: Client) -> None:
    study = open_study(**DOLLARS)
    for _ in range(2):
        walk_to(enrol(study), "about_you", NOON)
    spend("study:walk", 3.0, 1200)
    spend("study:walk", 1.0, 800, at=NOON - DAY)
    spend("preview:walk", 0.001, 5)
    spend("study:other", 99)

    for page in (text(staff, PAGE), text(staff, PART)):
        assert numbers(page) == {
            "Today (UTC)": ["7", "1,200", "0", "$3.00"],
            "In all": ["14", "2,000", "0", "$4.00"],
            "On average per participant who is in a group": ["7", "1,000", "0", "$2.00"],
            "Previews (count against no cap)": ["7", "5", "0", "&lt; $0.01"],
        }
        assert "$3.00 of $5.00" in page
        assert "60 %" in page
        assert "$20.00" in page  # the ceiling of the study's cap


def test_a_cost_that_is_not_known_is_said_and_is_no_nought(staff: Client) -> None:
    study = open_study()
    _, workspace = in_task(study)
    call(workspace, microusd=None, finished_at=NOON - DAY)
    call(workspace, microusd=None, outcome="stopped", input_tokens=None, output_tokens=None)
    call(workspace, microusd=None, outcome="failed", error="timeout", input_tokens=None)
    call(workspace, microusd=None, outcome="failed", error="nonsense", finished_at=NOON - DAY)
    call(workspace, microusd=None, provider="offline")
    spend("study:walk", 0, 1000)
    spend("study:walk", 2.5, at=NOON - DAY)

    bill = agent_queries.bill(study, NOON)
    page = text(staff, PART)

    assert (bill.unpriced_today, bill.unpriced, bill.unpriced_previews) == (1, 3, 0)
    assert numbers(page)["Today (UTC)"][-1] == "unknown"
    assert numbers(page)["In all"][-1] == "$2.50 and an unknown rest"


def test_the_price_list_is_named_with_its_date_and_with_what_it_lacks(staff: Client) -> None:
    studies.create("walk", SOURCE, now=NOON)
    document = yaml.safe_load(SOURCE)
    document["agents"]["proactive"] = {"model": "own"}
    studies.create("own", yaml.safe_dump(document), now=NOON)

    listed = prices().of("gpt-4o-2024-08-06")
    assert listed is not None
    for slug, lacks in (("walk", False), ("own", True)):
        page = text(staff, f"/study/{slug}/agents/")
        assert f"Prices in US dollars as listed on {listed.listed}." in page
        assert ("No price is known for own." in page) is lacks
        assert "sets no cap" in page


def test_a_labs_own_price_counts(staff: Client, settings: Settings, tmp_path: Path) -> None:
    own = tmp_path / "prices.toml"
    line = "own = { input = 1.0, output = 2.0 }"
    own.write_text(f'date = 2026-07-01\ncurrency = "USD"\n[models]\n{line}\n')
    source = with_budget(SOURCE.replace("gpt-4o-2024-08-06", "own"), day={"usd": 5})
    study = studies.create("walk", source, now=NOON)
    before = [one.code for one in preflight.preflight(study.protocol.read())]

    settings.PRICES = own

    found = [one.code for one in preflight.preflight(study.protocol.read())]
    assert ("price" in before, "price" in found) == (True, False)
    assert "as listed on 2026-07-01" in text(staff, PART)


def test_a_study_without_agents_has_nothing_to_show(staff: Client) -> None:
    source = SOURCE.replace(
        "{chat: true, ask_data: true, ask_test: true, proactive: true", "{chat: false"
    )
    studies.create("walk", source, now=NOON)

    assert "data-live" not in text(staff, PAGE)
    assert text(staff, PART).strip() == ""


def test_asking_again_asks_no_query_per_row(staff: Client) -> None:
    study = open_study(**DOLLARS, participant={"usd": 1})
    text(staff, PART)  # the first look in a minute is noted in the audit
    counts = []
    for _ in range(2):
        _, workspace = in_task(study)
        call(workspace)
        with CaptureQueriesContext(connection) as captured:
            text(staff, PART)
            text(staff, HOME)
        counts.append(len(captured))

    assert counts[0] == counts[1]


# Who is shown what


def test_the_live_numbers_are_for_staff_alone(clock: list[datetime]) -> None:
    study = open_study(**DOLLARS)
    taking_part, rating = Client(), Client()
    taking_part.post("/study/s/walk/enrol/", follow=True)
    rating.force_login(make_rater(study, "eva").user)

    for stranger in (Client(), taking_part):
        reply = stranger.get(PART)
        assert (reply.status_code, reply.headers["Location"]) == (302, f"/login/?next={PART}")
    assert rating.get(PART).status_code == 403
    assert rating.get(PAGE).status_code == 403


def test_staff_may_only_read_the_live_numbers(staff: Client) -> None:
    open_study(**DOLLARS)

    assert staff.post(PART).status_code == 405
    assert staff.get("/study/unknown/agents/").status_code == 404
    assert "no-store" in staff.get(PART).headers["Cache-Control"]


def test_until_the_unlocking_no_row_tells_what_its_agents_did(staff: Client) -> None:
    study = open_study()
    (who, workspace), (other, plain) = in_task(study), in_task(study, "baseline")
    call(workspace)
    call(workspace, outcome="failed", error="timeout", state=State.FAILED)
    rows = {}

    for stage in ("open", "closed"):
        if stage == "closed":
            studies.close_study("walk", NOON)
        page = text(staff, PAGE)
        rows = {one: row_of(page, one) for one in (who, other)}
        cells = [re.sub(re.escape(person(one).code), "", rows[one]) for one in rows]
        assert cells[0] == cells[1], stage
        assert "1 participant has met an outage of the agents." in page
    assert plain != workspace

    studies.unlock("walk", "ann", NOON)
    page = text(staff, PAGE)
    assert re.findall(r"<td[^>]*>([^<]*)</td>", row_of(page, who))[-3:] == [
        "2",
        "$0.01",
        "1 failed",
    ]
    assert re.findall(r"<td[^>]*>([^<]*)</td>", row_of(page, other))[-3:] == ["–", "–", "–"]


def row_of(page: str, who: UUID) -> str:
    rows = page.split('id="people"')[1].split("<tr>")
    return next(row for row in rows if f">{person(who).code}<" in row).split("</tr>")[0]


def test_a_preview_that_met_an_outage_is_no_participant(staff: Client) -> None:
    study = open_study()
    token = codes.personal_token()
    looking = enrolment.preview(study.pk, 0, token=token, language="en", now=NOON)
    walk_to(looking.id, "practice", NOON)
    workspace = StepRun.objects.get(participant=looking, key="practice").workspace
    assert workspace is not None
    call(workspace, outcome="failed", error="timeout")

    assert agent_queries.uses(study) == {}
    assert "No participant has met an outage" in text(staff, PART)


@pytest.mark.parametrize(
    ("facts", "outages", "ceiling"),
    [
        ({}, 0, 0),
        ({"outcome": "withheld"}, 0, 0),
        ({"outcome": "stopped"}, 0, 0),
        ({"outcome": "failed", "error": "rate_limited"}, 1, 0),
        ({"outcome": "failed", "error": "resting"}, 1, 0),
        ({"outcome": "failed", "error": "crashed"}, 1, 0),
        ({"outcome": "failed", "error": "ceiling"}, 1, 1),
        ({"outcome": "stood_in", "error": "timeout"}, 1, 0),
        ({"outcome": "stood_in", "error": "ceiling"}, 1, 1),
        ({"outcome": "", "state": State.RUNNING}, 0, 0),
    ],
)
def test_what_counts_as_an_outage(facts: dict[str, Any], outages: int, ceiling: int) -> None:
    study = open_study()
    who, workspace = in_task(study)
    call(workspace, **facts)

    found = agent_queries.uses(study)[who]

    assert (found.outages, found.ceiling, found.spent.calls) == (outages, ceiling, 1)


# Before a study opens


@pytest.mark.parametrize(
    ("budget", "found"),
    [({"day": {"usd": 5}}, True), ({"day": {"tokens": 5000}}, False), ({}, False)],
)
def test_a_cap_in_dollars_needs_a_model_with_a_price(
    settings: Settings, budget: dict[str, Any], found: bool
) -> None:
    settings.OPENAI_API_KEY = "key"
    source = with_budget(SOURCE.replace("gpt-4o-2024-08-06", "a-model-of-ones-own"), **budget)
    study = studies.create("early", source, now=NOON, seed=1)

    findings = preflight.preflight(study.protocol.read())

    told = [one for one in findings if one.code == "price"]
    assert [one.may_override for one in told] == ([False] if found else [])
    assert all("a-model-of-ones-own" in one.text for one in told)
