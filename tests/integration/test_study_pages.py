"""A study as browsers see it."""

import json
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from duetml.live.log import everything
from study.models import Participant, Response, StepRun, Study, Submission
from study.rules.derivation import derive
from study.services import studies
from study.views import preview
from tests import studies as helper
from tests.studies import NOON, OFFLINE, answers_to, be, enrol, known, person, walk_to

pytestmark = pytest.mark.django_db
STEP = "/study/step/"


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def forward(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    return clock


@pytest.fixture
def study(clock: Clock) -> Study:
    return helper.open_study()


@pytest.fixture
def someone(study: Study) -> Client:
    return begin(Client())


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    return client


def begin(client: Client) -> Client:
    """Press Start on the public page."""
    client.post("/study/s/walk/enrol/", {"once": once(client)}, follow=True)
    return client


def once(client: Client) -> str:
    found = re.search(r'name="once" value="([^"]+)"', text(client, "/study/s/walk/"))
    assert found is not None
    return found[1]


def text(client: Client, address: str = STEP) -> str:
    return client.get(address).content.decode()


def who(client: Client) -> Participant:
    return person(known(client))


def submit(client: Client, **changes: str) -> int:
    """Send the current page's form, answered agreeably; returns the status."""
    participant = who(client)
    step = participant.protocol.read().steps[participant.step]
    answers = answers_to(step) | {"step": str(participant.step)} | changes
    return client.post(STEP, answers).status_code


def go_to(client: Client, key: str, clock: Clock) -> None:
    clock.now = walk_to(who(client).id, key, clock.now)


def kinds(participant: Participant) -> list[str]:
    return [event.kind for event in everything(participant.stream)]


def test_looking_at_the_public_page_enrols_nobody(study: Study) -> None:
    client = Client()

    assert "Sorting pictures" in text(client, "/study/s/walk/")
    assert client.get("/study/s/walk/enrol/").headers["Location"] == "/study/s/walk/"
    assert not Participant.objects.exists()


def test_start_leads_to_the_first_step_which_shows_the_personal_link(study: Study) -> None:
    client = Client()

    reply = client.post("/study/s/walk/enrol/")

    assert f'<link rel="canonical" href="{STEP}">' in reply.content.decode()
    assert client.get("/study/s/walk/enrol/").headers["Location"] == STEP
    found = re.search(r'value="http://testserver/study/p/([^"/]+)/"', reply.content.decode())
    assert found is not None
    assert found[1] not in json.dumps(list(Participant.objects.values()), default=str)
    assert kinds(who(client))[:3] == [
        "participant.enrolled",
        "step.opened",
        "participant.entered",
    ]


def test_the_personal_link_leads_another_browser_to_where_the_person_is(study: Study) -> None:
    client, other = Client(), Client()
    begin(client)

    other.get(f"/study/p/{client.cookies['study_link'].value}/")

    assert who(other) == who(client)


def test_pressing_start_twice_enrols_once(study: Study) -> None:
    client, other = Client(), Client()
    offered = once(client)

    for browser in (client, client, other):
        reply = browser.post("/study/s/walk/enrol/", {"once": offered}, follow=True)
        assert 'name="step" value="0"' in reply.content.decode()

    assert Participant.objects.count() == 1


def test_the_whole_way_from_the_link_to_the_code(someone: Client, clock: Clock) -> None:
    for _ in range(20):
        if who(someone).state == Participant.State.COMPLETED:
            break
        assert someone.get(STEP).status_code == 200
        run = StepRun.objects.get(participant=who(someone), index=who(someone).step)
        clock.now = max(clock.now, run.minimum_at or clock.now)
        assert submit(someone) in (200, 302)
        someone.get(STEP)

    code = who(someone).completion_code
    assert f'data-completion-code="{code}"' in text(someone)
    assert Submission.objects.count() == 1
    assert text(someone) == text(someone)
    assert kinds(who(someone)).count("participant.completed") == 1


def test_the_same_link_goes_on_in_another_browser(someone: Client, clock: Clock) -> None:
    go_to(someone, "free", clock)
    link = f"/study/p/{someone.cookies['study_link'].value}/"
    other = Client()

    reply = other.get(link, follow=True)

    assert who(other) == who(someone)
    workspace = str(StepRun.objects.get(key="free").workspace_id)
    assert workspace in reply.content.decode()
    assert other.session["workspaces"] == [workspace]


def test_without_a_link_there_is_no_page(someone: Client) -> None:
    stranger = Client()

    assert stranger.get(STEP).status_code == 403
    assert stranger.post(STEP, {"step": "0"}).status_code == 403
    assert stranger.post("/study/answer/", {}).status_code == 403
    assert stranger.get("/study/p/guessed-token/").status_code == 403


def test_a_missing_answer_is_named_at_the_top_and_beside_its_field(someone: Client) -> None:
    reply = someone.post(STEP, {"step": "0", "informed": "true", "agreed": "true"})

    page = reply.content.decode()
    assert reply.status_code == 422
    assert "data-errors" in page
    assert '<a href="#vendor">' in page
    assert 'id="vendor-error"' in page
    assert page.count(" checked") == 2
    assert who(someone).step == 0


def test_a_form_is_answered_by_the_next_one_as_it_is_when_looked_at(
    someone: Client, clock: Clock
) -> None:
    participant = who(someone)
    answers = answers_to(participant.protocol.read().steps[0]) | {"step": "0"}

    reply = someone.post(STEP, answers)

    assert (reply.status_code, reply.headers["Cache-Control"].split(",")[0]) == (200, "max-age=0")
    assert 'name="step" value="1"' in reply.content.decode()
    assert without_secrets(reply.content.decode()) == neutral(someone)


def test_a_task_that_begins_is_led_to(someone: Client, clock: Clock) -> None:
    protocol = who(someone).protocol.read()
    before = next(i for i, step in enumerate(protocol.steps) if step.kind == "task") - 1
    go_to(someone, protocol.steps[before].key, clock)

    assert submit(someone) == 302


def test_an_old_tab_is_told_so_and_changes_nothing(someone: Client) -> None:
    submit(someone)
    before = kinds(who(someone))

    reply = someone.post(STEP, {"step": "0", "agreed": "true"}, follow=True)

    assert "finished before" in reply.content.decode()
    assert kinds(who(someone)) == before


@pytest.mark.parametrize("step", ["", "x", "-1", "٣", "9" * 5000])
def test_a_forged_step_changes_nothing(someone: Client, step: str) -> None:
    assert someone.post(STEP, {"step": step}).status_code == 302
    assert who(someone).step == 0


def test_finish_is_locked_until_the_minimum(someone: Client, clock: Clock) -> None:
    go_to(someone, "free", clock)
    index = who(someone).step

    clock.forward(9.9)
    submit(someone)
    assert who(someone).step == index
    assert "cannot finish yet" in text(someone)
    clock.forward(0.1)
    submit(someone)
    assert who(someone).step == index + 1


def test_a_task_that_is_over_moves_on_when_the_page_is_looked_at(
    someone: Client, clock: Clock
) -> None:
    go_to(someone, "free", clock)
    clock.forward(15)

    assert "Task 2 comes next" in text(someone)
    assert StepRun.objects.get(key="free").closed_by == "clock"


def test_an_answer_is_saved_as_it_is_given_and_shown_again(someone: Client, clock: Clock) -> None:
    go_to(someone, "usability", clock)
    step = who(someone).step
    message = {"step": step, "item": "sus3", "value": "2", "id": str(uuid4())}

    replies = [
        someone.post("/study/answer/", message, content_type="application/json").json()
        for _ in range(2)
    ]

    assert replies == [{"saved": True, "late": False}] * 2
    assert Response.objects.get(item="sus3").value == 2
    assert re.search(r'name="sus3" value="2" checked', text(someone))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"nonsense",
        b'{"step": 0}',
        b'{"step": -1, "item": "agreed", "value": true, "id": "x"}',
        b'{"step": 0, "item": "agreed", "value": {"a": 1}, "id": "%(id)s"}',
        b'{"step": 0, "item": "agreed", "value": NaN, "id": "%(id)s"}',
        b'{"step": 0, "item": "\\ud800", "value": 1, "id": "%(id)s"}',
    ],
)
def test_a_hostile_answer_is_refused_in_place(someone: Client, body: bytes) -> None:
    body = body.replace(b"%(id)s", str(uuid4()).encode())

    reply = someone.post("/study/answer/", body, content_type="application/json")

    assert reply.status_code == 400
    assert reply.json()["refused"]["message"]
    assert not Response.objects.exists()


def test_a_clock_that_is_off_by_millennia_is_ignored(someone: Client) -> None:
    at = "9999-12-31T23:59:59-14:00"
    message = {"step": 0, "item": "agreed", "value": True, "id": str(uuid4()), "at": at}

    reply = someone.post("/study/answer/", message, content_type="application/json")

    assert reply.json() == {"saved": True, "late": False}


def test_changing_anything_needs_the_token_of_the_form(study: Study) -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post("/study/s/walk/enrol/").status_code == 403
    assert client.post("/study/answer/", b"{}", content_type="application/json").status_code == 403
    assert not Participant.objects.exists()


def test_everything_is_in_the_participants_language(study: Study) -> None:
    client = Client(headers={"Accept-Language": "ja"})

    begin(client)
    elsewhere = Client(headers={"Accept-Language": "en"})
    elsewhere.get(f"/study/p/{client.cookies['study_link'].value}/")

    for browser in (client, elsewhere):
        page = text(browser)
        assert '<html lang="ja">' in page
        assert "この調査について" in page


def test_a_study_that_is_not_open_says_so_kindly(study: Study) -> None:
    studies.close_study("walk", NOON)

    assert "not open" in text(Client(), "/study/s/walk/")
    assert "not open" in Client().post("/study/s/walk/enrol/").content.decode()
    assert Client().get("/study/s/unknown/").status_code == 404


def test_a_full_study_says_so_kindly(study: Study) -> None:
    study.slots.update(taken_at=NOON)

    assert "places are taken" in text(Client(), "/study/s/walk/")


def test_somebody_who_cannot_take_part_is_thanked(someone: Client) -> None:
    submit(someone)
    submit(someone, adult="minor")

    assert "Thank you for your interest" in text(someone)
    assert who(someone).state == Participant.State.SCREENED_OUT


def test_pages_of_both_conditions_are_the_same(study: Study, clock: Clock) -> None:
    """Nothing but the workspace's own D to G may differ between two people at the same step."""
    pair: dict[str, Client] = {}
    while len(pair) < 2:
        client = begin(Client())
        go_to(client, "about_you", clock)
        pair[who(client).condition] = client
    for key in ("about_you", "before_free", "workload", "usability", "interview", "end"):
        for client in pair.values():
            go_to(client, key, clock)
        pages = {neutral(client) for client in pair.values()}
        assert not any(condition in str(pair[condition].cookies) for condition in pair)
        assert len(pages) == 1, key
        assert not re.search("duetml_|baseline|condition", pages.pop())


def test_the_frame_of_a_task_is_the_same_in_both_conditions(study: Study, clock: Clock) -> None:
    headers = set()
    conditions: set[str] = set()
    while len(conditions) < 2:
        client = begin(Client())
        go_to(client, "free", clock)
        conditions.add(who(client).condition)
        page = neutral(client)
        assert "baseline" not in page
        assert who(client).condition == "duetml" or not re.search("(?i)chat|assistant", page)
        bar = re.search(r'<header class="bar">.*?</header>', page, re.DOTALL)
        assert bar is not None
        headers.add(bar[0])

    assert len(headers) == 1


def neutral(client: Client) -> str:
    """A page without what is personal by design: tokens, times, ids, the completion code."""
    return without_secrets(text(client))


def without_secrets(page: str) -> str:
    page = re.sub(r'(csrfmiddlewaretoken" value|data-token)="\w+"', "", page)
    page = re.sub(r"/study/p/[\w-]+/", "", page)
    page = re.sub(r"([2-9A-Z]{4}-){2}[2-9A-Z]{4}", "", page)
    page = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", page)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", "", page)


def test_a_simulated_study_is_marked_for_everybody(clock: Clock, staff: Client) -> None:
    helper.open_study(source=derive(OFFLINE, minutes_scale=0.1))
    client = begin(Client())

    assert "This is a test run" in text(client)
    for mark in ("simulated", "offline advisor", "derived protocol"):
        assert mark in text(staff, "/study/walk/")


def test_a_preview_link_enrols_nobody(study: Study) -> None:
    link = preview.links(study)["baseline"]
    client = Client()

    assert client.get(link).status_code == 200
    assert not Participant.objects.exists()
    assert client.post(link, follow=True).status_code == 200
    assert who(client).kind == Participant.Kind.PREVIEW
    assert who(client).condition == "baseline"
    assert "baseline" not in link


def test_a_forged_preview_link_leads_nowhere(study: Study) -> None:
    link = preview.links(study)["baseline"]

    assert Client().post(link[:-3] + "xx/").status_code == 404


def test_staff_pages_are_for_staff(study: Study) -> None:
    rater = Client()
    rater.force_login(User.objects.create_user("rater"))

    assert Client().get("/study/walk/").status_code == 302
    assert rater.get("/study/walk/").status_code == 403
    assert rater.post("/study/walk/close/", {"confirm": "walk"}).status_code == 403


def test_the_name_must_be_typed_to_close_a_study(study: Study, staff: Client) -> None:
    staff.post("/study/walk/close/", {"confirm": "wall"})
    study.refresh_from_db()
    assert study.state == Study.State.OPEN

    staff.post("/study/walk/close/", {"confirm": "walk"})
    study.refresh_from_db()
    assert study.state == Study.State.CLOSED


def test_unlocking_warns_of_people_who_are_still_at_it(study: Study, staff: Client) -> None:
    begin(Client())
    staff.post("/study/walk/close/", {"confirm": "walk"})
    page = text(staff, "/study/walk/")
    assert "1 participant is still at it" in page
    assert "Wait for those who are still at it." in page


def test_staff_open_a_study_in_full_knowledge_of_what_is_missing(
    clock: Clock, staff: Client
) -> None:
    helper.pools()
    studies.create("walk", OFFLINE, now=NOON, seed=1)
    accepted = re.findall(r'name="override" value="(\w+)"', text(staff, "/study/walk/"))

    staff.post("/study/walk/open/", {"confirm": "walk"})
    assert Study.objects.get().state == Study.State.DRAFT
    staff.post("/study/walk/open/", {"confirm": "walk", "override": accepted, "reason": "So."})

    assert Study.objects.get().state == Study.State.OPEN
    assert Study.objects.get().overrides[:1] == accepted
    assert len(accepted) == 1


def test_an_open_study_tells_staff_nobodys_condition(study: Study, staff: Client) -> None:
    first = enrol(study)
    walk_to(first, "about_you", NOON)

    table = text(staff, "/study/walk/").split("<table>")[1]
    assert person(first).code in table
    assert not re.search("duetml|baseline", table)


@pytest.mark.parametrize("address", ["/study/", "/study/walk/"])
def test_staff_pages_ask_no_query_per_row(study: Study, staff: Client, address: str) -> None:
    enrol(study)
    staff.get(address)  # the look is noted, once a minute
    first = queries(staff, address)
    for _ in range(8):
        enrol(study)

    assert queries(staff, address) == first


def queries(client: Client, address: str) -> int:

    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_a_browser_of_a_database_that_is_no_more_is_told_to_open_the_link(study: Study) -> None:
    client = Client()
    be(client, uuid4())
    answer = {"step": 0, "item": "agreed", "value": True, "id": str(uuid4())}

    replies = [client.get(STEP), client.post(STEP, {"step": "0"})]
    replies.append(client.post("/study/answer/", answer, content_type="application/json"))

    assert [reply.status_code for reply in replies] == [403, 403, 403]


@pytest.mark.parametrize("forged", ["", "x", f"{UUID(int=1)}:1:x", "\x00", "é" * 5000])
def test_a_forged_cookie_is_nobody(study: Study, forged: str) -> None:
    client = Client()
    client.cookies["study_participant"] = forged

    assert client.get(STEP).status_code == 403


def test_a_workspace_is_granted_to_a_session_under_a_new_key(someone: Client, clock: Clock) -> None:
    someone.get("/studio/")
    session = someone.session
    session["known"] = "to somebody else"
    session.save()
    before = session.session_key
    go_to(someone, "practice", clock)

    text(someone)

    assert someone.session.session_key != before
    assert someone.session["known"] == "to somebody else"
