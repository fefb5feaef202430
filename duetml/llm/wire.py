"""A request as an OpenAI-compatible server wants it, and what one may want otherwise."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import openai

from duetml.llm.client import ChatRequest, Part, Picture, Text, Turn

# What some models or servers do not take, and what they take in its place (None: nothing).
INSTEAD = {"max_tokens": "max_completion_tokens", "temperature": None, "stream_options": None}
WILL_NOT_TAKE = re.compile(
    r"unsupported|not supported|does(?: not|n't) support|unrecogni[sz]ed|unknown|unexpected"
    r"|not permitted|not allowed|deprecated",
    re.IGNORECASE,
)


def encoded(request: ChatRequest, without: frozenset[str]) -> tuple[bytes, frozenset[str]]:
    """(the JSON document of a streamed chat completion, the names in it); `without`: names of
    INSTEAD. The bytes are all that is kept of the pictures while a call waits."""
    document = _document(request, without)
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode(), frozenset(document)


def unwanted(error: openai.APIStatusError, sent: frozenset[str]) -> str | None:
    """The parameter that made a server refuse the request, where it can be told without it."""
    if error.status_code not in (400, 422):
        return None
    told = f"{error.code} {error.message} {error.body}"
    if not WILL_NOT_TAKE.search(told):
        return None
    named = [error.param] if error.param in list(INSTEAD) else list(INSTEAD)
    return next((name for name in named if name in sent and re.search(rf"\b{name}\b", told)), None)


def _document(request: ChatRequest, without: frozenset[str]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "model": request.model,
        "messages": [_message(turn) for turn in request.messages],
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.temperature is None:
        del document["temperature"]
    for name in without & document.keys():
        value, instead = document.pop(name), INSTEAD[name]
        if instead is not None:
            document[instead] = value
    return document


def _message(turn: Turn) -> dict[str, Any]:
    if turn.role == "user" and any(isinstance(part, Picture) for part in turn.parts):
        content = [item for part in turn.parts for item in _content(part)]
        return {"role": "user", "content": content}
    # Servers without vision take a plain string only.
    return {"role": turn.role, "content": turn.text()}


def _content(part: Part) -> Iterator[dict[str, Any]]:
    if isinstance(part, Text):
        yield {"type": "text", "text": part.text}
        return
    if part.caption:
        yield {"type": "text", "text": part.caption}
    data = base64.b64encode(part.jpeg).decode("ascii")
    yield {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}}
