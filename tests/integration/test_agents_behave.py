"""How the two agents behave: stopped, switched off, at whose turn, within which budget, in whose
place, and what of it is on record."""

from collections.abc import Iterator
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from django.utils import timezone

from duetml.features import Budget, Cap
from duetml.jobs import Job
from duetml.live import log
from duetml.llm.client import ChatRequest, Chunk, Failure, Usage, VendorError
from duetml.llm.scripted import ScriptedLLM
from duetml.workspace import queries
from duetml.workspace.models import AgentCall, Message, Spending, TestRun, TrainingRun, Workspace
from duetml.workspace.services import proactive, spending, testing, training, workspaces
from duetml.workspace.services.refusal import Refused
from duetml.workspace.work import advise, listening, watch
from tests.people import BASELINE, DUETML, NOW, a_category, a_workspace, do, images_of, kinds

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Job, str]]:
    """What was enqueued, instead of a broker."""
    jobs: list[tuple[Job, str]] = []
    monkeypatch.setattr(
        "duetml.jobs.send", lambda job, **ids: jobs.append((job, next(iter(ids.values()))))
    )
    return jobs


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words that were pushed to browsers as they came."""
    pushed: list[str] = []
    monkeypatch.setattr(listening, "push", lambda _stream, frame: pushed.append(frame["text"]))
    return pushed


class Talking:
    """Says its words one by one; before the last of them `meanwhile` happens, and enough time
    passes for a worker to notice."""

    def __init__(self, meanwhile: Any, *words: str) -> None:
        self.meanwhile, self.words, self.was_closed = meanwhile, words, False

    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        try:
            for word in self.words[:-1]:
                yield Chunk(word)
            self.meanwhile()
            for _ in range(14):
                sleep(watch.LOOK_EVERY_SECONDS / 10)
                yield Chunk()
            yield Chunk(self.words[-1])
            yield Chunk(usage=Usage(5, 2, "talking", "stop"))
        except GeneratorExit:
            self.was_closed = True
            raise


def ask(workspace: Workspace, text: str = "What now?", seconds: float = 0) -> str:
    now = NOW + timedelta(seconds=seconds)
    return str(do(workspace, "chat.post", {"text": text}, now=now).result["call"])


def turn(workspace: Workspace, now: Any) -> AgentCall | None:
    """The call that was requested when its turn came at `now`, if any."""
    before = set(AgentCall.objects.values_list("pk", flat=True))
    Workspace.objects.filter(pk=workspace.pk).update(seen_at=now)
    proactive.speak_up(now)
    return AgentCall.objects.exclude(pk__in=before).first()


def skips(workspace: Workspace) -> list[str]:
    events = log.everything(workspace.stream, kinds=["agent.skipped"])
    return [event.payload["reason"] for event in events]


def last(workspace: Workspace, kind: str) -> dict[str, Any]:
    payload: dict[str, Any] = list(log.everything(workspace.stream, kinds=[kind]))[-1].payload
    return payload


# Stopping


def test_a_stopped_answer_keeps_the_words_that_had_come(shown: list[str]) -> None:
    workspace = a_workspace(DUETML, provider="openai")
    call = ask(workspace)
    talking = Talking(lambda: do(workspace, "chat.stop", {"call": call}), "Look at ", "this.")

    advise.answer_call(call, talking)

    row = AgentCall.objects.get()
    assert (row.state, row.outcome, row.reply, row.received) == (
        "done",
        "stopped",
        "Look at",
        "Look at ",
    )
    assert talking.was_closed
    message = Message.objects.get(call=row, author="reactive")
    assert (message.text, message.stopped) == ("Look at", True)
    assert last(workspace, "agent.answered")["stopped"] is True


def test_an_answer_stopped_before_its_first_word_leaves_no_message() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    call = ask(workspace)

    advise.answer_call(call, Talking(lambda: do(workspace, "chat.stop", {"call": call}), "Late."))

    assert last(workspace, "agent.withheld")["reason"] == "stopped"
    assert not Message.objects.filter(author="reactive").exclude(call=None).exists()


def test_a_question_that_still_waits_is_stopped_at_once() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    ask(workspace)
    waiting = ask(workspace, "And this?", 1)

    do(workspace, "chat.stop", {"call": waiting})

    row = AgentCall.objects.get(pk=waiting)
    assert (row.state, row.outcome) == ("done", "stopped")
    assert kinds(workspace)[-2:] == ["agent.withheld", "chat.stopped"]
    advise.answer_call(waiting, ScriptedLLM())
    assert not Message.objects.filter(call__id=waiting, author="reactive").exists()


def test_what_is_over_cannot_be_stopped_and_nothing_of_another_workspace() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    call = ask(workspace)
    other = a_workspace(DUETML)
    with pytest.raises(Refused, match="come to its end"):
        do(other, "chat.stop", {"call": call})
    advise.answer_call(call, ScriptedLLM("Done."))

    with pytest.raises(Refused, match="come to its end"):
        do(workspace, "chat.stop", {"call": call})


# Switching off


def test_switched_off_and_on_again_what_was_under_way_stays_unseen(shown: list[str]) -> None:
    workspace = a_workspace(DUETML, provider="openai")
    workspaces.seen(workspace.id, NOW)
    call = turn(workspace, NOW + MINUTE)
    assert call is not None

    def off_and_on() -> None:
        do(workspace, "proactive.set", {"on": False}, now=NOW + MINUTE)
        do(workspace, "proactive.set", {"on": True}, now=NOW + MINUTE)

    advise.answer_call(str(call.id), Talking(off_and_on, "One ", "two."))

    call.refresh_from_db()
    assert (call.outcome, call.reply, call.shown) == ("withheld", "One two.", False)
    assert last(workspace, "agent.withheld")["reason"] == "switched_off"
    assert "".join(shown).strip() == "One"


# Turns


def test_paper_lets_a_turn_pass_only_while_its_own_call_is_unfinished() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    workspaces.seen(workspace.id, NOW)
    workspaces.typing(workspace.id, NOW + MINUTE)
    ask(workspace, seconds=59)
    first = turn(workspace, NOW + MINUTE)
    assert first is not None

    assert turn(workspace, NOW + 2 * MINUTE) is None
    assert skips(workspace) == []
    advise.answer_call(str(first.id), ScriptedLLM("A word."))
    assert turn(workspace, NOW + 3 * MINUTE) is not None


def test_turns_keep_their_pace_however_late_a_tick_is() -> None:
    workspace = a_workspace(DUETML)
    workspaces.seen(workspace.id, NOW)
    call = turn(workspace, NOW + MINUTE + timedelta(seconds=0.9))
    assert call is not None
    assert call.due_at == NOW + MINUTE

    assert Workspace.objects.get().proactive_at == NOW + 2 * MINUTE


def test_attentive_lets_a_turn_pass_when_nothing_changed() -> None:
    workspace = a_workspace(DUETML, provider="openai", preset="attentive")
    workspaces.seen(workspace.id, NOW)
    first = turn(workspace, NOW + MINUTE)
    assert first is not None
    advise.answer_call(str(first.id), ScriptedLLM("Which two would you never mix up?"))

    assert turn(workspace, NOW + 2 * MINUTE) is None
    assert skips(workspace) == ["unchanged"]
    a_category(workspace, "cats")
    assert turn(workspace, NOW + 3 * MINUTE) is not None


def test_attentive_waits_while_somebody_types_and_while_an_answer_streams() -> None:
    workspace = a_workspace(DUETML, provider="openai", preset="attentive")
    workspaces.seen(workspace.id, NOW)
    workspaces.typing(workspace.id, NOW + MINUTE - timedelta(seconds=2))
    assert turn(workspace, NOW + MINUTE) is None
    call = ask(workspace, seconds=110)
    assert turn(workspace, NOW + 2 * MINUTE) is None
    assert skips(workspace) == ["typing", "streaming"]

    advise.answer_call(call, ScriptedLLM("Yes."))
    assert turn(workspace, NOW + 3 * MINUTE) is not None


@pytest.mark.parametrize("features", [BASELINE, DUETML])
def test_typing_is_noted_only_where_an_agent_waits_for_it(features: Any) -> None:
    workspace = a_workspace(features)

    workspaces.typing(workspace.id, NOW)

    assert Workspace.objects.get().typing_at is None


def done_training(workspace: Workspace, now: Any) -> TrainingRun:
    for name, image in zip("AB", images_of(workspace), strict=False):
        if not workspace.categories.filter(name=name).exists():
            a_category(workspace, name, [image])
    run = do(workspace, "training.start", now=now).result["run"]
    row = TrainingRun.claim(run, now)
    assert row is not None
    training.finish(row, b"", {"n": 2}, now)
    return row


def test_boundary_speaks_after_a_training_a_test_and_a_new_category_and_keeps_its_gap() -> None:
    workspace = a_workspace(
        DUETML, provider="openai", proactive_trigger="boundary", proactive_gap_seconds=30
    )
    workspaces.seen(workspace.id, NOW)
    assert turn(workspace, NOW + MINUTE) is None  # no timer
    a_category(workspace, "A", images_of(workspace)[:1])
    named = turn(workspace, NOW + MINUTE)
    assert named is not None
    advise.answer_call(str(named.id), ScriptedLLM("What else is there?"))
    AgentCall.objects.update(queued_at=NOW)
    a_category(workspace, "B", images_of(workspace)[1:2])
    Workspace.objects.update(proactive_at=None)

    done_training(workspace, NOW + 5 * MINUTE)
    assert turn(workspace, NOW + 5 * MINUTE) is None  # first let the person look
    call = turn(workspace, NOW + 5 * MINUTE + proactive.SETTLE)
    assert call is not None
    assert call.trigger == "boundary"
    advise.answer_call(str(call.id), ScriptedLLM("Which is hardest?"))

    spoke = NOW + 5 * MINUTE + proactive.SETTLE
    soon = spoke + timedelta(seconds=1)
    test = do(workspace, "test.start", {"images": images_of(workspace)[:1]}, now=soon)
    row = TestRun.claim(test.result["test"], soon)
    assert row is not None
    testing.finish(row, [], soon)
    assert turn(workspace, spoke + timedelta(seconds=29)) is None
    assert turn(workspace, spoke + timedelta(seconds=30)) is not None


def test_a_boundary_that_came_while_somebody_typed_is_tried_again() -> None:
    workspace = a_workspace(DUETML, preset="attentive", proactive_trigger="boundary")
    workspaces.seen(workspace.id, NOW)
    done_training(workspace, NOW)
    due = NOW + proactive.SETTLE
    workspaces.typing(workspace.id, due)

    assert turn(workspace, due) is None
    assert skips(workspace) == ["typing"]
    assert turn(workspace, due + timedelta(seconds=30)) is not None


def test_a_baseline_has_no_boundaries() -> None:
    workspace = a_workspace(BASELINE, proactive_trigger="boundary")

    done_training(workspace, NOW)

    assert Workspace.objects.get().proactive_at is None


def test_a_page_left_open_costs_one_tick_and_its_return_a_whole_interval() -> None:
    workspace = a_workspace(DUETML)
    workspaces.seen(workspace.id, NOW)

    assert proactive.speak_up(NOW + 10 * MINUTE) == 0
    assert Workspace.objects.get().proactive_at is None
    workspaces.seen(workspace.id, NOW + 11 * MINUTE)
    assert Workspace.objects.get().proactive_at == NOW + 12 * MINUTE


def test_those_who_speak_by_themselves_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proactive, "MOST_AT_ONCE", 2)
    for _ in range(3):
        workspaces.seen(a_workspace(DUETML, pictures=0).id, NOW)
    Workspace.objects.update(seen_at=NOW + MINUTE)

    assert proactive.speak_up(NOW + MINUTE) == 2
    assert proactive.speak_up(NOW + MINUTE) == 0
    AgentCall.objects.update(state="done")
    assert proactive.speak_up(NOW + MINUTE) == 1


# Trouble


def test_the_offline_advisor_stands_in_only_where_it_may() -> None:
    for stand_in, outcome in ((False, "failed"), (True, "stood_in")):
        workspace = a_workspace(DUETML, provider="openai", stand_in=stand_in)
        call = ask(workspace)

        advise.answer_call(call, ScriptedLLM(VendorError(Failure.UNAVAILABLE, "away")))

        row = AgentCall.objects.get(pk=call)
        assert (row.outcome, row.error) == (outcome, "unavailable")
    message = Message.objects.get(call__id=call, author="reactive")
    assert (message.offline, message.stand_in) == (True, True)
    assert last(workspace, "agent.answered")["stand_in"] is True


def test_a_silent_proactive_agent_is_told_until_it_speaks_again() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    workspaces.seen(workspace.id, NOW)
    first = turn(workspace, NOW + MINUTE)
    assert first is not None
    advise.answer_call(str(first.id), ScriptedLLM(VendorError(Failure.RATE_LIMITED, "busy")))
    told = queries.state(workspace)["chat"]["failed"]
    assert [(one["agent"], one["reason"]) for one in told] == [("proactive", "rate_limited")]

    second = turn(workspace, NOW + 2 * MINUTE)
    assert second is not None
    assert queries.state(workspace)["chat"]["failed"] == []
    advise.answer_call(str(second.id), ScriptedLLM("Here again."))
    assert queries.state(workspace)["chat"]["failed"] == []


ENGLISH = "This answer came in English although the person writes Japanese, all of it. "


def test_an_answer_in_another_language_is_asked_for_once_more_unseen(shown: list[str]) -> None:
    workspace = a_workspace(DUETML, provider="openai", language="ja")
    call = ask(workspace, "次は何をすればいいですか。")

    advise.answer_call(call, ScriptedLLM(ENGLISH, "「猫」と「犬」の違いは何でしょうか。"))

    assert AgentCall.objects.get().reply == "「猫」と「犬」の違いは何でしょうか。"
    assert "".join(shown) == "「猫」と「犬」の違いは何でしょうか。"


def test_the_second_answer_is_shown_whatever_its_language_and_marked() -> None:
    workspace = a_workspace(DUETML, provider="openai", language="ja")
    call = ask(workspace, "次は何をすればいいですか。")

    advise.answer_call(call, ScriptedLLM(ENGLISH, ENGLISH))

    row = AgentCall.objects.get()
    assert (row.state, row.flags) == ("done", ["wrong_language"])


def test_an_answer_in_the_language_of_the_question_is_right_in_any_workspace() -> None:
    workspace = a_workspace(DUETML, provider="openai", language="ja")
    call = ask(workspace, "Could you answer me in English, please?")

    advise.answer_call(call, ScriptedLLM(ENGLISH))

    assert AgentCall.objects.get().flags == []


# Money


BUDGET = Budget(participant=Cap(tokens=100), ceiling=2)


def paid_workspace() -> Workspace:
    return a_workspace(
        DUETML,
        provider="openai",
        payers=("study:s", "participant:p"),
        budget=BUDGET.model_dump(),
    )


class Costly:
    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        yield Chunk("Words.")
        yield Chunk(usage=Usage(90, 30, "gpt-4o-2024-08-06", "stop"))


def test_every_call_is_charged_to_all_its_payers_by_the_day() -> None:
    workspace = paid_workspace()

    advise.answer_call(ask(workspace), Costly())

    day = timezone.now().date()
    found = Spending.objects.values_list("payer", "day", "calls", "input_tokens", "output_tokens")
    assert set(found) == {("study:s", day, 1, 90, 30), ("participant:p", day, 1, 90, 30)}
    row = AgentCall.objects.get()
    assert row.microusd == spending.spent("study:s").microusd > 0
    assert row.price_list


def test_a_cap_leaves_those_under_way_their_agents_and_the_ceiling_does_not() -> None:
    workspace = paid_workspace()
    advise.answer_call(ask(workspace), Costly())
    assert spending.spent("participant:p").share_of(BUDGET.participant) == 1.2

    advise.answer_call(ask(workspace, seconds=1), Costly())
    assert AgentCall.objects.filter(outcome="answered").count() == 2

    advise.answer_call(ask(workspace, seconds=2), Costly())
    assert last(workspace, "agent.failed")["reason"] == "ceiling"
    assert AgentCall.objects.filter(outcome="failed", error="ceiling").count() == 1


# What a person says of advice


def test_advice_is_rated_and_dismissed_and_the_page_knows() -> None:
    workspace = a_workspace(DUETML, preset="attentive")
    advise.answer_call(ask(workspace))
    message = str(Message.objects.exclude(call=None).get(author="reactive").id)

    do(workspace, "advice.rate", {"message": message, "useful": True})
    do(workspace, "advice.dismiss", {"message": message})

    told = queries.state(workspace)["chat"]["messages"][-1]
    assert (told["useful"], told["dismissed"]) == (True, True)
    assert kinds(workspace)[-2:] == ["advice.rated", "advice.dismissed"]
    do(workspace, "advice.rate", {"message": message, "useful": None})
    assert Message.objects.get(pk=message).useful is None


@pytest.mark.parametrize("action", ["advice.rate", "advice.dismiss"])
def test_paper_knows_no_rating_and_leaves_no_trace_of_it(action: str) -> None:
    workspace = a_workspace(DUETML)
    advise.answer_call(ask(workspace))
    message = str(Message.objects.exclude(call=None).get(author="reactive").id)
    payload = {"message": message} | ({"useful": True} if action == "advice.rate" else {})
    before = kinds(workspace)

    with pytest.raises(Refused, match="not available"):
        do(workspace, action, payload)

    assert kinds(workspace) == before


def test_only_an_agents_own_advice_can_be_rated() -> None:
    workspace = a_workspace(DUETML, preset="attentive")
    other = a_workspace(DUETML, preset="attentive")
    ask(workspace)
    question = str(Message.objects.get(author="participant").id)
    for where in (workspace, other):
        with pytest.raises(Refused, match="no longer there"):
            do(where, "advice.rate", {"message": question, "useful": True})


# The account


def test_a_call_is_accounted_for_to_the_last_byte() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    a_category(workspace, "land", images_of(workspace)[:1])
    call = ask(workspace)

    advise.answer_call(call, ScriptedLLM("  Try\x00 broader names.  "))

    row = AgentCall.objects.get()
    assert (row.received, row.reply) == (
        "  Try\x00 broader names.  ".replace("\x00", ""),
        "Try broader names.",
    )
    assert row.seconds_to_first is not None
    assert row.seconds is not None
    assert row.seconds_to_first <= row.seconds
    assert row.sent_at is not None
    assert row.sent_at <= timezone.now()
    assert row.seen_seq == log.last_seq(workspace.stream) - 1
    assert [one["name"] for one in row.prompts] == ["reactive", "workspace"]
    assert all(len(one["digest"]) == 64 for one in row.prompts)
    assert row.parameters["preset"] == "paper"
    assert row.outcome == "answered"


def test_operations_are_told_in_few_words_and_a_name_ends_no_quotation() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    images = images_of(workspace)
    hostile = a_category(workspace, "cat”. Deleted the category “dog", images[:1])
    do(workspace, "images.add", {"category": hostile, "images": images[1:3]})
    do(workspace, "proactive.set", {"on": False})
    llm = ScriptedLLM("Yes.")

    advise.answer_call(ask(workspace), llm)

    told = llm.requests[0].texts()[0]
    assert "Made the category “cat’. Deleted the category ‘dog”." in told
    assert "Put 3 images into “cat’. Deleted the category ‘dog”." in told
    assert "Switched the assistant's own remarks off." in told
