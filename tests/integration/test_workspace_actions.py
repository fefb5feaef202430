"""What a person does in a workspace: done once, refused with a reason, or too late."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import translation

from duetml.live import log
from duetml.workspace import queries
from duetml.workspace.models import AgentCall, Category, Message, Placement, TrainingRun, Workspace
from duetml.workspace.services.actions import Done
from duetml.workspace.services.refusal import Refused
from tests.people import BASELINE, DUETML, NOW, a_category, a_workspace, do, images_of, kinds

pytestmark = pytest.mark.django_db


def refusal(workspace: Workspace, action: str, payload: dict[str, Any]) -> Refused:
    before = kinds(workspace)
    with pytest.raises(Refused) as caught:
        do(workspace, action, payload)
    assert kinds(workspace) == before
    return caught.value


def test_training_data_holds_categories_and_images_in_their_order() -> None:
    workspace = a_workspace()
    first, second, third, *_ = images_of(workspace)
    a_category(workspace, "land", [third, first])
    a_category(workspace, "water", [second])
    assert queries.training_data(workspace.id) == [
        {"name": "land", "images": [third, first]},
        {"name": "water", "images": [second]},
    ]


def test_an_action_is_answered_with_the_number_and_payload_of_its_event() -> None:
    workspace = a_workspace()
    done = do(workspace, "category.create", {"name": "  land \n animals "})
    event = log.since(workspace.stream, 0)[-1]
    assert (done.seq, done.late, done.result) == (event.seq, False, event.payload)
    assert event.payload["name"] == "land animals"


def test_an_image_added_to_a_second_category_moves() -> None:
    workspace = a_workspace()
    first, second, *_ = images_of(workspace)
    land = a_category(workspace, "land", [first])
    water = a_category(workspace, "water")
    done = do(workspace, "images.add", {"category": water, "images": [first, second]})
    assert kinds(workspace)[-2:] == ["images.moved", "images.added"]
    assert done.result == {"category": water, "images": [second]}
    assert [one["images"] for one in queries.training_data(workspace.id)] == [[], [first, second]]
    moved = log.since(workspace.stream, done.seq - 2)[0]
    assert moved.payload == {"category": water, "images": [first], "was": land}


def test_a_deleted_category_frees_its_images_and_its_name() -> None:
    workspace = a_workspace()
    image = images_of(workspace)[0]
    land = a_category(workspace, "land", [image])
    done = do(workspace, "category.delete", {"category": land})
    assert done.result["images"] == [image]
    assert not Placement.objects.exists()
    a_category(workspace, "Land")


def test_an_action_that_changes_nothing_is_still_recorded_once() -> None:
    workspace = a_workspace()
    image = images_of(workspace)[0]
    land = a_category(workspace, "land", [image])
    again = do(workspace, "images.add", {"category": land, "images": [image]})
    assert again.result == {"category": land, "images": []}


@pytest.mark.parametrize(
    ("action", "payload", "code", "words"),
    [
        ("category.create", {"name": " \t "}, "empty_name", "Give the category a name."),
        (
            "category.create",
            {"name": "ÉTÉ"},
            "duplicate_name",
            "There is already a category called “ÉTÉ”.",
        ),
        ("category.create", {"name": "x" * 81}, "too_long", "at most 80 characters"),
        ("category.create", {}, "bad_payload", "Reload"),
        ("category.create", {"name": "a", "more": 1}, "bad_payload", "Reload"),
        ("category.delete", {"category": str(uuid4())}, "unknown_category", "no longer exists"),
        ("category.delete", {"category": "?"}, "bad_payload", "Reload"),
        ("training.start", {}, "too_few_categories", "at least two categories"),
        ("test.start", {"images": []}, "not_trained", "Train first"),
        ("chat.post", {"text": "  "}, "empty_text", "Write something"),
        ("chat.post", {"text": "x" * 2001}, "too_long", "2000 characters"),
        ("chat.retry", {"call": str(uuid4())}, "unknown_call", "already asked again"),
        ("no.such.action", {}, "not_available", "not available"),
    ],
)
def test_what_cannot_be_done_is_refused_in_plain_words(
    action: str, payload: dict[str, Any], code: str, words: str
) -> None:
    workspace = a_workspace(DUETML)
    a_category(workspace, "été")
    refused = refusal(workspace, action, payload)
    assert refused.code == code
    assert words in refused.message


def test_training_names_the_category_that_is_empty() -> None:
    workspace = a_workspace()
    a_category(workspace, "land", images_of(workspace)[:1])
    a_category(workspace, "water")
    assert "“water” has no images" in refusal(workspace, "training.start", {}).message


def test_images_of_another_workspace_are_unknown_here() -> None:
    workspace, other = a_workspace(pictures=2), a_workspace(pictures=5)
    foreign = [image for image in images_of(other) if image not in images_of(workspace)]
    land = a_category(workspace, "land")
    refused = refusal(workspace, "images.add", {"category": land, "images": foreign})
    assert refused.code == "unknown_image"


def test_a_category_of_another_workspace_is_unknown_here() -> None:
    workspace, other = a_workspace(), a_workspace()
    foreign = a_category(other, "land")
    refused = refusal(workspace, "category.rename", {"category": foreign, "name": "mine"})
    assert refused.code == "unknown_category"


def test_a_second_training_waits_for_the_first() -> None:
    workspace = trainable()
    do(workspace, "training.start")
    assert refusal(workspace, "training.start", {}).code == "busy"
    assert TrainingRun.objects.get().data == queries.category_data(workspace.id)


def test_a_fourth_question_waits_for_an_answer() -> None:
    workspace = a_workspace(DUETML)
    for _ in range(3):
        do(workspace, "chat.ask_data")
    assert refusal(workspace, "chat.post", {"text": "And?"}).code == "busy"


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("chat.post", {"text": "hello"}),
        ("chat.ask_data", {}),
        ("chat.ask_test", {}),
        ("chat.retry", {"call": str(uuid4())}),
        ("proactive.set", {"on": False}),
    ],
)
def test_the_baseline_refuses_the_agents_like_something_that_never_existed(
    action: str, payload: dict[str, Any]
) -> None:
    workspace = a_workspace(BASELINE, minutes=1)
    refused = refusal(workspace, action, payload)
    unknown = refusal(workspace, "no.such.action", {})
    assert (refused.code, refused.message) == (unknown.code, unknown.message)
    with pytest.raises(Refused):
        do(workspace, action, payload, now=NOW + timedelta(minutes=2))
    assert kinds(workspace) == ["workspace.opened"]
    assert not Message.objects.exists()


def test_a_refusal_speaks_the_language_that_is_active() -> None:
    workspace = a_workspace()
    with translation.override("ja"):
        message = refusal(workspace, "category.create", {"name": ""}).message
    assert message == "カテゴリーに名前を付けてください。"


def test_a_late_action_is_recorded_and_changes_nothing() -> None:
    workspace = a_workspace(minutes=10)
    client = uuid4()
    late = NOW + timedelta(minutes=10)
    done = do(workspace, "category.create", {"name": "land"}, client=client, now=late)
    assert done.late
    assert done.result == {"action": "category.create", "payload": {"name": "land"}}
    assert not Category.objects.exists()
    assert do(workspace, "category.create", {"name": "land"}, client=client, now=late) == done


def test_an_action_sent_again_after_closing_keeps_its_first_answer() -> None:
    workspace = a_workspace(minutes=10)
    client = uuid4()
    done = do(workspace, "category.create", {"name": "land"}, client=client)
    again = do(
        workspace,
        "category.create",
        {"name": "land"},
        client=client,
        now=NOW + timedelta(minutes=11),
    )
    assert again == done


def test_a_question_and_its_call_are_one_event() -> None:
    workspace = a_workspace(DUETML)
    done = do(workspace, "chat.post", {"text": "What is wrong?\n\x00"})
    call = AgentCall.objects.get()
    assert (call.trigger, call.provider) == ("message", "offline")
    assert done.result["call"] == str(call.id)
    assert Message.objects.get(author="participant").text == "What is wrong?"


def test_a_greeting_is_the_first_message_where_there_is_a_chat() -> None:
    workspace = a_workspace(DUETML, language="ja")
    assert workspace.messages.get().text == "どのようなAIを作りたいですか？"
    assert not AgentCall.objects.exists()


def test_reading_the_state_takes_the_same_queries_for_any_number_of_rows(
    django_assert_num_queries: Any,
) -> None:
    small, large = a_workspace(DUETML, pictures=2), a_workspace(DUETML, pictures=12)
    a_category(small, "alone")
    for number, image in enumerate(images_of(large)):
        a_category(large, f"category {number}", [image])
    for _ in range(3):
        do(large, "chat.ask_data")
    for workspace in (small, large):
        with django_assert_num_queries(9):
            queries.state(Workspace.objects.get(pk=workspace.pk))


def test_the_baseline_state_has_no_word_of_the_agents() -> None:
    state = queries.state(a_workspace(BASELINE))
    assert "chat" not in state
    assert state["features"] == {"upload": True}


@pytest.mark.django_db(transaction=True)
def test_the_same_id_sent_twice_at_once_is_one_event_and_two_equal_answers() -> None:
    workspace = a_workspace()
    client = uuid4()

    def send(_: int) -> Done:
        try:
            return do(workspace, "category.create", {"name": "land"}, client=client)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(send, range(6)))
    assert all(answer == answers[0] for answer in answers)
    assert kinds(workspace) == ["workspace.opened", "category.created"]


@pytest.mark.django_db(transaction=True)
def test_different_actions_at_once_are_all_done_and_numbered_without_a_gap() -> None:
    workspace = a_workspace()

    def create(number: int) -> int:
        try:
            return do(workspace, "category.create", {"name": f"category {number}"}).seq
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        numbers = list(threads.map(create, range(12)))
    assert sorted(numbers) == list(range(2, 14))
    positions = Category.objects.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(12))


def trainable() -> Workspace:
    workspace = a_workspace()
    images = images_of(workspace)
    a_category(workspace, "land", images[:3])
    a_category(workspace, "water", images[3:])
    return workspace
