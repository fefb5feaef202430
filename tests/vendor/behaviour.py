"""What the stand-in does with one request: an answer, or one of the ways an answer goes wrong."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Behaviour:
    """`text` None: an answer derived from the request. `cut_after`: pieces sent before the line
    goes dead. Seconds that are None are those the server was started with."""

    text: str | None = None
    first_token_seconds: float | None = None
    seconds_per_piece: float | None = None
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
    usage: bool = True


def reply(
    text: str | None = None,
    seconds_per_piece: float | None = None,
    finish: str = "stop",
    first_token_seconds: float | None = None,
    usage: bool = True,
) -> Behaviour:
    return Behaviour(
        text=text,
        first_token_seconds=first_token_seconds,
        seconds_per_piece=seconds_per_piece,
        finish=finish,
        usage=usage,
    )


def rate_limited(retry_after: str = "0") -> Behaviour:
    headers = (("Retry-After", retry_after),)
    return Behaviour(status=429, code="rate_limit_exceeded", headers=headers)


def fails(status: int, code: str | None = None) -> Behaviour:
    return Behaviour(status=status, code=code)


def cut(after: int, text: str | None = "one two three four five") -> Behaviour:
    return Behaviour(text=text, cut_after=after)


def sends(raw: str, content_type: str = "text/event-stream") -> Behaviour:
    """Exactly these characters, as a successful answer."""
    return Behaviour(raw=raw, content_type=content_type)


def broken_json() -> Behaviour:
    return sends('data: {"choices": [{"delta"\n\n')


def refuses(words: str = "I cannot help with that.") -> Behaviour:
    """The model says no: nothing but its refusal comes."""
    return Behaviour(text="", refusal=words)


def filtered() -> Behaviour:
    return Behaviour(text="", finish="content_filter")


def hangs() -> Behaviour:
    return Behaviour(hang=True)


def drips() -> Behaviour:
    """Sends a byte now and then and never a whole event."""
    return Behaviour(drip=True)
