"""One lock: what is shown of a study's results, and by what, before and after the unlocking."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from duetml.workspace.models import State
from duetml.workspace.services.refusal import Refused
from evaluation.models import Report
from evaluation.report.digest import state_of
from evaluation.services import reports
from evaluation.services.lock import is_unlocked
from evaluation.work import reporting
from study.models import Study
from tests.raters import NOW, World, make_world, rate_everything
from tests.results import close, make_report

pytestmark = pytest.mark.django_db

ADDRESS = "/rating/results/duetml/"
SCORED = ("rows/ratings/", "rows/people/", "figures/means.en.svg", "report.en.html",
          "report.ja.pdf")  # fmt: skip


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("staff", password="long enough"))
    return client


def studied(*, closed: bool, unlock: bool) -> World:
    world = make_world(4, 2)
    rate_everything(world)
    if closed:
        close(world.study, unlock=unlock)
    return world


@pytest.mark.parametrize("closed", [False, True])
def test_until_it_is_unlocked_nothing_tells_a_score(staff: Client, closed: bool) -> None:
    world = studied(closed=closed, unlock=False)

    page = staff.get(ADDRESS)
    action = {"action": "download_results", "_selected_action": [str(world.study.pk)]}
    download = staff.post("/admin/study/study/", action, follow=True)

    assert "The results are locked" in page.content.decode()
    assert [staff.get(ADDRESS + name).status_code for name in SCORED] == [403] * len(SCORED)
    assert staff.post(ADDRESS + "again/").status_code == 403
    assert "text/csv" not in download.headers["Content-Type"]
    with pytest.raises(CommandError, match="locked"):
        call_command("compare", study="duetml")
    with pytest.raises(Refused, match="locked"):
        reports.wanted(world.study, state_of(world.study), NOW)
    assert not Report.objects.exists()


def test_a_worker_that_gets_a_report_of_a_locked_study_makes_nothing() -> None:
    world = studied(closed=True, unlock=False)
    row = Report.objects.create(study=world.study, digest=state_of(world.study), queued_at=NOW)

    reporting.make(str(row.pk))

    row.refresh_from_db()
    assert (row.state, row.error, row.files) == (State.FAILED, "locked", [])


def test_once_unlocked_everything_is_there(staff: Client) -> None:
    world = studied(closed=True, unlock=True)
    make_report(world.study)
    out = StringIO()

    call_command("compare", study="duetml", stdout=out)

    assert is_unlocked(world.study)
    assert [staff.get(ADDRESS + name).status_code for name in SCORED] == [200] * len(SCORED)
    assert "duetml compared with baseline" in out.getvalue()


def test_the_locked_page_says_what_is_there_and_what_has_to_happen(staff: Client) -> None:
    studied(closed=False, unlock=False)

    page = staff.get(ADDRESS, headers={"accept-language": "en"}).content.decode()

    assert "The study closes." in page
    assert "40 of 40 scores are there" in page
    assert "Submissions so far: 4 of 12 planned." in page


def test_the_page_asks_a_worker_once_for_one_state_of_the_rows(staff: Client) -> None:
    world = studied(closed=True, unlock=True)

    pages = [staff.get(ADDRESS, headers={"accept-language": "en"}) for _ in range(2)]

    assert all("results are being made" in page.content.decode() for page in pages)
    assert Report.objects.get().digest == state_of(world.study)


def test_an_exclusion_makes_another_report_and_a_look_does_not(staff: Client) -> None:
    world = studied(closed=True, unlock=True)
    first = make_report(world.study)
    person = world.submissions[0].participant

    type(person).objects.filter(pk=person.pk).update(seen_at=NOW)
    same = state_of(Study.objects.get())
    type(person).objects.filter(pk=person.pk).update(excluded_at=NOW, exclusion_reason="late")
    other = make_report(world.study)

    assert same == first.digest != other.digest
    assert other.state == State.DONE


def test_what_failed_can_be_asked_for_again(staff: Client) -> None:
    world = studied(closed=True, unlock=True)
    row = reports.wanted(world.study, state_of(world.study), NOW)
    Report.objects.filter(pk=row.pk).update(state=State.FAILED, error="crashed")

    page = staff.get(ADDRESS, headers={"accept-language": "en"}).content.decode()
    staff.post(ADDRESS + "again/")

    assert "could not be made" in page
    assert Report.objects.get().state == State.QUEUED
