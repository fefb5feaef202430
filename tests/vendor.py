"""A stand-in for the model vendor: a real HTTP server on this machine that speaks chat completions.

    with Vendor() as vendor:
        vendor.script(reply("Try broader names."), fails(500))
        ... OpenAIClient("any key", vendor.url) ...
        vendor.requests[0].images

By hand: `python -m tests.vendor --port 8123`, then OPENAI_BASE_URL=http://127.0.0.1:8123/v1.
"""

import argparse
import asyncio
import json
import re
import threading
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web


@dataclass(frozen=True)
class Behaviour:
    """What the vendor does with one request. `cut_after`: pieces sent before the line goes dead."""

    text: str | None = None
    seconds_per_piece: float = 0.0
    status: int = 200
    code: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    cut_after: int | None = None
    raw: str | None = None
    content_type: str = "text/event-stream"
    finish: str = "stop"
    refusal: str | None = None
    hang: bool = False
    drip: bool = False


def reply(
    text: str | None = None, seconds_per_piece: float = 0.0, finish: str = "stop"
) -> Behaviour:
    return Behaviour(text=text, seconds_per_piece=seconds_per_piece, finish=finish)


def rate_limited(retry_after: str = "0") -> Behaviour:
    headers = (("Retry-After", retry_after),)
    return Behaviour(status=429, code="rate_limit_exceeded", headers=headers)


def fails(status: int, code: str | None = None) -> Behaviour:
    return Behaviour(status=status, code=code)


def cut(after: int, text: str = "one two three four five") -> Behaviour:
    return Behaviour(text=text, cut_after=after)


def sends(raw: str, content_type: str = "text/event-stream") -> Behaviour:
    """Exactly these characters, as a successful answer."""
    return Behaviour(raw=raw, content_type=content_type)


def broken_json() -> Behaviour:
    return sends('data: {"choices": [{"delta"\n\n')


def refuses(words: str = "I cannot help with that.") -> Behaviour:
    return Behaviour(refusal=words)


def filtered() -> Behaviour:
    return Behaviour(text="", finish="content_filter")


def hangs() -> Behaviour:
    return Behaviour(hang=True)


def drips() -> Behaviour:
    """Sends a byte now and then and never a whole event."""
    return Behaviour(drip=True)


@dataclass(frozen=True)
class Seen:
    """One request as the vendor received it."""

    body: dict[str, Any]
    authorization: str

    def parts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for message in self.body["messages"]:
            content = message["content"]
            found += [{"type": "text", "text": content}] if isinstance(content, str) else content
        return found

    @property
    def text(self) -> str:
        return "\n".join(part["text"] for part in self.parts() if part["type"] == "text")

    @property
    def images(self) -> list[str]:
        return [part["image_url"]["url"] for part in self.parts() if part["type"] == "image_url"]


def answer_to(seen: Seen) -> str:
    """A reply that shows what arrived: how many pictures, and the last category that was named."""
    names = re.findall(r'^- "(.+?)"', seen.text, re.MULTILINE)
    about = f"“{names[-1]}”" if names else "no category"
    return f"I looked at {len(seen.images)} pictures and at {about}. What should belong together?"


class Vendor:
    """The server, in a thread of its own while the `with` block lasts."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[Seen] = []
        self._port = port
        self._script: list[Behaviour] = []
        self._ready = threading.Event()
        self._failed: OSError | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def script(self, *behaviours: Behaviour) -> None:
        """One behaviour per coming request, in order; after the last, plain replies."""
        self._script += behaviours

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            raise self._failed
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)

    def _serve(self) -> None:
        try:
            self._loop.run_until_complete(self._live())
        except OSError as error:  # the port is taken: tell the one who waits in __enter__
            self._failed = error
            self._ready.set()
        self._loop.close()

    async def _live(self) -> None:
        self._stopped = asyncio.Event()
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._complete)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self._port)
        await site.start()
        self._port = runner.addresses[0][1]
        self._ready.set()
        await self._stopped.wait()
        await runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(await request.json(), request.headers.get("Authorization", ""))
        self.requests.append(seen)
        does = self._script.pop(0) if self._script else Behaviour()
        if does.hang:
            await self._stopped.wait()
        if does.status != 200:
            error = {"message": f"scripted {does.status}", "type": "error", "code": does.code}
            headers = dict(does.headers)
            return web.json_response({"error": error}, status=does.status, headers=headers)
        text = answer_to(seen) if does.text is None else does.text
        if not seen.body.get("stream"):
            return web.json_response(_whole(seen, does, text))
        return await self._stream(request, seen, does, text)

    async def _stream(
        self, request: web.Request, seen: Seen, does: Behaviour, text: str
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": does.content_type})
        await response.prepare(request)
        while does.drip:
            await response.write(b":")
            await asyncio.sleep(0.02)
        if does.raw is not None:
            await response.write(does.raw.encode())
            return response
        if does.refusal is not None:
            await response.write(_event(seen, {"refusal": does.refusal}))
        for number, piece in enumerate(_pieces(text)):
            if number == does.cut_after:
                break
            await response.write(_event(seen, {"content": piece}))
            await asyncio.sleep(does.seconds_per_piece)
        if does.cut_after is not None and request.transport is not None:
            request.transport.abort()
            return response
        await response.write(_event(seen, {}, does.finish))
        await response.write(_line({**_frame(seen), "choices": [], "usage": _usage(seen, text)}))
        await response.write(b"data: [DONE]\n\n")
        return response


def _pieces(text: str) -> list[str]:
    return re.findall(r"\s*[^\s]{1,8}", text)


def _frame(seen: Seen) -> dict[str, object]:
    frame: dict[str, object] = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0}
    return frame | {"model": seen.body["model"]}


def _usage(seen: Seen, text: str) -> dict[str, int]:
    sent, said = len(seen.text) // 4 + 85 * len(seen.images), len(_pieces(text))
    return {"prompt_tokens": sent, "completion_tokens": said, "total_tokens": sent + said}


def _event(seen: Seen, delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _line({**_frame(seen), "choices": [choice]})


def _line(event: dict[str, object]) -> bytes:
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def _whole(seen: Seen, does: Behaviour, text: str) -> dict[str, object]:
    message = {"role": "assistant", "content": text, "refusal": does.refusal}
    choice = {"index": 0, "message": message, "finish_reason": does.finish}
    frame = {**_frame(seen), "object": "chat.completion"}
    return {**frame, "choices": [choice], "usage": _usage(seen, text)}


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in model vendor on this machine.")
    parser.add_argument("--port", type=int, default=8123)
    with Vendor(parser.parse_args().port) as vendor:
        print(f"OPENAI_BASE_URL={vendor.url}  (Ctrl-C stops it)", flush=True)  # noqa: T201
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
