"""Pilots, strata, tables, places that come back or are replaced, and deriving an export again."""

import hashlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import StringIO
from pathlib import Path
from shutil import make_archive
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from duetml.live.log import everything, study_stream
from duetml.workspace.services.refusal import Refused
from evaluation.exports.options import Options
from evaluation.work.export import export
from study.models import Membership, Participant, Slot, Study
from study.rules.assignment import extras, seed_of, sequence
from study.services import steps, studies, withdrawal
from tests import studies as helper
from tests.protocols import changed, with_terms
from tests.raters import NOW
from tests.studies import NOON, OFFLINE, OVERRIDES, answers_to, enrol, person, walk_to

pytestmark = pytest.mark.django_db
PAIR = ["duetml", "baseline"]


def conditions(study: Study, **which: Any) -> list[str]:
    return list(study.slots.filter(**which).values_list("condition", flat=True))


def drawn(seed: int, per_condition: int = 6) -> list[str]:
    return [place.condition for place in sequence(PAIR, per_condition, [2, 4], seed)]


def test_a_pilot_draws_from_a_sequence_and_a_seed_of_its_own() -> None:
    helper.pools()
    studies.create("walk", OFFLINE, now=NOON, seed=7)

    study = studies.pilot("walk", NOON, OVERRIDES)
    pilot = enrol(study)
    walk_to(pilot, "about_you", NOON)

    assert conditions(study) == drawn(study.pilot_seed)
    assert person(pilot).kind == Participant.Kind.PILOT
    piloted = next(e for e in everything(study_stream("walk")) if e.kind == "study.piloted")
    digest = hashlib.sha256(str(study.pilot_seed).encode()).hexdigest()
    assert piloted.payload == {"seed_digest": digest}


def test_after_a_pilot_the_live_sequence_begins_at_its_beginning() -> None:
    helper.pools()
    studies.create("walk", OFFLINE, now=NOON, seed=7)
    studies.pilot("walk", NOON, OVERRIDES)
    pilots = [enrol(Study.objects.get()) for _ in range(3)]
    for who in pilots[:2]:
        walk_to(who, "about_you", NOON)

    study = studies.open_study("walk", NOON, OVERRIDES)
    first = enrol(study)
    walk_to(first, "about_you", NOON)
    walk_to(pilots[2], "about_you", NOON)  # came while it was piloted, and goes on as a pilot

    assert person(first).kind == Participant.Kind.LIVE
    assert person(first).condition == drawn(7)[0]
    assert person(pilots[2]).condition == drawn(study.pilot_seed)[2]
    assert Slot.objects.filter(sequence="live", taken_at__isnull=False).count() == 1


def test_every_stratum_is_given_from_its_own_sequence() -> None:
    def two_kinds(document: dict[str, Any]) -> None:
        document["allocation"]["strata"] = ["built_ml"]
        document["steps"][1]["items"][1]["admits"] = ["never", "once"]

    study = helper.open_study(source=changed(two_kinds))
    got: dict[str, list[str]] = {"never": [], "once": []}
    for said in ["never", "once", "once", "never", "once", "never", "once"]:
        who = enrol(study)
        walk_to(who, "eligibility", NOON)
        steps.finish(who, 1, {"adult": "adult", "built_ml": said}, NOON)
        got[said].append(person(who).condition)
        assert person(who).stratum == f"built_ml={said}"

    for said, given in got.items():
        assert given == drawn(seed_of(7, f"built_ml={said}"))[: len(given)]


def test_a_table_decides_where_the_protocol_says_so() -> None:
    helper.pools()
    source = with_terms(allocation={"method": "table", "per_condition": 2})
    studies.create("walk", source, now=NOON, seed=7)
    order = ["duetml", "duetml", "baseline", "baseline"]
    with pytest.raises(Refused, match="upload it first"):
        studies.open_study("walk", NOON, OVERRIDES)
    with pytest.raises(Refused, match="line 3"):
        studies.set_table("walk", "condition\nduetml\nother\n", "ann", NOON)

    studies.set_table("walk", "\n".join(["condition", *order]), "ann", NOON)
    study = studies.open_study("walk", NOON, OVERRIDES)

    assert conditions(study, sequence="live") == order
    with pytest.raises(Refused, match="draft"):
        studies.set_table("walk", "condition\nduetml\n", "ann", NOON)


def test_a_place_comes_back_when_its_holder_saw_no_task() -> None:
    study = helper.open_study()
    who, other = enrol(study), enrol(study)
    walk_to(who, "about_you", NOON)

    withdrawal.withdraw(who, keep=True, now=NOON)
    walk_to(other, "about_you", NOON)

    assert person(who).slot is None
    assert person(who).condition == ""
    assert person(other).condition == drawn(7)[0]
    told = [event.kind for event in everything(person(who).stream)]
    assert told.count("slot.returned") == 1


def test_who_leaves_after_a_task_keeps_the_place_and_is_replaced_at_the_end() -> None:
    study = helper.open_study(source=with_terms(allocation={"most_extra": 2}))
    lost = [enrol(study) for _ in range(3)]
    for who in lost:
        walk_to(who, "practice", NOON)

    for who in lost:
        withdrawal.withdraw(who, keep=True, now=NOON)
        withdrawal.withdraw(who, keep=False, now=NOON)  # asks for more: no second replacement

    assert all(person(who).slot is not None for who in lost)
    added = study.slots.filter(is_extra=True)
    planned = extras(PAIR, [2, 4], 7, "", 2)
    assert [slot.position for slot in added] == [12, 13]
    assert [slot.condition for slot in added] == [place.condition for place in planned]
    told = [e.payload for e in everything(study_stream("walk")) if e.kind == "slot.added"]
    assert [set(one) for one in told] == [{"slot", "sequence", "stratum"}] * 2


def exported(study: Study, folder: Path) -> Path:
    """A real export of the closed study, taken after the unlocking."""
    options = Options(formats=("csv",))
    return export(study, folder / "export", by="test", now=NOW, options=options).target


def said_of(export: Path) -> str:
    out = StringIO()
    call_command("allocation", "verify", str(export), stdout=out)
    return out.getvalue()


def test_the_command_derives_a_lived_study_again_from_its_export(tmp_path: Path) -> None:
    study = helper.open_study(source=with_terms(allocation={"most_extra": 3}))
    people = [enrol(study) for _ in range(5)]
    for who in people:
        walk_to(who, "practice", NOON)
    withdrawal.withdraw(people[1], keep=True, now=NOON)
    studies.close_study("walk", NOON)
    locked = exported(Study.objects.get(), tmp_path / "locked")
    studies.unlock("walk", "ann", NOON)

    whole = exported(Study.objects.get(), tmp_path)
    zipped = Path(make_archive(str(tmp_path / "whole"), "zip", whole))

    assert "All 13 places (5 taken) are derived again." in said_of(whole)
    assert said_of(zipped) == said_of(whole)
    with pytest.raises(CommandError, match="once the results are unlocked"):
        said_of(locked)
    table = next(whole.rglob("*allocation*.csv"))
    table.chmod(0o644)
    table.write_text(table.read_text().replace(",duetml,", ",baseline,", 1))
    with pytest.raises(CommandError, match="could not all be derived"):
        said_of(whole)


def test_the_command_says_what_an_export_lacks(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="once the results are unlocked"):
        said_of(tmp_path)


def at_once(works: list[Callable[[], Any]], threads: int) -> list[Any]:
    def run(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, works))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_five_hundred_at_once_get_exactly_the_sequence() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the claim is about PostgreSQL: tests/with-services")
    study = helper.open_study(source=with_terms(allocation={"per_condition": 250}))

    def come() -> UUID:
        who = enrol(study)
        walk_to(who, "eligibility", NOON)
        return who

    people = at_once([come] * 500, 40)
    raw = answers_to(study.protocol.read().steps[1])
    at_once([partial(steps.finish, who, 1, raw, NOON) for who in people], 40)

    rows = list(Participant.objects.select_related("slot").order_by("slot__position"))
    assert [row.slot and row.slot.position for row in rows] == list(range(500))
    assert [row.condition for row in rows] == drawn(7, 250)
    assert Counter(row.condition for row in rows) == {"duetml": 250, "baseline": 250}
    assert not study.slots.filter(taken_at=None).exists()
    late = Study.objects.get()
    with pytest.raises(Refused, match="all the participants"):
        enrol(late)


@pytest.mark.parametrize("role", ["owner", "experimenter", "analyst", "viewer", "superuser"])
def test_nobody_sees_what_is_coming(role: str, caplog: pytest.LogCaptureFixture) -> None:
    secret = "baseline,duetml,duetml,baseline"
    helper.pools()
    source = with_terms(allocation={"method": "table", "per_condition": 2})
    studies.create("walk", source, now=NOON, seed=7_654_321_987)
    studies.set_table("walk", "condition\n" + secret.replace(",", "\n"), "ann", NOON)
    studies.pilot("walk", NOON, OVERRIDES)
    study = studies.open_study("walk", NOON, OVERRIDES)
    walk_to(enrol(study), "about_you", NOON)
    client = Client()
    client.force_login(_member(study, role))

    pages = [_text(client, address) for address in _addresses(study)]
    told = [event.payload for event in everything(study_stream("walk"))]

    for known in (str(study.seed), str(study.pilot_seed), secret.replace(",", "\n")):
        assert not any(known in text for text in [*pages, str(told), caplog.text]), known
    assert any("walk" in text for text in pages)


def _member(study: Study, role: str) -> User:
    if role == "superuser":
        return User.objects.create_superuser("root")
    user = User.objects.create_user("ann", is_staff=True)
    Membership.objects.update_or_create(study=study, user=user, defaults={"role": role})
    return user


def _addresses(study: Study) -> list[str]:
    own = [reverse("study:home"), reverse("study:study", args=["walk"])]
    more = ("live", "live-flow", "links", "appointments", "notes")
    room = [reverse(f"admin:study_{one}_changelist") for one in ("study", "participant", "steprun")]
    change = reverse("admin:study_study_change", args=[study.pk])
    return [*own, *(reverse(f"study:{one}", args=["walk"]) for one in more), *room, change]


def _text(client: Client, address: str) -> str:
    return client.get(address).content.decode()
