"""What exports and the monitor read: everybody who counts, and nobody else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from study import monitor_queries, queries
from study.models import Participant, Study
from study.rules import codes
from study.rules.derivation import derive
from study.services import enrolment
from tests import studies as helper
from tests.studies import MINUTE, NOON, OFFLINE, enrol, person, walk_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """Three people: one who has finished, one in a task, and a preview that has finished."""
    study = helper.open_study()
    walk_to(enrol(study), "end", NOON)
    walk_to(enrol(study), "free", NOON)
    token = codes.personal_token()
    looking = enrolment.preview(study.pk, 0, token=token, language="en", now=NOON)
    walk_to(looking.id, "end", NOON)
    return study


def test_previews_are_in_no_export(study: Study) -> None:
    kinds = {one.kind for one in queries.participants(study)}

    assert kinds == {"live"}
    assert {run.participant.kind for run in queries.steps(study)} == kinds
    assert {given.step.participant.kind for given in queries.responses(study)} == kinds
    assert {one.participant.kind for one in queries.submissions(study)} == kinds
    assert queries.submissions(study).count() == 1
    assert queries.totals(study) == queries.Totals(
        active=1, completed=1, screened_out=0, turned_away=0, places=12, taken=2
    )


def test_every_export_is_one_query(study: Study) -> None:
    with CaptureQueriesContext(connection) as captured:
        [one.study.slug for one in queries.participants(study)]
        [run.participant.code for run in queries.steps(study)]
        [given.step.participant.code for given in queries.responses(study)]
        [one.participant.code for one in queries.submissions(study)]

    assert len(captured) == 4


def test_the_monitor_shows_who_is_here_and_for_how_long(study: Study) -> None:
    here = Participant.objects.get(state="active")
    now = person(here.id).seen_at
    assert now is not None

    there = monitor_queries.row(study, here.pk, "en", now + timedelta(seconds=5))
    later = monitor_queries.row(study, here.pk, "en", now + timedelta(seconds=60))

    assert there.step == "Task 1"
    assert there.closes_at == now + 15 * MINUTE
    assert (there.is_present, later.is_present) == (True, False)


def test_a_step_that_only_some_get_is_named_like_the_next_one(study: Study) -> None:
    protocol = study.protocol.read()
    own = next(at for at, step in enumerate(protocol.steps) if step.only)
    Participant.objects.filter(state="active").update(step=own)
    here = Participant.objects.get(state="active")

    shown = monitor_queries.row(study, here.pk, "en", NOON)

    assert shown.step == "How demanding was it?"
    assert shown.closes_at is None


@pytest.mark.parametrize(("simulated", "kind"), [(True, "robot"), (False, "live")])
def test_only_a_simulated_study_knows_robots(simulated: bool, kind: str) -> None:
    source = derive(OFFLINE, minutes_scale=0.01) if simulated else OFFLINE
    study = helper.open_study(source=source)

    token = codes.personal_token()
    came, _run = enrolment.enrol(study.slug, token=token, language="en", now=NOON, is_robot=True)

    assert came.kind == kind
