"""An OpenAI-compatible vendor, spoken to through the openai package."""

import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from random import Random
from threading import Event, Thread

import openai
from openai.types.chat import (
    ChatCompletionChunk,
    ChatCompletionContentPartParam,
    ChatCompletionMessageParam,
)

from duetml.llm.client import (
    ChatRequest,
    Chunk,
    Failure,
    Part,
    Picture,
    Text,
    Turn,
    Usage,
    VendorError,
)
from duetml.llm.failures import vendor_error

CONNECT_SECONDS = 10.0
QUIET_SECONDS = 20.0  # a vendor silent for this long is asked again, while the ceiling allows it
LONGEST_PAUSE_SECONDS = 20.0


class OpenAIClient:
    """One vendor account. Safe to share between threads: a call keeps its own connection.

    Retries only while nothing of the answer has come, only for failures that may pass, after a
    pause with jitter or the vendor's own Retry-After (above LONGEST_PAUSE_SECONDS it gives up).
    """

    def __init__(
        self,
        api_key: str,
        base_url: str,
        max_retries: int = 2,
        rng: Random | None = None,
        first_pause_seconds: float = 0.5,
        quiet_seconds: float = QUIET_SECONDS,
    ) -> None:
        self._api_key = api_key
        self._base_url = base_url
        self._max_retries = max_retries
        self._rng = rng or Random()
        self._first_pause_seconds = first_pause_seconds
        self._quiet_seconds = quiet_seconds

    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        """See LLM.stream."""
        deadline = time.monotonic() + request.timeout_seconds
        attempt, begun = 0, False
        while True:
            try:
                for chunk in self._attempt(request, deadline):
                    begun = True
                    yield _counted(chunk, attempt)
                return
            except VendorError as error:
                error.retries = attempt
                longest = min(LONGEST_PAUSE_SECONDS, deadline - time.monotonic())
                pause = self._pause(error, attempt)
                last = attempt >= self._max_retries or pause >= longest
                if begun or last or not error.may_pass:
                    raise
            time.sleep(pause)
            attempt += 1

    def _pause(self, error: VendorError, attempt: int) -> float:
        if error.retry_after_seconds is not None:
            return error.retry_after_seconds
        doubled: float = self._first_pause_seconds * 2**attempt
        return doubled * self._rng.uniform(0.5, 1.5)

    def _vendor(self, seconds_left: float) -> openai.OpenAI:
        quiet, connect = min(seconds_left, self._quiet_seconds), min(seconds_left, CONNECT_SECONDS)
        try:
            return openai.OpenAI(
                api_key=self._api_key,
                base_url=self._base_url,
                max_retries=0,  # one retry policy: the one above
                timeout=openai.Timeout(quiet, connect=connect),
            )
        except Exception as error:  # an address or a key the package cannot work with
            raise VendorError(Failure.BAD_REQUEST, f"{type(error).__name__}: {error}") from error

    def _attempt(self, request: ChatRequest, deadline: float) -> Iterator[Chunk]:
        """One call, read by a thread of its own.

        No socket timeout bounds a whole answer: a vendor that drips a byte now and then resets
        each of them. Waiting on a queue does; the reader ends when its connection is closed.
        """
        arrived: SimpleQueue[Chunk | VendorError | None] = SimpleQueue()
        vendor = self._vendor(max(0.001, deadline - time.monotonic()))
        abandoned = Event()
        reader = Thread(target=_read, args=(vendor, request, arrived, abandoned), daemon=True)
        reader.start()
        try:
            yield from _until(deadline, arrived)
        finally:
            abandoned.set()
            vendor.close()


def _counted(chunk: Chunk, retries: int) -> Chunk:
    return replace(chunk, usage=replace(chunk.usage, retries=retries)) if chunk.usage else chunk


def _until(deadline: float, arrived: "SimpleQueue[Chunk | VendorError | None]") -> Iterator[Chunk]:
    while True:
        try:
            item = arrived.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            raise VendorError(Failure.TIMEOUT, "the whole answer took too long") from None
        if item is None:
            return
        if isinstance(item, VendorError):
            raise item
        yield item


def _read(
    vendor: openai.OpenAI,
    request: ChatRequest,
    arrived: "SimpleQueue[Chunk | VendorError | None]",
    abandoned: Event,
) -> None:
    begun = False
    try:
        for chunk in _answer(vendor, request):
            begun = True
            arrived.put(chunk)
            if abandoned.is_set():
                return
        arrived.put(None)
    except Exception as error:  # whatever a vendor sends, callers meet one kind of error
        arrived.put(vendor_error(error, begun, datetime.now(UTC)))


def _answer(vendor: openai.OpenAI, request: ChatRequest) -> Iterator[Chunk]:
    """The pieces of one answer. Raises whatever the openai package raises, and VendorError."""
    stream = vendor.chat.completions.create(
        model=request.model,
        messages=[_message(turn) for turn in request.messages],
        temperature=request.temperature,
        max_tokens=request.max_tokens,
        stream=True,
        stream_options={"include_usage": True},
    )
    kind = stream.response.headers.get("content-type", "")
    if not kind.startswith("text/event-stream"):
        raise VendorError(Failure.NONSENSE, f"expected a stream of events, got {kind or 'nothing'}")
    said, ended, model = False, "", request.model
    tokens: tuple[int | None, int | None] = (None, None)
    for part in stream:
        model = part.model or model
        text, finish = _piece(part)
        ended = finish or ended
        if part.usage is not None:
            tokens = (part.usage.prompt_tokens, part.usage.completion_tokens)
        if text:
            said = said or not text.isspace()
            yield Chunk(text=text)
    yield Chunk(usage=_checked(Usage(*tokens, model, ended), said))


def _piece(part: ChatCompletionChunk) -> tuple[str, str]:
    """(text, finish reason) of one event; a usage event has neither."""
    if not part.choices:
        return "", ""
    choice = part.choices[0]
    if choice.delta.refusal:
        raise VendorError(Failure.REFUSED, f"the model refused: {choice.delta.refusal}")
    text = choice.delta.content or ""
    if not isinstance(text, str):  # the package does not validate what it is sent
        raise VendorError(Failure.NONSENSE, f"content is a {type(text).__name__}, not text")
    return text, choice.finish_reason or ""


def _checked(usage: Usage, said: bool) -> Usage:
    """The usage of an answer that is whole; raises VendorError for one that is not."""
    if usage.finish_reason == "content_filter":
        raise VendorError(Failure.REFUSED, "the vendor's content filter stopped the answer")
    if not usage.finish_reason:
        kind = Failure.CUT_STREAM if said else Failure.EMPTY
        raise VendorError(kind, "the stream ended without a finish reason")
    if not said:
        raise VendorError(Failure.EMPTY, f"no text, finish reason {usage.finish_reason}")
    return usage


def _message(turn: Turn) -> ChatCompletionMessageParam:
    if turn.role == "system":
        return {"role": "system", "content": turn.text()}
    if turn.role == "assistant":
        return {"role": "assistant", "content": turn.text()}
    if not any(isinstance(part, Picture) for part in turn.parts):
        return {
            "role": "user",
            "content": turn.text(),
        }  # servers without vision take a plain string
    return {"role": "user", "content": [item for part in turn.parts for item in _content(part)]}


def _content(part: Part) -> Iterator[ChatCompletionContentPartParam]:
    if isinstance(part, Text):
        yield {"type": "text", "text": part.text}
        return
    if part.caption:
        yield {"type": "text", "text": part.caption}
    data = base64.b64encode(part.jpeg).decode("ascii")
    yield {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}}
