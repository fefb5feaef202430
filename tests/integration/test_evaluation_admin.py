"""The back room: invitations, downloads, and the lock."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from duetml.live import log
from study.models import Study
from tests.raters import NOW, make_world, rate_everything

pytestmark = pytest.mark.django_db

STUDIES = "/admin/study/study/"
PAGES = ("study/study", "evaluation/rater", "evaluation/invitation", "evaluation/rating")


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("owner"))
    return client


def act(client: Client, action: str, *studies: Study) -> str:
    form = {"action": action, "_selected_action": [study.pk for study in studies]}
    response = client.post(STUDIES, form, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_a_created_link_is_shown_once_and_works(owner: Client) -> None:
    world = make_world(2, 0)

    shown = act(owner, "create_invitation", world.study)
    later = (
        owner.get(STUDIES).content.decode()
        + owner.get("/admin/evaluation/invitation/").content.decode()
    )

    links = re.findall(r"http://testserver(/rating/join/[\w-]+/)", shown)
    assert len(links) == 1
    assert links[0] not in later
    assert Client().get(links[0]).status_code == 200


@pytest.mark.parametrize("action", ["download_ratings", "download_results"])
def test_locked_results_are_not_given(owner: Client, action: str) -> None:
    world = make_world(4, 1)
    rate_everything(world)

    answer = act(owner, action, world.study)

    assert "are locked" in answer
    assert "eq1" not in answer


def test_unlocked_results_are_downloaded_and_the_download_is_recorded(owner: Client) -> None:
    world = make_world(4, 1)
    rate_everything(world)
    Study.objects.update(unlocked_at=NOW)

    ratings = act(owner, "download_ratings", world.study)
    table = act(owner, "download_results", world.study)

    assert len(ratings.splitlines()) == 1 + 20
    assert table.splitlines()[1].startswith("participant,eq1,duetml,baseline,2,2,")
    events = list(log.everything("study:duetml"))
    assert [e.payload for e in events if e.kind == "study.exported"] == [
        {"by": "owner", "what": "ratings.csv"},
        {"by": "owner", "what": "results.csv"},
    ]


def test_one_study_at_a_time(owner: Client) -> None:
    worlds = [make_world(2, 1, slug=slug) for slug in ("one", "two")]

    answer = act(owner, "download_ratings", *(world.study for world in worlds))

    assert "Please choose one study" in answer


def test_scores_appear_in_the_back_room_only_after_the_unlock(owner: Client) -> None:
    world = make_world(2, 1)
    rate_everything(world)
    path = f"/admin/evaluation/rating/{world.raters[0].ratings.all()[0].pk}/change/"

    before = owner.get(path)
    listed = owner.get("/admin/evaluation/rating/").content
    Study.objects.update(unlocked_at=NOW)
    after = owner.get(path)

    assert before.status_code == 302
    assert b"0 ratings" in listed
    assert after.status_code == 200
    assert b'<input type="number"' not in after.content


@pytest.mark.parametrize("page", PAGES)
def test_every_list_opens_and_nothing_can_be_added(owner: Client, page: str) -> None:
    rate_everything(make_world(2, 1))

    assert owner.get(f"/admin/{page}/").status_code == 200
    assert owner.get(f"/admin/{page}/add/").status_code == 403
