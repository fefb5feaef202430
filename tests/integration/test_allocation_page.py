"""A statistician's table, given in the browser."""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from study.models import Study
from study.services import studies, wording
from study.services.preflight_list import whole
from study.services.preflight_state import State
from tests.protocols import with_terms
from tests.studies import NOON, OFFLINE, OVERRIDES, pools

pytestmark = [pytest.mark.django_db, pytest.mark.roles]
ADDRESS = "/study/mine/allocation/"
ORDER = ["duetml", "duetml", "baseline", "duetml", "baseline", "baseline"]
TABLE = "\n".join(["condition", *ORDER])
TAKES_A_TABLE = with_terms(allocation={"method": "table", "per_condition": 3})


@pytest.fixture
def ann() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    return client


def make(source: str = TAKES_A_TABLE) -> None:
    studies.create("mine", source, now=NOON, by=User.objects.get())


def test_a_file_is_taken_and_decides_the_groups_when_the_study_opens(ann: Client) -> None:
    pools()
    make()

    answer = ann.post(ADDRESS, {"file": SimpleUploadedFile("t.csv", TABLE.encode())})
    studies.open_study("mine", NOON, OVERRIDES)

    assert answer.headers["Location"] == ADDRESS
    slots = Study.objects.get().slots.order_by("position")
    assert [slot.condition for slot in slots] == ORDER


def test_a_table_that_was_pasted_is_told_in_counts_and_never_in_its_order(ann: Client) -> None:
    make()

    ann.post(ADDRESS, {"text": TABLE.replace("\n", "\r\n")})
    page = ann.get(ADDRESS).content.decode()

    assert Study.objects.get().allocation_table == TABLE
    assert page.count('<td class="number">3</td>') == 2
    assert '<td class="number">6</td>' in page
    assert "Given by ann" in page
    assert "duetml\nduetml" not in page.replace("\r", "")


def test_a_wrong_table_changes_nothing_and_is_shown_again_with_line_and_fix(ann: Client) -> None:
    make()
    ann.post(ADDRESS, {"text": TABLE})

    answer = ann.post(ADDRESS, {"text": "condition\nduetml\nbase line\n"})
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "line 3: condition “base line” is not one of the protocol&#x27;s: there are" in page
    assert "base line\n</textarea>" in page
    assert Study.objects.get().allocation_table == TABLE


def test_what_is_wrong_with_a_table_is_said_in_the_readers_language(
    ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    words = {
        "line %(line)s: %(text)s": "%(line)s 行目: %(text)s",
        "%(sequence)s: %(text)s": "%(sequence)s（%(text)s）",
        "%(sequence)s sequence": "%(sequence)s の系列",
    }
    monkeypatch.setattr(wording, "gettext", lambda text: words.get(text, text))

    wrong = ann.post(ADDRESS, {"text": "condition\nduetml\nbase line\n"}).content.decode()
    few = ann.post(ADDRESS, {"text": "condition\nduetml\n"}).content.decode()

    assert "<li>3 行目: condition “base line”" in wrong
    assert "<li>live の系列（1 places of duetml, 3 are planned" in few


def test_a_file_that_is_too_large_is_refused_unread(ann: Client) -> None:
    make()

    answer = ann.post(ADDRESS, {"file": SimpleUploadedFile("t.csv", b"x" * 2_000_001)})

    assert answer.status_code == 422
    assert "too large" in answer.content.decode()


def test_a_table_that_no_longer_fits_the_protocol_is_told(ann: Client) -> None:
    make()
    ann.post(ADDRESS, {"text": TABLE})

    more = with_terms(allocation={"method": "table", "per_condition": 4})
    ann.post("/study/mine/protocol/", {"source": more, "reason": "More."})

    page = ann.get(ADDRESS).content.decode()
    assert "3 places of duetml, 4 are planned: add lines" in page


def test_where_the_protocol_draws_in_blocks_the_page_says_that_a_table_is_unused(
    ann: Client,
) -> None:
    make(OFFLINE)

    assert "method: table" in ann.get(ADDRESS).content.decode()


def test_a_study_that_is_no_draft_keeps_its_table(ann: Client) -> None:
    make()
    ann.post(ADDRESS, {"text": TABLE})
    Study.objects.update(state="open")

    answer = ann.post(ADDRESS, {"text": "\n".join(["condition", *reversed(ORDER)])})

    assert answer.status_code == 422
    assert Study.objects.get().allocation_table == TABLE
    assert "<textarea" not in ann.get(ADDRESS).content.decode()


def test_the_pre_flight_asks_for_the_table(ann: Client) -> None:
    make()
    before = {check.code: check.state for check in whole(Study.objects.get(), timezone.now())}
    ann.post(ADDRESS, {"text": TABLE})
    after = {check.code: check.state for check in whole(Study.objects.get(), timezone.now())}

    assert (before["table"], after["table"]) == (State.BLOCKING, State.OK)
