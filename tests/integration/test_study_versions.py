"""Protocols of a study: changed freely before it opens, amended with a reason after."""

import pytest

from duetml.live.log import everything, study_stream
from duetml.workspace.services.refusal import Refused
from study.models import Study
from study.rules.protocol import ProtocolError
from study.services import steps, studies, versions
from tests.studies import NOON, OFFLINE, OVERRIDES, enrol, open_study, person, pools

pytestmark = pytest.mark.django_db
LONGER = OFFLINE.replace("The experimenter now talks with you", "Somebody now talks with you", 1)


def test_the_first_protocol_is_version_one() -> None:
    study = studies.create("walk", OFFLINE, now=NOON)

    assert [(one.number, one.protocol) for one in study.versions.all()] == [(1, study.protocol)]


def test_anything_may_change_before_the_study_opens() -> None:
    studies.create("walk", OFFLINE, now=NOON)

    version = versions.amend("walk", OFFLINE.replace("per_condition: 6", "per_condition: 9"), "",
                             "ann", NOON)  # fmt: skip

    study = Study.objects.get()
    assert (version.number, study.protocol) == (2, version.protocol)
    assert study.protocol.read().allocation.per_condition == 9


def test_an_amendment_reaches_those_who_come_later_and_nobody_who_is_in() -> None:
    study = open_study()
    early = enrol(study)

    versions.amend("walk", LONGER, "The talk is held by somebody else.", "ann", NOON)
    late = enrol(Study.objects.get())
    steps.arrive(early, NOON)

    assert person(early).protocol == study.protocol
    assert person(late).protocol == Study.objects.get().protocol != study.protocol
    (event,) = [e for e in everything(study_stream("walk")) if e.kind == "study.amended"]
    assert event.payload["number"] == 2
    assert event.payload["reason"] == "The talk is held by somebody else."


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("per_condition: 6", "per_condition: 7", "allocation"),
        ("upload: true", "upload: false", "conditions"),
        ("temperature: 0.7", "temperature: 0.1", "agents"),
        ("key: interview\n", "key: talk\n", "steps"),
        ("key: eq5\n", "key: eq6\n", "rating"),
    ],
)
def test_what_makes_another_experiment_cannot_change_while_it_is_open(
    old: str, new: str, part: str
) -> None:
    study = open_study()
    assert old in OFFLINE

    with pytest.raises(Refused, match="fixed") as refused:
        versions.amend("walk", OFFLINE.replace(old, new, 1), "Why not.", "ann", NOON)

    assert part in refused.value.message
    assert Study.objects.get().protocol == study.protocol


def test_an_open_study_asks_for_a_reason_and_a_closed_one_keeps_what_it_had() -> None:
    open_study()
    with pytest.raises(Refused, match="reason"):
        versions.amend("walk", LONGER, " ", "ann", NOON)
    studies.close_study("walk", NOON)

    with pytest.raises(Refused, match="state"):
        versions.amend("walk", LONGER, "Why not.", "ann", NOON)

    assert Study.objects.get().versions.count() == 1


def test_words_for_the_report_can_still_be_given_with_a_reason_once_it_is_closed() -> None:
    study = open_study()
    studies.close_study("walk", NOON)
    told = OFFLINE.replace("reporting:\n", "reporting:\n  funding: {en: None., ja: なし。}\n", 1)
    with pytest.raises(Refused, match="reason"):
        versions.amend("walk", told, "", "ann", NOON)

    version = versions.amend("walk", told, "The report asks for it.", "ann", NOON)

    study.refresh_from_db()
    assert (version.number, study.state) == (2, Study.State.CLOSED)
    told_now = study.protocol.read().reporting
    assert told_now
    assert told_now.funding == {"en": "None.", "ja": "なし。"}


def test_a_protocol_that_cannot_be_used_changes_nothing() -> None:
    pools()
    studies.create("walk", OFFLINE, now=NOON)

    with pytest.raises(ProtocolError):
        versions.amend("walk", OFFLINE + "\nsurprise: 1\n", "", "ann", NOON)

    assert Study.objects.get().versions.count() == 1
    assert studies.open_study("walk", NOON, OVERRIDES).state == "open"
