"""Bodies larger than any upload never reach Django."""

from collections.abc import Mapping
from typing import Any

from duetml.config.body_limit import LARGEST_BODY_BYTES, limited

CHUNK = b"x" * 1_000_000


async def exchange(chunks: int) -> tuple[list[dict[str, Any]], int]:
    """What an application that spools its body answers, and how many bytes it was handed."""
    left, sent, spooled = chunks, list[dict[str, Any]](), 0

    async def receive() -> dict[str, Any]:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": CHUNK, "more_body": left > 0}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(dict(message))

    async def spooling(scope: Any, receive: Any, send: Any) -> None:
        nonlocal spooled
        more = True
        while more:
            message = await receive()
            spooled += len(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})

    await limited(spooling)({"type": "http"}, receive, send)
    assert left == 0, "the body was not read to its end"
    return sent, spooled


async def test_a_body_within_the_limit_passes() -> None:
    sent, spooled = await exchange(chunks=11)

    assert sent[0]["status"] == 200
    assert spooled == 11 * len(CHUNK)


async def test_a_larger_body_is_dropped_and_answered_with_413() -> None:
    sent, spooled = await exchange(chunks=50)

    assert sent[0]["status"] == 413
    assert spooled <= LARGEST_BODY_BYTES
