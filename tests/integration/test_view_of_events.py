"""What a browser builds from events alone equals the state the server gives, whatever was done."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from duetml.live.log import ClientStamp, everything, frame, last_seq, verify
from duetml.workspace import queries
from duetml.workspace.models import Workspace
from duetml.workspace.services.actions import perform
from duetml.workspace.services.refusal import Refused
from study.robots.view import View
from tests.people import NOW, a_workspace, images_of

PICTURES = 5
INDEX = st.integers(0, 5)
NAMES = st.sampled_from(["one", "One ", "two", "三", " ", "x" * 81]) | st.text(max_size=12)
ACTIONS = st.one_of(
    st.tuples(st.just("category.create"), NAMES, st.just(())),
    st.tuples(st.just("category.rename"), INDEX, NAMES),
    st.tuples(st.just("category.delete"), INDEX, st.just(())),
    st.tuples(st.just("images.add"), INDEX, st.lists(INDEX, max_size=4)),
    st.tuples(st.just("images.remove"), INDEX, st.lists(INDEX, max_size=4)),
    st.tuples(st.just("training.start"), st.just(0), st.just(())),
)
DEEDS = st.lists(st.tuples(ACTIONS, st.booleans()), max_size=25)


def payload_of(
    action: tuple[str, Any, Any], categories: list[str], images: list[str]
) -> dict[str, Any]:
    """The payload with real ids; an index beyond what there is names something unknown."""
    name, first, second = action
    known = dict(enumerate(categories))
    if name == "category.create":
        return {"name": first}
    if name == "training.start":
        return {}
    category = {"category": known.get(first, str(uuid4()))}
    if name == "category.rename":
        return category | {"name": second}
    if name == "category.delete":
        return category
    return category | {"images": [dict(enumerate(images)).get(i, str(uuid4())) for i in second]}


def assert_the_view_agrees(deeds: list[tuple[tuple[str, Any, Any], bool]]) -> None:
    workspace = a_workspace(pictures=PICTURES)
    images = images_of(workspace)
    view = View()
    view.replace(queries.state(workspace), last_seq(workspace.stream))
    for number, (action, twice) in enumerate(deeds):
        stamp = ClientStamp(uuid4(), None)
        now = NOW + timedelta(seconds=number)
        before = last_seq(workspace.stream)
        for _ in range(1 + twice):
            try:
                payload = payload_of(action, list(view.names), images)
                perform(workspace.id, action[0], payload, stamp, now)
            except Refused:
                assert last_seq(workspace.stream) == before
        mine = [event for event in everything(workspace.stream) if event.client_id == stamp.id]
        assert len(mine) == (last_seq(workspace.stream) > before)
        for event in everything(workspace.stream):
            if event.seq > view.seq:
                view.apply(frame(event))
    fresh = View()
    fresh.replace(queries.state(Workspace.objects.get(pk=workspace.id)), view.seq)
    assert view.sorted_images() == fresh.sorted_images()
    assert list(view.names.items()) == list(fresh.names.items())
    assert {name: list(view.images[name]) for name in view.names} == ordered(workspace)
    assert verify(workspace.stream)


def ordered(workspace: Workspace) -> dict[str, list[str]]:
    return {one["category"]: one["images"] for one in queries.category_data(workspace.id)}


def rolled_back(deeds: list[tuple[tuple[str, Any, Any], bool]]) -> None:
    with transaction.atomic():
        assert_the_view_agrees(deeds)
        transaction.set_rollback(True)


relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.django_db
@settings(relaxed, max_examples=25)
@given(DEEDS)
@example([(("category.create", "a", ()), False), (("images.add", 0, [0]), False)] * 2)
def test_a_view_kept_by_events_equals_the_state(
    deeds: list[tuple[tuple[str, Any, Any], bool]],
) -> None:
    rolled_back(deeds)


@pytest.mark.faults
@pytest.mark.django_db
@settings(relaxed, max_examples=600)
@given(DEEDS)
def test_it_does_so_for_many_histories(deeds: list[tuple[tuple[str, Any, Any], bool]]) -> None:
    rolled_back(deeds)
