"""The copy of the information and consent that a participant takes along."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from study.models import Study
from study.rules.protocol import read_protocol
from study.services import preflight_plan, steps, versions, withdrawal
from tests import studies as helper
from tests.protocols import Document, changed, with_terms
from tests.studies import NOON, be, enrol, person, walk_to

pytestmark = pytest.mark.django_db
ADDRESS = "/study/consent/"
TERMS = {
    "contact": {"name": "Ann Ito", "email": "ann@example.org"},
    "ethics": {"approval": "2026-17", "board": "Board of the Institute"},
    "retention": {"months": 24},
}


def versioned() -> str:
    def change(document: Document) -> None:
        document["steps"][0]["version"] = "3.1"

    return changed(change, with_terms(**TERMS))


@pytest.fixture
def study() -> Study:
    return helper.open_study(source=versioned())


def client_of(who: UUID) -> Client:
    client = Client()
    be(client, who)
    return client


def copy_of(who: UUID) -> str:
    return client_of(who).get(ADDRESS).content.decode()


def test_the_copy_says_what_was_agreed_to_when_and_whom_to_ask(study: Study) -> None:
    who = enrol(study)
    at = walk_to(who, "eligibility", NOON + timedelta(minutes=2))

    answer = client_of(who).get(ADDRESS)
    copy = answer.content.decode()

    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="consent-{person(who).code}.html"'
    )
    assert f"You agreed to this on {at:%Y-%m-%d %H:%M}" in copy
    for told in ("<dd>3.1</dd>", "Ann Ito", "ann@example.org", "Board of the Institute, number"):
        assert told in copy
    assert "2026-17" in copy
    assert "24 months" in copy
    assert "People are put into groups at random." in copy
    assert copy.count("☑") == 3


def test_the_copy_needs_nothing_else(study: Study) -> None:
    copy = copy_of(enrol(study))

    assert re.findall(r"""(?:src|href)=["'](?!mailto:)[^"']*""", copy) == []
    assert "<style>" in copy
    assert "<script" not in copy


def test_a_copy_before_agreeing_says_so(study: Study) -> None:
    copy = copy_of(enrol(study))

    assert "you have not agreed to this yet" in copy
    assert "☑" not in copy


@pytest.mark.parametrize("is_withdrawn", [True, False], ids=["stopped", "declined"])
def test_who_leaves_at_the_consent_has_not_agreed(study: Study, is_withdrawn: bool) -> None:
    who = enrol(study)
    steps.arrive(who, NOON)

    if is_withdrawn:
        withdrawal.withdraw(who, keep=True, now=NOON)
    else:
        steps.finish(who, 0, {"decline": "yes"}, NOON)

    assert "You did not agree to this." in copy_of(who)


def test_who_had_everything_deleted_keeps_the_text_and_the_day(study: Study) -> None:
    who = enrol(study)
    walk_to(who, "about_you", NOON)

    withdrawal.withdraw(who, keep=False, now=NOON)

    copy = copy_of(who)
    assert "You agreed to this on 2026-05-04 12:00" in copy
    assert "Your answers were deleted" in copy
    assert "☑" not in copy


def test_the_copy_is_in_the_participants_language(study: Study) -> None:
    copy = copy_of(enrol(study, language="ja"))

    assert '<html lang="ja">' in copy
    assert "参加は自由です" in copy


def test_the_copy_is_of_the_protocol_that_somebody_began_with(study: Study) -> None:
    who = enrol(study)

    versions.amend(study.slug, versioned().replace("3.1", "4.0"), "New words.", "ann", NOON)

    assert "<dd>3.1</dd>" in copy_of(who)
    assert "<dd>4.0</dd>" in copy_of(enrol(study))


def test_every_page_between_the_tasks_leads_to_the_copy(study: Study) -> None:
    who = enrol(study)
    for key in ("consent", "eligibility", "about_you", "end"):
        walk_to(who, key, NOON)
        page = client_of(who).get("/study/step/").content.decode()
        assert f'href="{ADDRESS}"' in page, key
    assert f'href="{ADDRESS}"' in client_of(who).get("/study/withdraw/").content.decode()


def test_the_pre_flight_tells_of_the_copy_and_asks_for_its_version() -> None:
    told = {check.code: check for check in preflight_plan.checks(read_protocol(versioned()))}
    bare = {check.code: check for check in preflight_plan.checks(read_protocol(with_terms()))}

    assert "3.1; participants can download a copy" in told["consent"].text
    assert bare["consent"].state == "warning"
