"""POST /v1/chat/completions: judged as the real API would, kept, and answered as scripted."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from aiohttp import web

from tests.vendor import validation, wire
from tests.vendor.answers import advice, echo
from tests.vendor.behaviour import Behaviour
from tests.vendor.pictures import Pictures
from tests.vendor.rejected import RejectedError, error, too_large
from tests.vendor.script import Script
from tests.vendor.seen import Seen

DRIP_SECONDS = 0.02
KINDS = {401: "invalid_request_error", 429: "requests"}


@dataclass(frozen=True)
class Options:
    """See Vendor."""

    first_token_seconds: float = 0.0
    seconds_per_piece: float = 0.0
    rejects: Collection[str] = ()
    usage: bool = True
    advises: bool = False
    trouble: bool = False
    light: bool = False


class Completions:
    """`requests`: everything that came, in order of arrival."""

    def __init__(self, options: Options) -> None:
        self.requests: list[Seen] = []
        self.script = Script(options.trouble)
        self.stopped = asyncio.Event()
        self._options = options
        self._pictures = Pictures(options.light)
        self._turns: Counter[str] = Counter()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        seen = Seen({}, dict(request.headers), at=time.time(), number=len(self.requests))
        self.requests.append(seen)
        try:
            await self._receive(request, seen)
            return await self._answer(request, seen)
        except RejectedError as no:
            seen.problem, seen.status, seen.ended_at = no.message, no.status, time.time()
            told = error(no.message, "invalid_request_error", no.param, no.code)
            return web.json_response(told, status=no.status)
        except (asyncio.CancelledError, ConnectionResetError):
            seen.closed_early = seen.ended_at is None and not self.stopped.is_set()
            raise

    async def _receive(self, request: web.Request, seen: Seen) -> None:
        """The body, read and judged. Raises RejectedError."""
        validation.check_key(seen.authorization)
        try:
            raw = await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise too_large() from None
        seen.size, seen.body = len(raw), validation.read(raw)
        validation.check(seen.body, self._options.rejects, self._pictures.check)
        seen.know_the_asker()
        if self._options.light:
            seen.drop_pictures()

    async def _answer(self, request: web.Request, seen: Seen) -> web.StreamResponse:
        does = self.script.take(seen)
        if does.hang:
            await self.stopped.wait()
        seen.status = does.status
        if does.status != 200:
            seen.ended_at = time.time()
            return _failure(does)
        text = self._words(seen) if does.text is None else does.text
        await _pause(does.first_token_seconds, self._options.first_token_seconds)
        if seen.body.get("stream") or does.raw is not None:
            return await self._stream(request, seen, does, text)
        seen.first_at = seen.ended_at = time.time()
        return web.json_response(wire.whole(seen, does, text))

    def _words(self, seen: Seen) -> str:
        if not self._options.advises:
            return echo(seen)
        self._turns[seen.agent] += 1
        return advice(seen, self._turns[seen.agent] - 1)

    async def _stream(
        self, request: web.Request, seen: Seen, does: Behaviour, text: str
    ) -> web.StreamResponse:
        headers = {"Content-Type": does.content_type, "x-request-id": f"req_{seen.number}"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        while does.drip:
            await response.write(b":")
            await asyncio.sleep(DRIP_SECONDS)
        if does.raw is not None:
            await response.write(does.raw.encode())
            seen.ended_at = time.time()
            return response
        await self._write_pieces(response, seen, does, text)
        if does.cut_after is not None and request.transport is not None:
            seen.ended_at = time.time()
            request.transport.abort()
            return response
        await self._write_end(response, seen, does, text)
        return response

    async def _write_pieces(
        self, response: web.StreamResponse, seen: Seen, does: Behaviour, text: str
    ) -> None:
        beginning = wire.frame(seen, "chat.completion.chunk")
        await response.write(wire.event(beginning, {"role": "assistant", "content": ""}))
        if does.refusal is not None:
            await response.write(wire.event(beginning, {"refusal": does.refusal}))
        for piece in wire.pieces(text)[: does.cut_after]:
            seen.first_at = seen.first_at or time.time()
            await response.write(wire.event(beginning, {"content": piece}))
            await _pause(does.seconds_per_piece, self._options.seconds_per_piece)

    async def _write_end(
        self, response: web.StreamResponse, seen: Seen, does: Behaviour, text: str
    ) -> None:
        beginning = wire.frame(seen, "chat.completion.chunk")
        await response.write(wire.event(beginning, {}, does.finish))
        if seen.wants_usage and self._options.usage and does.usage:
            counted = {**beginning, "choices": [], "usage": wire.usage(seen, text)}
            await response.write(wire.line(counted))
        seen.ended_at = time.time()  # before the last words: who has them may leave
        await response.write(b"data: [DONE]\n\n")


def _failure(does: Behaviour) -> web.Response:
    kind = "server_error" if does.status >= 500 else KINDS.get(does.status, "invalid_request_error")
    told = error(f"scripted {does.status}", kind, None, does.code)
    return web.json_response(told, status=does.status, headers=dict(does.headers))


async def _pause(own: float | None, usual: float) -> None:
    await asyncio.sleep(usual if own is None else own)
