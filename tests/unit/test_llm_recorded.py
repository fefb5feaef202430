"""Replies from a file."""

from pathlib import Path

import pytest

from duetml.llm.client import ChatRequest, Failure, Text, Turn, Usage, VendorError
from duetml.llm.recorded import Recorded, RecordingError, Reply, dump, read_recording

REQUEST = ChatRequest("gpt-4o", (Turn("user", (Text("hello"),)),), 0.5, 100, 5)
FIRST = Reply(
    agent="reactive",
    trigger="message",
    number=0,
    text="Try broader names.\u2028「猫」はどうですか？\n",
    model="gpt-4o-2024-08-06",
    input_tokens=12,
    output_tokens=7,
)
SECOND = Reply(agent="reactive", trigger="message", number=1, text="ab", pieces=("a", "b"))
FAILED = Reply(agent="proactive", trigger="timer", number=0, error=Failure.RATE_LIMITED)


def said(recorded: Recorded, agent: str, trigger: str, number: int) -> list[str]:
    chunks = recorded.of(agent, trigger, number).stream(REQUEST)
    return [chunk.text for chunk in chunks if chunk.text]


def failure(recorded: Recorded, agent: str, trigger: str, number: int) -> VendorError:
    with pytest.raises(VendorError) as caught:
        said(recorded, agent, trigger, number)
    return caught.value


def test_a_recording_says_again_what_was_said(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    path.write_text(dump([FIRST, SECOND, FAILED]), encoding="utf-8")

    recorded = read_recording(path)

    assert "".join(said(recorded, "reactive", "message", 0)) == FIRST.text
    assert said(recorded, "reactive", "message", 1) == ["a", "b"]
    assert failure(recorded, "proactive", "timer", 0).kind is Failure.RATE_LIMITED


def test_it_ends_with_the_account_that_was_kept() -> None:
    *_, last = Recorded([FIRST]).of("reactive", "message", 0).stream(REQUEST)

    assert last.usage == Usage(12, 7, "gpt-4o-2024-08-06", "stop")


@pytest.mark.parametrize(
    "call", [("reactive", "message", 1), ("proactive", "message", 0), ("reactive", "ask_data", 0)]
)
def test_a_call_that_was_not_recorded_is_answered_by_nobody(call: tuple[str, str, int]) -> None:
    error = failure(Recorded([FIRST]), *call)

    assert error.kind is Failure.UNAVAILABLE
    assert "the recording holds no reply for" in error.detail


def test_a_reply_that_broke_off_breaks_off_again() -> None:
    cut = FIRST.model_copy(update={"error": Failure.CUT_STREAM})
    heard: list[str] = []

    with pytest.raises(VendorError):
        heard.extend(chunk.text for chunk in cut.stream(REQUEST))

    assert "".join(heard) == FIRST.text


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("", "no reply"),
        ("{", "line 1"),
        ('{"agent": "reactive", "trigger": "message"}', "line 1: number"),
        ('\n{"agent": "a", "trigger": "t", "number": -1, "text": "x"}', "line 2: number"),
        ('{"agent": "a", "trigger": "t", "number": 0}', "there is none"),
        ('{"agent": "a", "trigger": "t", "number": 0, "text": "x", "pieces": ["y"]}', "pieces"),
        ('{"agent": "a", "trigger": "t", "number": 0, "error": "sulks"}', "error"),
        ('{"agent": "a", "trigger": "t", "number": 0, "text": "x"}\n' * 2, "line 2: the same call"),
    ],
)
def test_a_file_that_is_no_recording_says_where(tmp_path: Path, lines: str, reason: str) -> None:
    path = tmp_path / "replies.jsonl"
    path.write_text(lines)

    with pytest.raises(RecordingError, match=reason):
        read_recording(path)
