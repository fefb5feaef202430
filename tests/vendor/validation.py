"""What the chat-completions API accepts. Sentences and codes are those of the real one."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from tests.vendor.messages import CheckPicture, check_message
from tests.vendor.rejected import (
    RejectedError,
    a_kind_of,
    check_array,
    check_known,
    too_high,
    too_low,
    wrong_type,
)

MOST_IMAGES = 500
MOST_TOKENS = 128_000  # what a model can look at, estimated
CHARACTERS_PER_TOKEN, TOKENS_PER_IMAGE = 4, 85
GONE = "gone"  # a model that was there once

ARGUMENTS = frozenset(
    {
        "audio",
        "frequency_penalty",
        "function_call",
        "functions",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "metadata",
        "modalities",
        "model",
        "n",
        "parallel_tool_calls",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "prompt_cache_retention",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "seed",
        "service_tier",
        "stop",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "user",
        "verbosity",
        "web_search_options",
    }
)
Body = dict[str, Any]


def read(raw: bytes) -> Body:
    """The JSON object of a request. Raises RejectedError."""
    try:
        body = json.loads(raw)
        if b"\\ud" in raw.lower():
            json.dumps(body, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except ValueError:
        raise RejectedError(
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't "
            "using your HTTP library correctly. The API expects a JSON payload, but what was sent "
            "was not valid JSON.)"
        ) from None
    if not isinstance(body, dict):
        raise RejectedError(
            f"Invalid type for body: expected an object, but got {a_kind_of(body)} instead."
        )
    return body


def check_key(authorization: str) -> None:
    """Raises RejectedError unless a key is there; any key will do."""
    scheme, _, key = authorization.partition(" ")
    if scheme != "Bearer" or not key.strip():
        raise RejectedError(
            "You didn't provide an API key. You need to provide your API key in an Authorization "
            "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
            status=401,
        )


def check(body: Body, rejects: Collection[str], check_picture: CheckPicture) -> None:
    """Raises RejectedError for what the real API rejects. `rejects`: arguments that this model
    refuses, as newer ones do with max_tokens."""
    _check_arguments(body)
    _check_model(body.get("model"))
    for name in sorted(rejects):
        _check_supported(name, body.get(name))
    _check_numbers(body)
    _check_streaming(body)
    messages = body.get("messages")
    check_array(messages, "messages")
    for number, message in enumerate(messages or ()):
        check_message(message, f"messages[{number}]", check_picture)
    _check_size(body)


def _check_arguments(body: Body) -> None:
    unknown = sorted(body.keys() - ARGUMENTS)
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        raise RejectedError(f"Unrecognized request argument{plural} supplied: {', '.join(unknown)}")


def _check_model(model: object) -> None:
    if not isinstance(model, str) or not model:
        raise RejectedError("you must provide a model parameter")
    if model == GONE:
        raise RejectedError(
            f"The model '{model}' does not exist or you do not have access to it.",
            None,
            "model_not_found",
            404,
        )


def _check_supported(name: str, value: object) -> None:
    if value is None:
        return
    if name == "max_tokens":
        raise RejectedError(
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            name,
            "unsupported_parameter",
        )
    if name == "temperature" and value != 1:
        raise RejectedError(
            f"Unsupported value: 'temperature' does not support {value} with this model. "
            "Only the default (1) value is supported.",
            name,
            "unsupported_value",
        )
    if name != "temperature":
        raise RejectedError(
            f"Unsupported parameter: '{name}' is not supported with this model.",
            name,
            "unsupported_parameter",
        )


def _check_numbers(body: Body) -> None:
    _check_range(body, "temperature", 0, 2)
    _check_range(body, "top_p", 0, 1)
    for name in ("max_tokens", "max_completion_tokens", "n"):
        _check_count(body, name)
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        raise RejectedError(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            "max_tokens",
            "invalid_parameter_combination",
        )


def _check_range(body: Body, name: str, least: float, most: float) -> None:
    value = body.get(name)
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(name, "a decimal", value)
    if value < least:
        raise too_low(name, "decimal", least, value)
    if not value <= most:  # NaN is neither
        raise too_high(name, "decimal", most, value)


def _check_count(body: Body, name: str) -> None:
    value = body.get(name)
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(name, "an integer", value)
    if value < 1:
        raise too_low(name, "integer", 1, value)


def _check_streaming(body: Body) -> None:
    stream, options = body.get("stream"), body.get("stream_options")
    if stream is not None and not isinstance(stream, bool):
        raise wrong_type("stream", "a boolean", stream)
    if options is None:
        return
    if not stream:
        raise RejectedError(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            "stream_options",
        )
    if not isinstance(options, dict):
        raise wrong_type("stream_options", "an object", options)
    check_known(options, {"include_usage", "include_obfuscation"}, "stream_options")


def _check_size(body: Body) -> None:
    parts = list(_parts(body))
    images = sum(part["type"] == "image_url" for part in parts)
    if images > MOST_IMAGES:
        raise RejectedError(
            f"Too many images in request. Expected at most {MOST_IMAGES}, but got {images}.",
            None,
            "too_many_images",
        )
    characters = sum(len(part.get("text", "")) for part in parts)
    tokens = characters // CHARACTERS_PER_TOKEN + images * TOKENS_PER_IMAGE
    if tokens > MOST_TOKENS:
        raise RejectedError(
            f"This model's maximum context length is {MOST_TOKENS} tokens. However, your messages "
            f"resulted in {tokens} tokens. Please reduce the length of the messages.",
            "messages",
            "context_length_exceeded",
        )


def _parts(body: Body) -> Iterator[dict[str, Any]]:
    for message in body["messages"]:
        content = message.get("content") or ""
        yield from [{"type": "text", "text": content}] if isinstance(content, str) else content
