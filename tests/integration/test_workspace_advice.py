"""The agents, by the functions a worker runs: what they see, what they say, and what is stored."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from threading import Barrier, Event
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, close_old_connections, connection, connections
from django.utils import timezone
from pytest_django import Settings

from duetml.config.process.programs import WORKERS
from duetml.jobs import Job
from duetml.live import log
from duetml.llm.client import ChatRequest, Chunk, Failure, Usage, VendorError
from duetml.llm.scripted import ScriptedLLM
from duetml.workspace import queries
from duetml.workspace.models import AgentCall, Message, Workspace
from duetml.workspace.services import answers, proactive, workspaces
from duetml.workspace.services.refusal import Refused
from duetml.workspace.work import advise, listening
from duetml.workspace.work.lease import kept
from duetml.workspace.work.sweep import sweep
from tests.people import DUETML, NOW, a_category, a_workspace, do, images_of, kinds
from tests.vendor import Vendor, fails, rate_limited, reply

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Job, str]]:
    """What was enqueued, instead of a broker."""
    jobs: list[tuple[Job, str]] = []
    for place in ("duetml.jobs.send", "duetml.workspace.work.sweep.send"):
        monkeypatch.setattr(place, lambda job, **ids: jobs.append((job, next(iter(ids.values())))))
    return jobs


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The tokens that were pushed."""
    pushed: list[dict[str, Any]] = []
    monkeypatch.setattr(listening, "push", lambda _stream, frame: pushed.append(dict(frame)))
    return pushed


def ask(workspace: Workspace, text: str, seconds: float = 0) -> str:
    now = NOW + timedelta(seconds=seconds)
    return str(do(workspace, "chat.post", {"text": text}, now=now).result["call"])


def last(workspace: Workspace) -> tuple[str, dict[str, Any]]:
    event = log.newest(workspace.stream, 1)[0]
    return event.kind, event.payload


def test_an_answer_is_a_message_an_event_and_an_account() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    land = a_category(workspace, "land", images_of(workspace)[:2])
    call = ask(workspace, "What is wrong?")
    llm = ScriptedLLM("Try broader names.")
    advise.answer_call(call, llm)
    row = AgentCall.objects.get()
    assert (row.state, row.reply, row.shown) == ("done", "Try broader names.", True)
    assert (row.model, row.output_tokens) == ("scripted", 3)
    assert row.parameters["temperature"] == 0.7
    assert [prompt["name"] for prompt in row.prompts] == ["reactive", "workspace"]
    assert row.seconds is not None
    assert row.images == [{"category": land, "images": row.images[0]["images"]}]
    assert set(row.images[0]["images"]) == set(images_of(workspace)[:2])
    kind, payload = last(workspace)
    assert (kind, payload["text"], payload["offline"]) == (
        "agent.answered",
        "Try broader names.",
        False,
    )
    assert Message.objects.get(call=row, author="reactive").text == "Try broader names."


def test_the_request_is_stored_with_pictures_by_their_ids() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    image = images_of(workspace)[0]
    a_category(workspace, "land", [image])
    llm = ScriptedLLM("Yes.")
    advise.answer_call(ask(workspace, "Is this right?"), llm)
    stored = AgentCall.objects.get().request
    parts = [part for turn in stored for part in turn["parts"]]
    sent = llm.requests[0].pictures()[0].jpeg
    assert [(part["image"], part["sha256"]) for part in parts if "image" in part] == [
        (image, sha256(sent).hexdigest())
    ]
    assert len(llm.requests[0].pictures()) == 1
    assert stored[-1] == {"role": "user", "parts": [{"text": "Is this right?"}]}


def test_the_agent_sees_categories_the_log_and_the_dialogue() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    a_category(workspace, "land", images_of(workspace)[:1])
    llm = ScriptedLLM("Fine.", "And more.")
    advise.answer_call(ask(workspace, "I sort animals.", 1), llm)
    advise.answer_call(ask(workspace, "And now?", 5), llm)
    told, *dialogue = llm.requests[1].texts()
    assert dialogue == [
        "What kind of AI would you like to make?",
        "I sort animals.",
        "Fine.",
        "And now?",
    ]
    assert "Made the category “land”." in told


def test_words_arrive_before_the_answer_is_whole(frames: list[dict[str, Any]]) -> None:
    workspace = a_workspace(DUETML)
    call = ask(workspace, "What should I do?")
    advise.answer_call(call)
    assert {(frame["type"], frame["call"]) for frame in frames} == {("token", call)}
    assert "".join(frame["text"] for frame in frames) == AgentCall.objects.get().reply


def test_the_offline_advisor_is_told_as_such() -> None:
    workspace = a_workspace(DUETML, language="ja")
    advise.answer_call(ask(workspace, "どうすればいいですか？"))
    row = AgentCall.objects.get()
    assert (row.provider, row.model) == ("offline", "offline")
    assert [(one["name"], one["language"]) for one in row.prompts] == [("offline", "ja")]
    assert Message.objects.get(call=row, author="reactive").offline
    assert last(workspace)[1]["offline"] is True


def test_questions_are_answered_one_at_a_time_in_the_order_asked(
    sent: list[tuple[Job, str]],
) -> None:
    workspace = a_workspace(DUETML)
    first, second = ask(workspace, "First?"), ask(workspace, "Second?", 1)
    advise.answer_call(second)
    assert AgentCall.objects.get(pk=second).state == "queued"
    sent.clear()
    advise.answer_call(first)
    assert sent == [(Job.ANSWER, second)]
    advise.answer_call(second)
    assert [message.text for message in workspace.messages.filter(author="participant")] == [
        "First?",
        "Second?",
    ]
    assert AgentCall.objects.filter(state="done").count() == 2


def test_a_failed_answer_says_so_and_can_be_asked_again() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    call = ask(workspace, "Well?")
    advise.answer_call(call, ScriptedLLM(VendorError(Failure.RATE_LIMITED, "slow down")))
    assert last(workspace)[0] == "agent.failed"
    assert last(workspace)[1]["reason"] == "rate_limited"
    assert [one["call"] for one in queries.state(workspace)["chat"]["failed"]] == [call]
    again = str(do(workspace, "chat.retry", {"call": call}).result["call"])
    assert queries.state(workspace)["chat"]["failed"] == []
    llm = ScriptedLLM("Well indeed.")
    advise.answer_call(again, llm)
    assert llm.requests[0].texts()[-1] == "Well?"
    assert Message.objects.filter(author="participant").count() == 1


def test_a_question_is_asked_again_only_once() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    call = ask(workspace, "Well?")
    advise.answer_call(call, ScriptedLLM(VendorError(Failure.TIMEOUT, "")))
    do(workspace, "chat.retry", {"call": call})
    with pytest.raises(Refused):
        do(workspace, "chat.retry", {"call": call})


def test_a_vendor_without_a_key_fails_instead_of_another_advisor_answering() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    advise.answer_call(ask(workspace, "Well?"))
    assert last(workspace)[1]["reason"] == "unauthorised"


def test_a_failed_question_leaves_the_way_free_for_the_next() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    first, second = ask(workspace, "First?"), ask(workspace, "Second?", 1)
    llm = ScriptedLLM(VendorError(Failure.REFUSED, "no"), "Second indeed.")
    advise.answer_call(first, llm)
    advise.answer_call(second, llm)
    assert last(workspace)[1]["text"] == "Second indeed."


def test_an_answer_is_saved_once_though_two_workers_worked_on_it() -> None:
    workspace = a_workspace(DUETML)
    call = ask(workspace, "Well?")
    slow = answers.claim(call, NOW)
    assert slow is not None
    sweep()
    quick = answers.claim(call, timezone.now())
    assert quick is not None
    account = answers.Account(model="m")
    assert answers.answer(quick, answers.Answer("right"), account, NOW)
    assert not answers.answer(slow, answers.Answer("wrong"), account, NOW)
    assert [message.text for message in Message.objects.filter(author="reactive", call=slow)] == [
        "right"
    ]
    assert kinds(workspace).count("agent.answered") == 1


def due(workspace: Workspace) -> Any:
    """A workspace somebody has had open for more than an interval; the time then."""
    workspaces.seen(workspace.id, NOW)
    later = NOW + timedelta(seconds=61)
    Workspace.objects.filter(pk=workspace.pk).update(seen_at=later)
    return later


def test_the_proactive_agent_speaks_after_its_interval_and_once() -> None:
    workspace = a_workspace(DUETML)
    assert proactive.speak_up(NOW) == 0
    later = due(workspace)
    assert proactive.speak_up(later - timedelta(seconds=2)) == 0
    assert (proactive.speak_up(later), proactive.speak_up(later)) == (1, 0)
    call = AgentCall.objects.get()
    assert (call.agent, call.trigger, kinds(workspace)[-1]) == (
        "proactive",
        "timer",
        "agent.called",
    )
    advise.answer_call(str(call.id))
    assert Message.objects.get(author="proactive").text == last(workspace)[1]["text"]


def test_a_proactive_turn_waits_for_the_one_before_it() -> None:
    workspace = a_workspace(DUETML)
    later = due(workspace)
    proactive.speak_up(later)
    Workspace.objects.filter(pk=workspace.pk).update(seen_at=later + timedelta(seconds=61))
    assert proactive.speak_up(later + timedelta(seconds=61)) == 0
    assert AgentCall.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"proactive_on": False},
        {"closed_at": NOW},
        {"closes_at": NOW + timedelta(seconds=30)},
        {"seen_at": NOW},
    ],
)
def test_nobody_is_spoken_to_who_does_not_want_it_or_is_not_there(change: dict[str, Any]) -> None:
    workspace = a_workspace(DUETML)
    later = due(workspace)
    Workspace.objects.filter(pk=workspace.pk).update(**change)
    assert proactive.speak_up(later) == 0


def test_finding_who_is_due_takes_as_many_queries_for_three_as_for_none(
    django_assert_num_queries: Any,
) -> None:
    for _ in range(3):
        workspaces.seen(a_workspace(DUETML, pictures=0).id, NOW)
    with django_assert_num_queries(3):  # who is away, how many are under way, whose turn it is
        assert proactive.speak_up(NOW) == 0


def test_what_was_said_into_a_switched_off_toggle_is_kept_and_not_shown() -> None:
    workspace = a_workspace(DUETML)
    later = due(workspace)
    proactive.speak_up(later)
    do(workspace, "proactive.set", {"on": False}, now=later)
    advise.answer_call(str(AgentCall.objects.get().id))
    call = AgentCall.objects.get()
    assert (call.state, call.shown, bool(call.reply)) == ("done", False, True)
    assert not Message.objects.filter(author="proactive").exists()
    assert last(workspace) == (
        "agent.withheld",
        {"call": str(call.id), "agent": "proactive", "reason": "switched_off"},
    )


def test_the_toggle_leaves_the_reactive_agent_alone() -> None:
    workspace = a_workspace(DUETML)
    do(workspace, "proactive.set", {"on": False})
    advise.answer_call(ask(workspace, "Still there?"))
    assert last(workspace)[0] == "agent.answered"


def test_an_answer_that_comes_after_the_end_is_kept_and_not_shown() -> None:
    workspace = a_workspace(DUETML)
    call = ask(workspace, "Well?")
    workspaces.close(workspace.id, "clock", NOW)
    advise.answer_call(call)
    assert last(workspace)[1]["reason"] == "closed"
    assert not Message.objects.filter(author="reactive", call=UUID(call)).exists()


@pytest.mark.parametrize("preset", ["paper", "attentive"])
def test_the_proactive_agent_sees_the_dialogue_and_if_attentive_its_own_words(preset: str) -> None:
    workspace = a_workspace(DUETML, provider="openai", preset=preset)
    llm = ScriptedLLM("Answer.", "Remark one.", "Remark two.")
    advise.answer_call(ask(workspace, "I sort animals."), llm)
    later = due(workspace)
    for turn in range(2):
        now = later + timedelta(seconds=61 * turn)
        Workspace.objects.filter(pk=workspace.pk).update(seen_at=now)
        a_category(workspace, f"c{turn}")
        proactive.speak_up(now)
        advise.answer_call(str(AgentCall.objects.get(agent="proactive", state="queued").id), llm)
    seen = llm.requests[2].texts()[0]
    assert "I sort animals." in seen
    assert ("Remark one." in seen) == (preset == "attentive")


class MeetingLLM:
    """Answers once as many calls are being answered as the barrier waits for."""

    def __init__(self, calls: int) -> None:
        self.all_there = Barrier(calls, timeout=60)

    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        self.all_there.wait()
        yield Chunk(text="Good.")
        yield Chunk(usage=Usage(1, 1, "meeting", "stop"))


def test_more_calls_can_wait_for_the_vendor_than_there_are_connections() -> None:
    threads = 32
    assert threads < WORKERS["agents"][1]
    calls = [ask(a_workspace(DUETML, provider="openai"), "Why?") for _ in range(threads)]
    llm = MeetingLLM(threads)

    def as_a_worker(call: str) -> None:
        try:
            advise.answer_call(call, llm)
        finally:
            close_old_connections()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(as_a_worker, calls))
    assert set(AgentCall.objects.values_list("state", "attempt")) == {("done", 1)}


def test_a_lease_is_kept_over_a_renewal_that_failed_and_holds_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask(a_workspace(DUETML, provider="openai"), "Why?")
    call = AgentCall.claim(AgentCall.objects.get().pk, timezone.now())
    assert call is not None
    tries: list[Any] = []
    renewed = Event()

    def renew(now: Any) -> bool:
        if tries and tries[-1].connection is None:
            renewed.set()
        connection.ensure_connection()
        tries.append(connections["default"])
        if len(tries) == 1:
            raise OperationalError("the database is away")
        return True

    monkeypatch.setattr(call, "LEASE", timedelta(seconds=0.03))
    monkeypatch.setattr(call, "renew", renew)
    with kept(call) as lost:
        assert renewed.wait(10)
    assert not lost.is_set()


def test_a_server_of_ones_own_needs_no_key(settings: Settings) -> None:
    settings.OPENAI_API_KEY = None
    workspace = a_workspace(DUETML, provider="openai")
    call = ask(workspace, "What is wrong?")
    with Vendor() as server:
        settings.OPENAI_BASE_URL = server.url
        server.script(reply("Try broader names."))
        advise.answer_call(call)
    assert AgentCall.objects.get().reply == "Try broader names."


@pytest.mark.parametrize("answered", [True, False])
def test_how_often_the_vendor_was_asked_again_is_accounted_for(
    settings: Settings, answered: bool
) -> None:
    settings.OPENAI_API_KEY = "any key"
    call = ask(a_workspace(DUETML, provider="openai"), "What is wrong?")
    with Vendor() as server:
        settings.OPENAI_BASE_URL = server.url
        server.script(rate_limited("0"), reply("Good.") if answered else fails(400))
        advise.answer_call(call)
    row = AgentCall.objects.get()
    assert (row.state, row.retries) == ("done" if answered else "failed", 1)
