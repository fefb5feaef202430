"""What is to be done before a study opens, on its page and by its command."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from duetml import safekeeping
from evaluation.services.foresight import forecast
from study.models import Study
from study.rules.protocol import read_protocol
from study.services import preflight_plan, preflight_registry, studies
from study.services.preflight_list import whole
from study.services.preflight_registry import Told
from study.services.preflight_state import State
from tests.studies import NOON, OFFLINE, SOURCE, pools

pytestmark = [pytest.mark.django_db, pytest.mark.roles]
TOLD = """
contact: {name: Ann, email: ann@example.org}
ethics: {approval: "12", board: Board}
retention: {months: 12}
"""


@pytest.fixture
def ann() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    return client


@pytest.fixture
def mine(ann: Client) -> Study:
    pools()
    return studies.create("mine", OFFLINE, now=NOON, by=User.objects.get())


def states(study: Study) -> dict[str, State]:
    return {check.code: check.state for check in whole(study, timezone.now())}


def plan(source: str) -> dict[str, State]:
    return {check.code: check.state for check in preflight_plan.checks(read_protocol(source))}


def test_what_a_protocol_leaves_unsaid_is_warned_of_until_it_is_said() -> None:
    bare = "\n".join(
        line
        for line in SOURCE.splitlines()
        if not line.startswith(("contact:", "ethics:", "retention:"))
    )

    before, after = plan(bare), plan(bare + TOLD)

    assert {before[code] for code in ("contact", "ethics", "retention")} == {State.WARNING}
    assert {after[code] for code in ("contact", "ethics", "retention")} == {State.OK}


def test_the_offline_advisor_is_warned_of_and_a_vendor_is_not() -> None:
    assert plan(OFFLINE)["advisor"] is State.WARNING
    assert plan(SOURCE)["advisor"] is State.OK


def test_a_sample_that_can_never_be_significant_is_told() -> None:
    few = OFFLINE.replace("per_condition: 6", "per_condition: 2")

    assert plan(few)["reachable_p"] is State.WARNING
    assert plan(OFFLINE)["reachable_p"] is State.OK
    assert forecast(read_protocol(few)).power == 0


def test_what_the_machine_says_of_itself_is_in_the_list(
    mine: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"workers": Told(False, "Nobody serves agents."), "beat": Told(True, "Swept.")}
    monkeypatch.setattr(preflight_registry, "machine", [lambda _now: told])

    found = states(mine)

    assert (found["workers"], found["beat"]) == (State.WARNING, State.OK)


def test_the_real_machine_is_asked_for_all_its_parts(mine: Study) -> None:
    assert {"database", "broker", "workers", "beat", "disk"} <= set(states(mine))


def test_a_restored_backup_and_https_are_well(
    mine: Study, settings: Settings, tmp_path: object
) -> None:
    settings.VAR = tmp_path
    before = states(mine)
    safekeeping.note_backup(NOON)
    safekeeping.note_restore(NOON)
    settings.PUBLIC_URL = "https://study.example.org"

    after = states(mine)

    parts = ("backup", "restore", "tls")
    assert [before[one] for one in parts] == [State.WARNING] * 3
    assert [after[one] for one in parts] == [State.OK] * 3


def test_clocks_that_are_apart_are_told(mine: Study) -> None:
    old = {check.code: check.state for check in whole(mine, NOON)}

    assert old["clock"] is State.WARNING
    assert states(mine)["clock"] is State.OK


def test_the_page_and_the_command_tell_the_same(ann: Client, mine: Study) -> None:
    Study.objects.update(overrides=["untrained"])
    out = StringIO()

    page = ann.get("/study/mine/preflight/").content.decode()
    call_command("preflight", "mine", stdout=out)

    assert page.count("<strong>") == len(out.getvalue().splitlines()) - 1
    assert "No backup was ever restored here" in page
    assert "No backup was ever restored here" in out.getvalue()


def test_opening_with_warnings_takes_a_reason_that_is_kept(ann: Client, mine: Study) -> None:
    sent = {"confirm": "mine", "override": ["untrained", "weights"]}
    ann.post("/study/mine/open/", sent)
    assert Study.objects.get().state == Study.State.DRAFT

    ann.post("/study/mine/open/", sent | {"reason": "A class exercise."})

    study = Study.objects.get()
    assert study.state == Study.State.OPEN
    assert study.override_reason == "A class exercise."
    assert "restore" in study.overrides


def test_a_simulated_study_opens_without_a_reason(ann: Client, mine: Study) -> None:
    Study.objects.update(simulated=True)

    ann.post("/study/mine/open/", {"confirm": "mine", "override": ["untrained", "weights"]})

    assert Study.objects.get().state == Study.State.OPEN


def test_a_piloted_study_can_be_opened_from_its_page(ann: Client, mine: Study) -> None:
    ann.post("/study/mine/pilot/", {"confirm": "mine", "override": ["untrained", "weights"]})

    page = ann.get("/study/mine/").content.decode()

    assert 'action="/study/mine/open/"' in page
    assert "/study/mine/pilot/" not in page


def test_what_is_written_is_checked_without_being_kept(ann: Client, mine: Study) -> None:
    source = OFFLINE.replace("per_condition: 6", "per_condition: six")

    wrong = ann.post("/study/mine/protocol/check/", {"source": source}).json()["problems"]
    right = ann.post("/study/mine/protocol/check/", {"source": OFFLINE}).json()["problems"]

    line = source[: source.index("per_condition: six")].count("\n") + 1
    assert [one["line"] for one in wrong] == [line]
    assert right == []
    assert mine.versions.count() == 1
