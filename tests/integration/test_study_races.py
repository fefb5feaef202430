"""Two people at once at one link, one time or one button, with real threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier, Event
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from duetml.live.log import everything, verify
from duetml.workspace.services.refusal import Refused
from study.models import Appointment, Link, Participant, StepRun, Study
from study.rules import codes
from study.services import (
    appointments,
    closing,
    enrolment,
    links,
    pausing,
    steps,
    versions,
    withdrawal,
)
from tests import studies as helper
from tests.protocols import with_terms
from tests.studies import MINUTE, NOON, answers_to, enrol, person, walk_to

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duetml.jobs.send", lambda job, **ids: None)


def together(*works: Callable[[], Any]) -> list[Any]:
    """What each gives, all begun at the same moment; None for one that was refused."""
    gate = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            gate.wait(10)
            return work()
        except Refused:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def come(link: Link) -> Participant:
    token = codes.personal_token()
    return enrolment.enrol("walk", token=token, language="en", now=NOON, link=link)[0]


@pytest.mark.parametrize("kind", [Link.Kind.PERSONAL, Link.Kind.LISTED])
def test_a_link_for_one_lets_one_in(kind: Link.Kind) -> None:
    helper.open_study()
    token = links.make("walk", kind, ["Ada"], by="ann", now=NOON)[0].token
    link = links.find(token)
    assert link is not None

    came = together(*[partial(come, link)] * 6)

    assert Participant.objects.count() == 1
    assert len([one for one in came if one]) == (1 if kind == Link.Kind.PERSONAL else 6)


def test_who_comes_while_the_protocol_changes_gets_the_new_one() -> None:
    study = helper.open_study()
    changed = Event()
    source = with_terms(minimum_width=700)

    def change() -> None:
        with transaction.atomic():
            versions.amend("walk", source, "Who to ask.", "ann", NOON)
            changed.set()
            sleep(0.3)

    def begin() -> UUID:
        changed.wait(10)
        return enrol(study)

    _changed, came = together(change, begin)

    assert person(came).protocol.source == source


def test_a_recruiters_person_who_clicks_twice_is_one() -> None:
    helper.open_study(source=with_terms(recruitment={"prolific": True}))

    def click() -> Participant:
        token = codes.personal_token()
        ids = {"PROLIFIC_PID": "p1"}
        return enrolment.enrol("walk", token=token, language="en", now=NOON, external=ids)[0]

    assert len(set(together(*[click] * 6))) == 1


def test_of_many_who_want_one_time_one_gets_it() -> None:
    study = helper.open_study()
    appointments.offer("walk", [NOON + timedelta(days=1)], 30, "ann", NOON)
    people = [enrol(study) for _ in range(6)]
    time = Appointment.objects.get()

    got = together(*[partial(appointments.book, who, time.pk, NOON) for who in people])

    assert len([one for one in got if one]) == 1
    time.refresh_from_db()
    assert time.participant_id in people


def test_places_that_come_back_and_are_taken_at_once_are_each_held_by_one() -> None:
    study = helper.open_study()
    leaving = [enrol(study) for _ in range(6)]
    for who in leaving:
        walk_to(who, "about_you", NOON)
    coming = [enrol(study) for _ in range(6)]
    for who in coming:
        walk_to(who, "eligibility", NOON)
    raw = answers_to(study.protocol.read().steps[1])

    together(
        *[partial(withdrawal.withdraw, who, keep=True, now=NOON) for who in leaving],
        *[partial(steps.finish, who, 1, raw, NOON) for who in coming],
    )

    held = [person(who).slot for who in coming]
    assert None not in held
    assert len(set(held)) == 6
    assert study.slots.exclude(taken_at=None).count() == 6
    assert [person(who).slot for who in leaving] == [None] * 6


def test_a_pause_beside_the_clock_leaves_everybody_either_paused_or_closed() -> None:
    study = helper.open_study()
    people = [enrol(study) for _ in range(4)]
    for who in people:
        walk_to(who, "practice", NOON)
    runs = StepRun.objects.filter(participant__in=people, key="practice")
    closes_at = runs.first().closes_at  # type: ignore[union-attr]
    assert closes_at is not None

    together(
        partial(pausing.pause_study, "walk", "alarm", "ann", closes_at - MINUTE),
        partial(closing.close_late, closes_at),
        *[partial(steps.arrive, who, closes_at) for who in people],
    )

    for run in runs:
        assert (run.paused_at is None) == (run.closed_at is not None)
        assert verify(person(run.participant_id).stream)
    assert Study.objects.get().paused_at is not None


def test_who_stops_while_finishing_is_out_once() -> None:
    study = helper.open_study()
    for _ in range(4):
        who = enrol(study)
        walk_to(who, "eligibility", NOON)
        raw = answers_to(study.protocol.read().steps[1])

        together(
            partial(steps.finish, who, 1, raw, NOON),
            partial(withdrawal.withdraw, who, keep=False, now=NOON),
        )

        assert person(who).state == Participant.State.WITHDRAWN
        assert not StepRun.objects.filter(participant=who, closed_at=None).exists()
        told = [event.kind for event in everything(person(who).stream)]
        assert told.count("participant.withdrew") == 1
        assert verify(person(who).stream)
