"""Links, recruiters, withdrawal and retention: who comes in by what, and what stays of whom."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from duetml.live.log import ClientStamp, everything, verify
from duetml.workspace.services.refusal import Refused
from study import queries
from study.models import Appointment, Link, Participant, Response, StepRun, Study, Submission
from study.rules import codes
from study.rules.protocol import read_protocol
from study.services import (
    appointments,
    enrolment,
    links,
    responses,
    retention,
    steps,
    studies,
    withdrawal,
)
from study.services.preflight import preflight
from tests import studies as helper
from tests.people import a_category, images_of
from tests.protocols import Document, changed, step_of, with_terms
from tests.studies import MINUTE, NOON, SOURCE, answers_to, be, enrol, person, walk_to

pytestmark = pytest.mark.django_db
LAST_DAY = with_terms(stopping={"text": {"en": "By May.", "ja": "5月まで。"}, "until": NOON.date()})
PID = "5f1c9a7e3b2d4c6a8e0f1b2c"


@pytest.fixture
def study() -> Study:
    return helper.open_study()


def a_link(kind: Link.Kind, label: str = "", **more: Any) -> str:
    return links.make("walk", kind, [label], by="ann", now=NOON, **more)[0].token


def come(token: str, now: Any = NOON) -> Participant:
    link = links.find(token)
    own = codes.personal_token()
    return enrolment.enrol("walk", token=own, language="en", now=now, link=link)[0]


def fields_of(client: Client, address: str) -> dict[str, str]:
    """What the page's button sends."""
    html = client.get(address).content.decode()
    found = {}
    for name in ("once", "external"):
        if f'name="{name}" value="' in html:
            found[name] = html.split(f'name="{name}" value="')[1].split('"')[0]
    return found


@pytest.mark.parametrize("kind", list(Link.Kind))
def test_looking_at_a_link_uses_nothing_up(study: Study, kind: Link.Kind) -> None:
    address = f"/study/l/{a_link(kind, 'ann')}/"

    for method in ("get", "head", "options"):
        getattr(Client(headers={"Sec-Purpose": "prefetch"}), method)(address)

    assert not Participant.objects.exists()
    assert Link.objects.get().used_at is None


def test_a_personal_link_lets_one_person_in_once(study: Study) -> None:
    token = a_link(Link.Kind.PERSONAL)
    address, first = f"/study/l/{token}/", Client()

    begun = first.post(address, fields_of(first, address))
    again = Client().post(address)

    assert 'rel="canonical" href="/study/step/"' in begun.content.decode()
    assert "This link has been used" in again.content.decode()
    assert Participant.objects.count() == 1


def test_a_link_of_a_list_leads_its_person_back(study: Study) -> None:
    token = a_link(Link.Kind.LISTED, "school 3, pupil 7")

    first, again = come(token), come(token)

    assert first == again
    assert first.label == "school 3, pupil 7"


def test_a_general_link_lets_many_in_until_it_is_taken_back_or_over(study: Study) -> None:
    token = a_link(Link.Kind.GENERAL, expires_at=NOON + MINUTE)
    assert come(token) != come(token)

    with pytest.raises(Refused, match="expired"):
        come(token, NOON + MINUTE)
    other = a_link(Link.Kind.GENERAL)
    assert links.revoke("walk", Link.objects.latest("pk").pk, "ann", NOON)
    with pytest.raises(Refused, match="taken back"):
        come(other)


def test_only_digests_of_links_are_stored(study: Study) -> None:
    token = a_link(Link.Kind.PERSONAL)

    assert Link.objects.get().token_digest == codes.digest(token)
    assert not Link.objects.filter(label__contains=token).exists()
    assert token not in str([event.payload for event in everything("study:walk")])


def test_the_general_page_can_be_switched_off_and_on(study: Study) -> None:
    links.switch_public_page("walk", False, "ann", NOON)
    shut = Client().get("/study/s/walk/").content.decode()
    assert "Please use your own link" in shut
    assert come(a_link(Link.Kind.PERSONAL)).study == study

    links.switch_public_page("walk", True, "ann", NOON)
    assert 'name="once"' in Client().get("/study/s/walk/").content.decode()


def test_nobody_new_is_taken_after_the_last_day() -> None:
    study = helper.open_study(source=LAST_DAY)
    enrol(study, NOON + timedelta(hours=11))

    with pytest.raises(Refused, match="last day"):
        enrol(study, NOON + timedelta(hours=12))


def test_staff_paste_a_list_and_get_its_links_once(study: Study) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("ann"))
    sent = {"kind": "listed", "labels": "Ada\nGrace\n=SUM(A1)\n", "expires": "2099-12-31"}

    file = client.post("/study/walk/links/", sent)
    rows = list(csv.reader(StringIO(file.content.decode("utf-8-sig"))))

    assert [row[0] for row in rows] == ["label", "Ada", "Grace", "'=SUM(A1)"]
    assert client.get(rows[1][1]).status_code == 200
    page = client.get("/study/walk/links/").content.decode()
    assert "Grace" in page
    assert rows[1][1].rsplit("/", 2)[1] not in page
    twice = client.post("/study/walk/links/", sent)
    assert "There is a link for" in twice.content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"kind": "listed", "labels": "a\na"}, "a label of its own"),
        ({"kind": "listed", "labels": ""}, "from 1 to 2000"),
        ({"kind": "personal", "number": "9999"}, "from 1 to 2000"),
        ({"kind": "personal", "labels": "x" * 101}, "more than 100"),
        ({"kind": "personal", "expires": "2020-01-01"}, "over already"),
        ({"kind": "personal", "expires": "soon"}, "2026-12-31"),
        ({"kind": "magic"}, "what kind"),
    ],
)
def test_links_that_make_no_sense_are_refused(
    study: Study, sent: dict[str, str], said: str
) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("ann"))

    page = client.post("/study/walk/links/", sent)

    assert said in page.content.decode()
    assert not Link.objects.exists()


def test_a_recruiters_person_is_known_again_on_another_computer() -> None:
    helper.open_study(source=with_terms(recruitment={"prolific": True}))
    address = f"/study/s/walk/?PROLIFIC_PID={PID}&STUDY_ID=s1&SESSION_ID=x1"
    one, other = Client(), Client()

    one.post("/study/s/walk/enrol/", fields_of(one, address))
    other.post("/study/s/walk/enrol/", fields_of(other, address))

    assert Participant.objects.get().external == {
        "PROLIFIC_PID": PID,
        "STUDY_ID": "s1",
        "SESSION_ID": "x1",
    }
    assert other.get("/study/step/").status_code == 200


@pytest.mark.parametrize("pid", ["{{%PROLIFIC_PID%}}", "x" * 65, "a b"])
def test_ids_that_are_none_let_nobody_in(pid: str) -> None:
    helper.open_study(source=with_terms(recruitment={"prolific": True}))

    page = Client().get("/study/s/walk/", {"PROLIFIC_PID": pid})

    assert "This address is not complete" in page.content.decode()


def test_ids_cannot_be_forged_past_the_page() -> None:
    helper.open_study(source=with_terms(recruitment={"prolific": True}))

    Client().post("/study/s/walk/enrol/", {"external": '{"PROLIFIC_PID": "somebody"}'})

    assert Participant.objects.get().external == {}


CODES = {
    "completed": "DONE-1",
    "screened_out": "OUT-22",
    "withdrawn": "STOP-3",
    "failed_checks": "CHECK-4",
}
PAID = {"codes": CODES, "return_url": "https://recruiter.example/complete?cc={code}"}


def test_every_outcome_has_its_code_and_way_back() -> None:
    study = helper.open_study(source=with_terms(completion=PAID))
    done, out, gone = enrol(study), enrol(study), enrol(study)
    walk_to(done, "end", NOON)
    walk_to(out, "eligibility", NOON)
    steps.finish(out, 1, {"adult": "minor", "built_ml": "never"}, NOON)
    withdrawal.withdraw(gone, keep=True, now=NOON)

    given = [person(who).completion_code for who in (done, out, gone)]
    page = _page_of(out)

    assert given == ["DONE-1", "OUT-22", "STOP-3"]
    assert 'href="https://recruiter.example/complete?cc=OUT-22"' in page
    assert 'data-completion-code="OUT-22"' in page


def test_who_fails_a_check_of_attention_gets_the_code_of_that() -> None:
    def check(document: Document) -> None:
        document["completion"] = PAID
        item = step_of(document, "about_you")["items"][1]
        item["attention"] = {"expect": "unsaid"}

    study = helper.open_study(source=changed(check))
    who = enrol(study)

    now = walk_to(who, "about_you", NOON)
    run = steps.arrive(who, now)[1]
    assert run is not None
    step = person(who).protocol.read().steps[run.index]
    steps.finish(who, run.index, answers_to(step) | {step.items[1].key: "man"}, now)
    walk_to(who, "end", now)

    assert person(who).completion_code == "CHECK-4"


def _client_of(who: UUID) -> Client:
    client = Client()
    be(client, who)
    return client


def _page_of(who: UUID, address: str = "/study/step/") -> str:
    return _client_of(who).get(address).content.decode()


def in_the_rated_task(study: Study) -> UUID:
    """Somebody who answered, and built a category in the rated task."""
    who = enrol(study)
    walk_to(who, "requirement", NOON)
    run = StepRun.objects.select_related("workspace").get(participant=who, key="requirement")
    assert run.workspace is not None
    a_category(run.workspace, "my secret place", images_of(run.workspace)[:2])
    return who


def test_who_stops_and_keeps_hands_in_what_there_is(study: Study) -> None:
    who = in_the_rated_task(study)

    withdrawal.withdraw(who, keep=True, now=NOON)

    assert person(who).state == Participant.State.WITHDRAWN
    assert Submission.objects.get().content["categories"][0]["name"] == "my secret place"
    assert Response.objects.filter(step__participant=who).exists()
    assert not StepRun.objects.filter(participant=who, closed_at=None).exists()
    assert "is kept for the research" in _page_of(who)


def test_who_stops_and_deletes_leaves_a_tombstone_and_a_receipt(study: Study) -> None:
    who = in_the_rated_task(study)
    Participant.objects.filter(pk=who).update(external={"PROLIFIC_PID": PID}, label="Ada")
    space = StepRun.objects.get(participant=who, key="requirement").workspace
    assert space is not None
    answers = Response.objects.filter(step__participant=who).count()

    withdrawal.withdraw(who, keep=False, now=NOON)

    gone = person(who)
    assert (gone.external, gone.label, gone.erased_at) == ({}, "", NOON)
    assert not Response.objects.filter(step__participant=who).exists()
    assert not Submission.objects.exists()
    assert verify(gone.stream)
    assert verify(space.stream)
    logged = [*everything(gone.stream), *everything(space.stream)]
    assert "secret" not in str([event.payload for event in logged])
    receipt = withdrawal.receipt_of(gone)
    assert receipt is not None
    assert receipt.deleted["answers"] == answers
    assert receipt.digest in _page_of(who)
    assert queries.totals(study).taken == 1  # the tombstone holds its place
    assert [row.code for row in queries.participants(study)] == [gone.code]


def test_a_persons_label_goes_and_that_of_a_link_for_everybody_stays(study: Study) -> None:
    for kind, label in ((Link.Kind.LISTED, "Ada"), (Link.Kind.GENERAL, "poster in the canteen")):
        withdrawal.withdraw(come(a_link(kind, label)).pk, keep=False, now=NOON)

    assert set(Link.objects.values_list("label", flat=True)) == {"", "poster in the canteen"}


def test_deleting_twice_deletes_once(study: Study) -> None:
    who = in_the_rated_task(study)

    for _ in range(2):
        withdrawal.withdraw(who, keep=False, now=NOON)

    told = [event.kind for event in everything(person(who).stream)]
    assert told.count("participant.erased") == told.count("participant.withdrew") == 1


def test_who_is_done_can_still_have_it_deleted(study: Study) -> None:
    who = enrol(study)
    walk_to(who, "end", NOON)
    assert Submission.objects.get().content["task"]

    client = _client_of(who)
    refused = client.post("/study/withdraw/", {"choice": "keep", "sure": "yes"})
    done = client.post("/study/withdraw/", {"choice": "delete", "sure": "yes"})

    assert (refused.status_code, done.status_code) == (422, 302)
    assert Submission.objects.get().content == {"task": "", "categories": []}
    assert "Receipt" in client.get("/study/step/").content.decode()


def test_nothing_is_deleted_without_being_sure(study: Study) -> None:
    who = enrol(study)

    page = _client_of(who).post("/study/withdraw/", {"choice": "delete"})

    assert page.status_code == 422
    assert person(who).state == Participant.State.ACTIVE


def test_the_way_to_stop_is_on_every_page(study: Study) -> None:
    who = enrol(study)
    for key in ("consent", "eligibility", "about_you", "practice", "end"):
        walk_to(who, key, timezone.now())
        assert 'href="/study/withdraw/"' in _page_of(who), key
    assert person(who).code in _page_of(who, "/study/withdraw/")


def test_who_does_not_agree_is_led_out_and_asked_nothing_more(study: Study) -> None:
    who = enrol(study)

    _client_of(who).post("/study/step/", {"step": "0", "decline": "yes"})

    assert person(who).state == Participant.State.SCREENED_OUT
    screened = [e for e in everything(person(who).stream) if e.kind == "participant.screened_out"]
    assert screened[0].payload == {"items": ["agreed", "informed", "vendor"]}


def test_a_vendor_box_that_may_be_left_empty_is_found_before_opening() -> None:
    def optional(document: Document) -> None:
        box = {"key": "words", "kind": "check", "grants": "vendor", "required": False}
        box["text"] = {"en": "I agree.", "ja": "同意します。"}
        document["steps"][0]["items"].append(box)

    found = preflight(read_protocol(changed(optional, SOURCE)))

    assert next(one.text for one in found if one.code == "half_treatment").startswith(
        "Item “words”"
    )
    assert not [one for one in preflight(read_protocol(SOURCE)) if one.code == "half_treatment"]


def test_data_are_due_when_their_months_are_over_and_then_gone() -> None:
    study = helper.open_study(source=with_terms(retention={"months": 13}))
    people = [in_the_rated_task(study) for _ in range(2)]
    studies.close_study("walk", NOON)
    until = NOON.replace(year=2027, month=6)
    assert retention.due(until - timedelta(seconds=1)) == []
    assert retention.due(until) == [study]

    receipt = retention.purge(Study.objects.get(), until)

    assert receipt["participants"] == 2
    assert not Response.objects.exists()
    assert all(verify(person(who).stream) for who in people)
    assert retention.due(until) == []


def test_the_command_says_what_it_would_delete_before_it_does() -> None:
    study = helper.open_study(source=with_terms(retention={"months": 1}))
    in_the_rated_task(study)
    studies.close_study("walk", NOON)
    said = StringIO()

    call_command("purge", stdout=said)
    assert "walk: retention ends 2026-06-04; the data of 1 participants" in said.getvalue()
    assert Response.objects.exists()
    call_command("purge", "walk", "--really", stdout=said)
    assert '"participants": 1' in said.getvalue()
    assert not Response.objects.exists()


def with_a_talk(document: Document) -> None:
    talk = {"key": "talk", "kind": "interview", "title": {"en": "A talk", "ja": "お話"}}
    document["steps"].insert(2, talk)


def test_a_time_is_taken_by_one_and_whoever_changes_gives_theirs_back() -> None:
    study = helper.open_study(source=changed(with_a_talk))
    times = [NOON + timedelta(days=1), NOON + timedelta(days=2)]
    assert appointments.offer("walk", [*times, times[0]], 30, "ann", NOON) == 2
    one, other = enrol(study), enrol(study)
    for who in (one, other):
        walk_to(who, "talk", NOON)
    first, second = Appointment.objects.all()
    assert steps.finish(one, 2, {}, NOON).result is steps.Result.UNBOOKED

    appointments.book(one, first.pk, NOON)
    with pytest.raises(Refused, match="Somebody else"):
        appointments.book(other, first.pk, NOON)
    appointments.book(one, second.pk, NOON)
    appointments.book(other, first.pk, NOON)

    assert appointments.of(person(one)) == second
    assert not appointments.take_back("walk", first.pk, "ann", NOON)
    assert steps.finish(one, 2, {}, NOON).result is steps.Result.MOVED
    withdrawal.withdraw(other, keep=False, now=NOON)
    assert appointments.open_times(study, NOON).get() == first


def test_a_time_is_chosen_on_the_page() -> None:
    study = helper.open_study(source=changed(with_a_talk))
    appointments.offer("walk", [timezone.now() + timedelta(days=1)], 30, "ann", NOON)
    who = enrol(study, timezone.now())
    walk_to(who, "talk", timezone.now())
    client = _client_of(who)

    page = client.get("/study/step/").content.decode()
    booked = client.post("/study/appointment/", {"time": Appointment.objects.get().pk}, follow=True)

    assert "Choose a time for the talk" in page
    assert "Your time for the talk" in booked.content.decode()
    assert client.post("/study/step/", {"step": "2"}, follow=True).status_code == 200
    assert person(who).step == 3


def test_answers_after_stopping_change_nothing(study: Study) -> None:
    who = enrol(study)
    withdrawal.withdraw(who, keep=False, now=NOON)

    late = responses.answer(who, 0, "agreed", True, ClientStamp(uuid4(), NOON), NOON)

    assert late
    assert not Response.objects.exists()
    assert steps.finish(who, 0, answers_to(study.protocol.read().steps[0]), NOON).result is (
        steps.Result.STALE
    )
