"""How somebody becomes a rater, and in which order they see what is to be rated."""

import threading
from random import Random

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client

from duetml.workspace.services.refusal import Refused
from evaluation.models import Invitation, Rater
from evaluation.services import invitations, queue
from tests.raters import (
    NOW,
    client_of,
    elsewhere,
    make_participant,
    make_submission,
    make_world,
)

pytestmark = pytest.mark.django_db


# --- invitations


def test_an_invitation_is_kept_as_a_digest_only() -> None:
    world = make_world(0, 0)

    token = invitations.invite(world.study, "Prof. Sato", NOW)

    row = Invitation.objects.values().get()
    assert token not in str(row)
    assert invitations.find(token) is not None


def test_opening_an_invitation_link_uses_nothing_up_and_joining_does() -> None:
    world = make_world(2, 0)
    path = f"/rating/join/{invitations.invite(world.study, '', NOW)}/"
    form = {"name": "sato", "password": "correct horse battery"}
    client = Client()

    looks = [client.get(path).status_code for _ in range(3)]
    joined = client.post(path, form)
    again = Client().post(path, form | {"name": "other"})

    assert looks == [200, 200, 200]
    assert joined.headers["Location"] == "/rating/"
    assert client.get("/rating/").status_code == 200
    assert again.status_code == 404
    assert list(User.objects.values_list("username", flat=True)) == ["sato"]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"name": "sato", "password": "short"}, "too short"),
        ({"name": "taken", "password": "correct horse battery"}, "taken"),
        ({"name": "", "password": "correct horse battery"}, "blank"),
    ],
)
def test_a_refused_join_says_why_and_leaves_the_invitation_unused(
    form: dict[str, str], why: str
) -> None:
    world = make_world(0, 0)
    User.objects.create_user("taken")
    token = invitations.invite(world.study, "", NOW)

    response = Client().post(f"/rating/join/{token}/", form)

    assert response.status_code == 400
    assert why in response.content.decode()
    assert invitations.find(token) is not None
    assert not Rater.objects.exists()


def test_somebody_logged_in_accepts_without_a_new_account() -> None:
    world = make_world(0, 0)
    user = User.objects.create_user("sato")
    token = invitations.invite(world.study, "", NOW)

    client_of(user).post(f"/rating/join/{token}/")

    assert Rater.objects.get().user == user


def test_nobody_becomes_a_rater_of_one_study_twice() -> None:
    world = make_world(0, 1)
    token = invitations.invite(world.study, "", NOW)

    response = client_of(world.raters[0].user).post(f"/rating/join/{token}/")

    assert response.status_code == 400
    assert invitations.find(token) is not None


@pytest.mark.django_db(transaction=True)
def test_one_link_used_by_many_at_once_makes_one_rater() -> None:
    token = elsewhere(lambda: invitations.invite(make_world(2, 0).study, "", NOW))
    outcomes: list[str] = []

    def join(number: int) -> None:
        try:
            invitations.accept(token, name=f"r{number}", password="correct horse battery", now=NOW)
            outcomes.append("joined")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=join, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["joined"] + ["used"] * 5
    assert User.objects.count() == Rater.objects.count() == 1


# --- the order


def test_raters_get_different_orders_of_the_same_submissions_and_keep_them() -> None:
    world = make_world(8, 2)
    first, second = world.raters

    orders = [Rater.objects.get(pk=rater.pk).order for rater in (first, second)]
    again = queue.refresh(first, NOW).order

    assert sorted(orders[0]) == sorted(orders[1]) == sorted(str(s.pk) for s in world.submissions)
    assert orders[0] != orders[1]
    assert again == orders[0]


def test_the_order_can_be_drawn_again_from_the_stored_seed() -> None:
    world = make_world(8, 1)
    rater = world.raters[0]
    expected = sorted(str(submission.pk) for submission in world.submissions)

    Random(rater.seed).shuffle(expected)

    assert rater.order == expected


def test_a_late_submission_is_drawn_in_behind_what_was_shown_and_stays_there() -> None:
    world = make_world(8, 1)
    rater = world.raters[0]
    queue.mark_shown(rater, 5)
    late = [
        make_submission(make_participant(world.study, number, "duetml")) for number in range(8, 14)
    ]

    order = queue.refresh(rater, NOW).order

    assert order[:5] == rater.order[:5]
    assert [one for one in order if one in rater.order] == rater.order
    assert {str(one.pk) for one in late} <= set(order[5:])
    assert order != rater.order + [str(one.pk) for one in late]
    assert queue.refresh(rater, NOW).order == order


def test_a_preview_is_never_rated() -> None:
    world = make_world(2, 1)
    preview = make_participant(world.study, 9, "duetml", kind="preview")
    make_submission(preview)

    order = queue.refresh(world.raters[0], NOW).order

    assert len(order) == 2
