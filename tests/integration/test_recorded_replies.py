"""A workspace's replies are written down, and given again in another one."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from duetml.llm.client import ChatRequest, Chunk, Failure, Text, Turn, Usage, VendorError
from duetml.llm.recorded import read_recording
from duetml.llm.scripted import ScriptedLLM
from duetml.workspace.models import AgentCall, Workspace
from duetml.workspace.work import advise
from duetml.workspace.work.llm import vendor_for
from tests.people import DUETML, NOW, a_workspace, do

pytestmark = pytest.mark.django_db(transaction=True)

REQUEST = ChatRequest("gpt-4o", (Turn("user", (Text("hello"),)),), 0.5, 100, 5)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duetml.jobs.send", lambda job, **ids: None)


def asked(workspace: Workspace, text: str, seconds: float) -> AgentCall:
    now = NOW + timedelta(seconds=seconds)
    call = do(workspace, "chat.post", {"text": text}, now=now).result["call"]
    return AgentCall.objects.get(pk=call)


def recording_of(workspace: Workspace, folder: Path) -> Path:
    out = StringIO()
    call_command("record_replies", str(workspace.id), stdout=out)
    path = folder / "replies.jsonl"
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def said(call: AgentCall) -> str:
    """The reply, or the reason why there is none."""
    advise.answer_call(str(call.id), vendor_for(call))
    call.refresh_from_db()
    return call.reply or call.error


def test_the_same_calls_of_another_workspace_get_the_same_replies(
    settings: Settings, tmp_path: Path
) -> None:
    workspace = a_workspace(DUETML, provider="openai")
    llm = ScriptedLLM("Try broader names.", VendorError(Failure.REFUSED, "no"), "猫は？ そうです。")
    for number, text in enumerate(("First?", "Second?", "Third?")):
        advise.answer_call(str(asked(workspace, text, number).id), llm)

    settings.RECORDED = recording_of(workspace, tmp_path)
    another = a_workspace(DUETML, provider="openai")
    again = [said(asked(another, "Something else?", number)) for number in range(4)]

    assert again == ["Try broader names.", "refused", "猫は？ そうです。", "unavailable"]


class Interrupted:
    """Says half of it."""

    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        yield Chunk(text="One ")
        yield Chunk(text="two")
        raise VendorError(Failure.CUT_STREAM, "the line went dead")


def test_tokens_and_model_are_recorded(tmp_path: Path) -> None:
    workspace = a_workspace(DUETML, provider="openai")
    call = asked(workspace, "First?", 0)
    advise.answer_call(str(call.id), ScriptedLLM("Try it."))
    row = AgentCall.objects.get()

    *_, last = (
        read_recording(recording_of(workspace, tmp_path))
        .of("reactive", "message", 0)
        .stream(REQUEST)
    )

    assert last.usage == Usage(row.input_tokens, row.output_tokens, "scripted", "stop")


def test_a_reply_that_broke_off_is_recorded_as_far_as_it_came(
    settings: Settings, tmp_path: Path
) -> None:
    workspace = a_workspace(DUETML, provider="openai")
    advise.answer_call(str(asked(workspace, "First?", 0).id), Interrupted())

    settings.RECORDED = recording_of(workspace, tmp_path)
    heard: list[str] = []
    with pytest.raises(VendorError):
        heard.extend(chunk.text for chunk in vendor_for(AgentCall.objects.get()).stream(REQUEST))

    assert "".join(heard) == "One two"


def test_a_workspace_that_is_not_there_is_told() -> None:
    with pytest.raises(CommandError, match="no workspace"):
        call_command("record_replies", "00000000-0000-0000-0000-000000000000")
