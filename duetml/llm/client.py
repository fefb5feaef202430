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
    """One call. `timeout_seconds` is the ceiling of the whole call, retries included."""

    model: str
    messages: tuple[Turn, ...]
    temperature: float
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
    """Tokens as the vendor counted them (None: it did not say), how the answer ended, and how often
    it was asked for again before it came."""

    input_tokens: int | None
    output_tokens: int | None
    model: str
    finish_reason: str
    retries: int = 0


@dataclass(frozen=True)
class Chunk:
    """A piece of an answer. The last one of a whole answer has no text and carries the usage."""

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


class VendorError(Exception):
    """The one error a client raises. `detail` is for the log, never for a participant; `retries`
    is how often the request was repeated before the client gave up."""

    retries = 0

    def __init__(
        self, kind: Failure, detail: str, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds

    @property
    def may_pass(self) -> bool:
        """Whether the same request may succeed a little later."""
        return self.kind in {Failure.RATE_LIMITED, Failure.TIMEOUT, Failure.UNAVAILABLE}


class LLM(Protocol):
    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        """The answer in pieces, ended by one Chunk with usage. Raises VendorError, nothing else."""
        ...
