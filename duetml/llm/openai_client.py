"""An OpenAI-compatible vendor, spoken to through the openai package."""

import json
import os
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from random import Random
from threading import Lock

import httpx2
import openai

from duetml.llm import wire
from duetml.llm.breaker import Breaker
from duetml.llm.client import ChatRequest, Chunk, Failure, VendorError
from duetml.llm.loop import heard, pause
from duetml.llm.reading import Reading

CONNECT_SECONDS = 10.0
QUIET_SECONDS = 20.0  # a vendor silent for this long is asked again, while the ceiling allows it
LONGEST_PAUSE_SECONDS = 20.0
# A new connection costs two round trips and its encryption: it is kept for the next question, which
# a person asks within a minute or so. A server that closes it sooner is noticed.
CONNECTIONS = httpx2.Limits(
    max_connections=1000, max_keepalive_connections=400, keepalive_expiry=90
)

Events = openai.AsyncStream[object]


class OpenAIClient:
    """One endpoint: its address, its key, its connections and its breaker. Safe to share between
    threads; each call keeps its caller's thread waiting, and no other.

    Any server that speaks chat completions: OpenAI; Azure by https://NAME.openai.azure.com/openai/v1;
    vLLM, Ollama (http://localhost:11434/v1) and their like. A parameter that a model will not take
    goes under its newer name or is left out, from its first refusal on.

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
        self._breaker = Breaker(self._rng)
        self._making = Lock()
        self._vendors: dict[int, openai.AsyncOpenAI] = {}  # by process id, as the loop is
        self._without: dict[str, frozenset[str]] = {}  # by model: parameters that it will not take

    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        """See LLM.stream."""
        began = time.monotonic()
        permit = self._breaker.admit(began, request.timeout_seconds)
        begun = False
        try:
            for chunk in self._tried(request, began + request.timeout_seconds):
                if chunk != Chunk() and not begun:
                    begun = True
                    self._breaker.answered()
                yield chunk
        except VendorError as error:
            if not begun:
                self._breaker.failed(permit, error, time.monotonic())
            raise
        finally:
            self._breaker.withdrawn(permit, time.monotonic())

    def _tried(self, request: ChatRequest, deadline: float) -> Iterator[Chunk]:
        """The answer after as many attempts as it takes and the policy allows."""
        attempt, begun = 0, False
        while True:
            try:
                for chunk in self._attempt(request, deadline):
                    begun = begun or chunk != Chunk()
                    yield _counted(chunk, attempt)
                return
            except VendorError as error:
                error.retries = attempt
                longest = min(LONGEST_PAUSE_SECONDS, deadline - time.monotonic())
                seconds = self._pause_seconds(error, attempt)
                last = attempt >= self._max_retries or seconds >= longest
                if begun or last or not error.may_pass:
                    raise
            yield from pause(seconds)
            attempt += 1

    def _pause_seconds(self, error: VendorError, attempt: int) -> float:
        if error.retry_after_seconds is not None:
            return error.retry_after_seconds
        doubled: float = self._first_pause_seconds * 2**attempt
        return doubled * self._rng.uniform(0.5, 1.5)

    def _attempt(self, request: ChatRequest, deadline: float) -> Iterator[Chunk]:
        left = max(0.001, deadline - time.monotonic())
        timeout = openai.Timeout(min(left, self._quiet_seconds), connect=min(left, CONNECT_SECONDS))
        try:
            yield from heard(self._answer(self._vendor(), request, timeout), deadline)
        except VendorError as error:
            error.hide(self._api_key)
            raise

    def _vendor(self) -> openai.AsyncOpenAI:
        """The one client of this process, with its connections; made when first asked for."""
        with self._making:
            if os.getpid() not in self._vendors:
                self._vendors[os.getpid()] = _connected(self._api_key, self._base_url)
            return self._vendors[os.getpid()]

    async def _answer(
        self, vendor: openai.AsyncOpenAI, request: ChatRequest, timeout: openai.Timeout
    ) -> AsyncIterator[Chunk]:
        """The pieces of one answer. Raises whatever the openai package raises, and VendorError."""
        reading = Reading(request.model)
        async with await self._events(vendor, request, timeout) as events:
            async for text in _texts(events, reading):
                if text:
                    yield Chunk(text=text)
        adapted = sorted(self._unwanted(request.model))
        yield Chunk(usage=replace(reading.end(), adapted=tuple(adapted)))

    async def _events(
        self, vendor: openai.AsyncOpenAI, request: ChatRequest, timeout: openai.Timeout
    ) -> Events:
        """An answer that begins, asked for again without what the model will not take."""
        while True:
            without = self._unwanted(request.model)
            content, sent = wire.encoded(request, without)
            try:
                return await vendor.post(
                    "/chat/completions",
                    content=content,
                    cast_to=object,  # building the package's models costs more than all the rest
                    options={"timeout": timeout},
                    stream=True,
                    stream_cls=Events,
                )
            except openai.APIStatusError as error:
                name = wire.unwanted(error, sent)
                if name is None:
                    raise
                self._without[request.model] = self._unwanted(request.model) | {name}

    def _unwanted(self, model: str) -> frozenset[str]:
        return self._without.get(model, frozenset())


def _connected(api_key: str, base_url: str) -> openai.AsyncOpenAI:
    try:
        return openai.AsyncOpenAI(
            api_key=api_key,
            base_url=base_url,
            max_retries=0,  # one retry policy: the one above
            http_client=openai.DefaultAsyncHttpxClient(limits=CONNECTIONS),
        )
    except Exception as error:  # an address or a key the package cannot work with
        raise VendorError(Failure.BAD_REQUEST, f"{type(error).__name__}: {error}") from error


def _counted(chunk: Chunk, retries: int) -> Chunk:
    return replace(chunk, usage=replace(chunk.usage, retries=retries)) if chunk.usage else chunk


async def _texts(events: Events, reading: Reading) -> AsyncIterator[str]:
    kind = events.response.headers.get("content-type", "").lower()
    if kind.startswith("application/json"):
        yield reading.whole(json.loads(await events.response.aread()))
        return
    if not kind.startswith("text/event-stream"):
        raise VendorError(Failure.NONSENSE, f"expected a stream of events, got {kind or 'nothing'}")
    async for event in events:
        yield reading.piece(event)
