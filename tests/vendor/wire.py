"""Answers as the API writes them: one document, or a stream of events."""

import json
import re

from tests.vendor.behaviour import Behaviour
from tests.vendor.seen import Seen
from tests.vendor.validation import CHARACTERS_PER_TOKEN, TOKENS_PER_IMAGE

Frame = dict[str, object]


def pieces(text: str) -> list[str]:
    """The text in tokens, more or less: space goes with the word behind it."""
    return re.findall(r"\s*[^\s]{1,8}", text)


def frame(seen: Seen, kind: str) -> Frame:
    """What every event of one answer begins with."""
    beginning: Frame = {
        "id": f"chatcmpl-{seen.number}",
        "object": kind,
        "created": int(seen.at),
        "model": seen.body["model"],
        "service_tier": "default",
        "system_fingerprint": "fp_standin",
    }
    return beginning | ({"usage": None} if seen.wants_usage else {})


def event(beginning: Frame, delta: dict[str, object], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return line({**beginning, "choices": [choice]})


def line(document: Frame) -> bytes:
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def usage(seen: Seen, text: str) -> dict[str, int]:
    sent = len(seen.text) // CHARACTERS_PER_TOKEN + TOKENS_PER_IMAGE * len(seen.images)
    said = len(pieces(text))
    return {"prompt_tokens": sent, "completion_tokens": said, "total_tokens": sent + said}


def whole(seen: Seen, does: Behaviour, text: str) -> Frame:
    """The answer to a request that wants no stream."""
    message = {"role": "assistant", "content": text, "refusal": does.refusal}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": does.finish}
    beginning = {**frame(seen, "chat.completion"), "choices": [choice]}
    return beginning | ({"usage": usage(seen, text)} if does.usage else {})
