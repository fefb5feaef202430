"""The back room of the workspace: everything can be looked at, records cannot be changed."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from duetml.live import log
from duetml.workspace.models import AgentCall, Pool
from tests.people import DUETML, NOW, a_pool, a_workspace, do

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("staff", password="a long password"))
    return client


@pytest.mark.parametrize(
    "address",
    [
        "workspace/pool",
        "workspace/workspace",
        "workspace/trainingrun",
        "workspace/agentcall",
        "live/event",
    ],
)
def test_a_list_takes_the_same_queries_for_any_number_of_rows(
    staff: Client, address: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        do(a_workspace(DUETML), "chat.ask_data")
    with django_assert_max_num_queries(8):
        assert staff.get(f"/admin/{address}/").status_code == 200


def test_a_pool_shows_how_many_pictures_it_holds(staff: Client) -> None:
    pool = a_pool(pictures=7)
    page = staff.get(f"/admin/workspace/pool/{pool.pk}/change/").content.decode()
    assert '<div class="readonly">7</div>' in page


def test_records_can_be_read_and_not_changed(staff: Client) -> None:
    do(a_workspace(DUETML), "chat.ask_data")
    call = AgentCall.objects.get()
    address = f"/admin/workspace/agentcall/{call.pk}/change/"
    assert staff.get(address).status_code == 200
    assert staff.post(address, {"reply": "changed"}).status_code == 403
    assert (
        staff.post(f"/admin/workspace/agentcall/{call.pk}/delete/", {"post": "yes"}).status_code
        == 403
    )


def test_a_workspace_does_not_say_whose_it_is_or_what_is_switched_on(staff: Client) -> None:
    workspace = a_workspace(DUETML, payers=("participant:4711",))
    page = staff.get(f"/admin/workspace/workspace/{workspace.pk}/change/").content.decode()
    assert str(workspace.pk) in page
    assert not [word for word in ("4711", "proactive", "Typing at") if word in page]


def test_a_pool_in_use_cannot_be_deleted(staff: Client) -> None:
    pool = a_pool()
    staff.post(f"/admin/workspace/pool/{pool.pk}/delete/", {"post": "yes"})
    assert Pool.objects.exists()


def test_a_workspace_does_not_tell_its_condition(staff: Client) -> None:
    workspace = a_workspace(DUETML)
    page = staff.get(f"/admin/workspace/workspace/{workspace.pk}/change/").content.decode()
    assert "ask_data" not in page


def test_an_event_leads_from_no_person_to_a_condition(staff: Client) -> None:
    told = {"slot": 3, "condition": "placebo"}
    opened = {"step": "free", "minimum_at": "", "closes_at": "", "workspace": "w-17"}
    with transaction.atomic():
        one = log.record("participant:x", "participant.assigned", told, at=NOW)
        other = log.record("participant:x", "step.opened", opened, at=NOW)
    pages = [
        staff.get(f"/admin/live/event/{event.pk}/change/").content.decode()
        for event in (one, other)
    ]
    assert "placebo" not in pages[0]
    assert "w-17" not in pages[1]
    assert "free" in pages[1]


def test_an_event_tells_no_score(staff: Client) -> None:
    given = {"showing": "s", "submission": "s", "criterion": "eq1", "score": 4711, "was": None}
    given |= {"reason": "", "was_reason": "", "version": 1}
    with transaction.atomic():
        event = log.record("rater:1", "rating.scored", given, at=NOW)
    page = staff.get(f"/admin/live/event/{event.pk}/change/").content.decode()
    assert "rating.scored" in page
    assert "4711" not in page
