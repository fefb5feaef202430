"""Results and exports: what is shown, when, and that every number comes from the rows."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from evaluation.work.results import results
from study.models import Participant, Study
from study.rules.protocol import Step, read_protocol
from tests.raters import (
    NOW,
    SOURCE,
    World,
    answer,
    make_participant,
    make_submission,
    make_work,
    make_world,
    rate_everything,
    untrained_source,
)
from tests.results import make_report

pytestmark = pytest.mark.django_db


def staff() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("staff", is_staff=True))
    return client


def finished_world(participants: int = 12, raters: int = 5) -> World:
    """Rated completely, closed, unlocked; one condition is better throughout."""
    world = make_world(participants, raters)
    rate_everything(world)
    close(world, unlock=True)
    return world


def close(world: World, *, unlock: bool) -> None:
    world.study.state = Study.State.CLOSED
    world.study.closed_at = NOW
    world.study.unlocked_at = NOW if unlock else None
    world.study.save()


def page_of(client: Client, language: str = "en") -> str:
    response = client.get("/rating/results/duetml/", headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


# --- the numbers


def test_six_against_six_completely_separated_gives_the_known_p() -> None:
    found = results(finished_world().study)

    first = found.analyses[0]
    test = first.primary.test
    assert (test.n_x, test.n_y, test.u) == (6, 6, 36)
    assert test.p == pytest.approx(0.00216, abs=5e-6)
    assert (first.pooled.n_x, first.pooled.n_y) == (30, 30)
    assert (found.scores, found.expected) == (300, 300)


def test_previews_count_nowhere() -> None:
    world = finished_world()
    before = results(world.study)
    preview = make_participant(world.study, 99, "duetml", kind="preview")
    make_work(make_submission(preview))
    answer(preview, 9, "experience", {"uq1": 5})

    after = results(world.study)

    assert after == before


def test_questionnaires_are_counted_per_condition_and_scored() -> None:
    world = make_world(4, 0)
    for number, submission in enumerate(world.submissions):
        person = submission.participant
        sus = {item.key: 3 for item in _step("usability").items}
        tlx = {item.key: 20 * number for item in _step("workload").items}
        answer(person, 10, "workload", tlx)
        answer(person, 11, "usability", sus)
        if person.condition == "duetml":
            answer(person, 9, "experience", {"uq1": 4})
    answer(make_participant(world.study, 8, "duetml"), 10, "workload", {"mental": 1})

    found = results(world.study)

    uq1 = next(bar for bar in found.answers if bar.item == "UQ1")
    assert (uq1.group, uq1.counts) == ("duetml", (0, 0, 0, 2, 0))
    assert {bar.group for bar in found.answers} == {"duetml"}
    scales = {scale.scoring: scale for scale in found.scales}
    groups = {name: [list(one.treatment), list(one.control)] for name, one in scales.items()}
    assert groups == {"sus": [[50, 50], [50, 50]], "raw_tlx": [[0, 40], [20, 60]]}


def _step(key: str) -> Step:
    return next(step for step in read_protocol(SOURCE).steps if step.key == key)


# --- the page


def test_a_locked_page_shows_progress_and_no_score() -> None:
    world = make_world(4, 2)
    rate_everything(world)
    world.raters[1].ratings.filter(submission=world.submissions[0], criterion="eq1").delete()
    close(world, unlock=False)

    page = page_of(staff())

    assert "The results are locked" in page
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page)
    assert cells == ["R01", "4 of 4", "20", "R02", "3 of 4", "19"]
    assert not re.search(r"<svg|baseline|median", page)


def test_an_unlocked_page_without_any_score_invents_no_number() -> None:
    world = make_world(2, 0)
    close(world, unlock=True)

    make_report(world.study)
    page = page_of(staff())

    # criteria, and two questionnaires nobody answered
    assert page.count("the conditions cannot be compared, since a condition has no values.") == 7
    assert not re.search(r"\bnan\b|>None<", page)


def test_a_simulated_derived_untrained_offline_study_says_so_first() -> None:
    world = make_world(
        2, 1, source=untrained_source(), simulated=True, overrides=["untrained backbone"]
    )
    Participant.objects.update(kind="robot")
    close(world, unlock=True)
    make_report(world.study)

    page = page_of(staff())

    top = page[: page.index("<section")]
    for words in ("simulated study", "2 participants are robots", "derived from another one",
                  "untrained backbone", "offline advisor", "Opened in spite"):  # fmt: skip
        assert words in top
    assert "model.weights" in top


def test_the_number_of_queries_does_not_grow_with_the_study() -> None:
    counts = []
    client = staff()
    for participants in (2, 12):
        slug = f"s{participants}"
        world = make_world(participants, 3, slug=slug)
        rate_everything(world)
        close(world, unlock=True)
        client.get(f"/rating/results/{slug}/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/rating/results/{slug}/").status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]
