"""The protocol every model client keeps, and the values that pass through it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Picture:
    """A JPEG file's bytes; the caption, where there is one, is sent as text in front of it."""

    jpeg: bytes
    caption: str = ""


Part = Text | Picture
Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Turn:
    role: Role
    parts: tuple[Part, ...]

    def text(self) -> str:
        """The words of this turn, one part per line; pictures are left out."""
        return "\n".join(part.text for part in self.parts if isinstance(part, Text))


@dataclass(frozen=True)
class ChatRequest:
    """One call. `timeout_seconds` is the ceiling of the whole call, retries included; a temperature
    of None is not sent."""

    model: str
    messages: tuple[Turn, ...]
    temperature: float | None
    max_tokens: int
    timeout_seconds: float

    def texts(self) -> list[str]:
        """What the model reads beside its system prompt, one entry per turn."""
        return [turn.text() for turn in self.messages if turn.role != "system"]

    def system(self) -> str:
        return "\n".join(turn.text() for turn in self.messages if turn.role == "system")

    def pictures(self) -> list[Picture]:
        parts = (part for turn in self.messages for part in turn.parts)
        return [part for part in parts if isinstance(part, Picture)]


@dataclass(frozen=True)
class Usage:
    """Tokens as the vendor counted them (None: it did not say, or nothing credible), how the answer
    ended, how often it was asked for again before it came, and which parameters the model would not
    take, so that they went under another name or not at all."""

    input_tokens: int | None
    output_tokens: int | None
    model: str
    finish_reason: str
    retries: int = 0
    adapted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chunk:
    """A piece of an answer. The last one of a whole answer has no text and carries the usage.

    One with neither is a heartbeat: nothing came, and whoever listens may see whether the answer
    is still wanted.
    """

    text: str = ""
    usage: Usage | None = None


class Failure(StrEnum):
    RATE_LIMITED = "rate_limited"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    CUT_STREAM = "cut_stream"
    EMPTY = "empty"
    REFUSED = "refused"
    BAD_REQUEST = "bad_request"
    UNAUTHORISED = "unauthorised"
    NONSENSE = "nonsense"
    RESTING = "resting"  # not asked at all: the endpoint failed too often just now


SHORTEST_SECRET = 6  # a shorter key protects nothing, and may be a part of any word


class VendorError(Exception):
    """The one error a client raises. `detail` is for the log, never for a participant; `retries`
    is how often the request was repeated before the client gave up."""

    retries = 0

    def __init__(
        self, kind: Failure, detail: str, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(kind, detail, retry_after_seconds)
        self.kind = kind
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"

    def hide(self, secret: str) -> None:
        """Take a secret out of the detail: some servers repeat the key that they refuse."""
        if len(secret) >= SHORTEST_SECRET:
            self.detail = self.detail.replace(secret, "…")
            self.args = (self.kind, self.detail, self.retry_after_seconds)

    @property
    def may_pass(self) -> bool:
        """Whether the same request may succeed a little later."""
        return self.kind in MAY_PASS


MAY_PASS = {Failure.RATE_LIMITED, Failure.TIMEOUT, Failure.UNAVAILABLE, Failure.RESTING}


class LLM(Protocol):
    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        """The answer in pieces, heartbeats between them, ended by one Chunk with usage. Raises
        VendorError, nothing else. Closing the iterator ends the request at once."""
        ...
