"""Replies kept in a file, so that a demo or a test is the same each time.

One JSON object a line: {"agent": "reactive", "trigger": "message", "number": 0, "text": "Try …",
"pieces": ["Try", " …"], "model": "gpt-4o-2024-08-06", "input_tokens": 812, "output_tokens": 24}.
`number` counts an agent's calls of one trigger in one workspace, from 0. `pieces` (what arrives
together) may be left out; a line with "error": a Failure in place of the text is a call that fails.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from duetml.llm.client import LLM, ChatRequest, Chunk, Failure, Usage, VendorError
from duetml.llm.scripted import in_words


class RecordingError(ValueError):
    """A file that is no recording; the text says where and why."""


class Reply(BaseModel):
    """What became of one call."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent: str = Field(min_length=1)
    trigger: str = Field(min_length=1)
    number: int = Field(ge=0)
    text: str = ""
    pieces: tuple[str, ...] | None = None
    model: str = "recorded"
    input_tokens: int | None = Field(default=None, ge=0)
    output_tokens: int | None = Field(default=None, ge=0)
    error: Failure | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        return self.agent, self.trigger, self.number

    @model_validator(mode="after")
    def _pieces_are_the_text(self) -> "Reply":
        if self.pieces is not None and "".join(self.pieces) != self.text:
            raise ValueError("pieces: together they are not the text")
        if not self.error and not self.text.strip():
            raise ValueError("text: there is none, nor an error")
        return self

    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        """See LLM.stream: this reply, whatever is asked."""
        for piece in self.pieces if self.pieces is not None else in_words(self.text):
            yield Chunk(text=piece)
        if self.error:
            raise VendorError(self.error, "so it was recorded")
        yield Chunk(usage=Usage(self.input_tokens, self.output_tokens, self.model, "stop"))


class _Missing:
    def __init__(self, what: str) -> None:
        self._what = what

    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        raise VendorError(Failure.UNAVAILABLE, f"the recording holds no reply for {self._what}")


class Recorded:
    """The replies of one recording."""

    def __init__(self, replies: Iterable[Reply]) -> None:
        self._replies = {reply.key: reply for reply in replies}

    def of(self, agent: str, trigger: str, number: int) -> LLM:
        """Whoever answers the agent's call of that trigger and number."""
        what = f"call {number} of the {agent} agent on {trigger}"
        return self._replies.get((agent, trigger, number)) or _Missing(what)


def read_recording(path: Path) -> Recorded:
    """Raises RecordingError, and OSError where the file cannot be read."""
    replies: dict[tuple[str, str, int], Reply] = {}
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # a text may hold other line ends
    except UnicodeDecodeError as problem:
        raise RecordingError(f"{path}: {problem}") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        reply = _reply(line, f"{path}, line {number}")
        if reply.key in replies:
            raise RecordingError(f"{path}, line {number}: the same call is there already")
        replies[reply.key] = reply
    if not replies:
        raise RecordingError(f"{path}: no reply is in it")
    return Recorded(replies.values())


def dump(replies: Iterable[Reply]) -> str:
    """The text of a recording, one line for each reply."""
    documents = (reply.model_dump(mode="json", exclude_defaults=True) for reply in replies)
    return "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)


def _reply(line: str, place: str) -> Reply:
    try:
        return Reply.model_validate_json(line)
    except ValidationError as problem:
        first = problem.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise RecordingError(f"{place}: {field + ': ' if field else ''}{reason}") from None
