"""What the chat-completions API accepts. Sentences and codes are those of the real one."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from tests.vendor.rejected import RejectedError

MOST_BYTES = 50 * 2**20  # of a whole request
MOST_CHARACTERS = 10 * 2**20  # of one text
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
COMMON = frozenset({"role", "content", "name"})
FIELDS = {
    "system": COMMON,
    "assistant": COMMON | {"audio", "function_call", "refusal", "tool_calls"},
    "user": COMMON,
    "function": COMMON,
    "tool": frozenset({"role", "content", "tool_call_id"}),
    "developer": COMMON,
}
PARTS = {"text": frozenset({"type", "text"}), "image_url": frozenset({"type", "image_url"})}
DETAILS = ("auto", "low", "high")

Body = dict[str, Any]
CheckPicture = Callable[[str, str], None]


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
            f"Invalid type for body: expected an object, but got {_a(body)} instead."
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
    _check_array(messages, "messages")
    for number, message in enumerate(messages or ()):
        _check_message(message, f"messages[{number}]", check_picture)
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
        raise _wrong_type(name, "a decimal", value)
    if value < least:
        raise _too_low(name, "decimal", least, value)
    if not value <= most:  # NaN is neither
        raise _too_high(name, "decimal", most, value)


def _check_count(body: Body, name: str) -> None:
    value = body.get(name)
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type(name, "an integer", value)
    if value < 1:
        raise _too_low(name, "integer", 1, value)


def _check_streaming(body: Body) -> None:
    stream, options = body.get("stream"), body.get("stream_options")
    if stream is not None and not isinstance(stream, bool):
        raise _wrong_type("stream", "a boolean", stream)
    if options is None:
        return
    if not stream:
        raise RejectedError(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            "stream_options",
        )
    if not isinstance(options, dict):
        raise _wrong_type("stream_options", "an object", options)
    _check_known(options, {"include_usage", "include_obfuscation"}, "stream_options")


def _check_message(message: object, where: str, check_picture: CheckPicture) -> None:
    if not isinstance(message, dict):
        raise _wrong_type(where, "an object", message)
    role = message.get("role")
    if role is None:
        raise _missing(f"{where}.role")
    if not isinstance(role, str) or role not in FIELDS:
        raise _invalid(f"{where}.role", role, tuple(FIELDS))
    _check_known(message, FIELDS[role], where)
    content = message.get("content")
    if content is None:
        if role == "assistant" and (message.get("tool_calls") or message.get("function_call")):
            return
        raise RejectedError(
            f"Invalid value for 'content': expected a string, got {_a(content)}.",
            f"{where}.content",
        )
    if isinstance(content, str):
        _check_text(content, f"{where}.content")
        return
    if not isinstance(content, list):
        raise _wrong_type(f"{where}.content", "one of a string or array of objects", content)
    _check_array(content, f"{where}.content")
    for number, part in enumerate(content):
        _check_part(part, role, f"{where}.content[{number}]", check_picture)


def _check_part(part: object, role: str, where: str, check_picture: CheckPicture) -> None:
    if not isinstance(part, dict):
        raise _wrong_type(where, "an object", part)
    kind = part.get("type")
    if kind is None:
        raise _missing(f"{where}.type")
    if kind not in PARTS:
        raise _invalid(f"{where}.type", kind, tuple(PARTS))
    _check_known(part, PARTS[kind], where)
    if kind not in part:
        raise _missing(f"{where}.{kind}")
    if kind == "text":
        _check_text(part["text"], f"{where}.text")
        return
    if role != "user":
        raise RejectedError(
            f"Invalid '{where}'. Image URLs are only allowed for messages with role 'user', but "
            f"this message with role '{role}' contains an image URL.",
            where,
            "invalid_value",
        )
    _check_image(part["image_url"], f"{where}.image_url", check_picture)


def _check_image(image: object, where: str, check_picture: CheckPicture) -> None:
    if not isinstance(image, dict):
        raise _wrong_type(where, "an object", image)
    _check_known(image, {"url", "detail"}, where)
    if "url" not in image:
        raise _missing(f"{where}.url")
    if not isinstance(image["url"], str):
        raise _wrong_type(f"{where}.url", "a string", image["url"])
    detail = image.get("detail")
    if detail is not None and detail not in DETAILS:
        raise _invalid(f"{where}.detail", detail, DETAILS)
    check_picture(image["url"], f"{where}.url")


def _check_text(text: object, where: str) -> None:
    if not isinstance(text, str):
        raise _wrong_type(where, "a string", text)
    if len(text) > MOST_CHARACTERS:
        raise RejectedError(
            f"Invalid '{where}': string too long. Expected a string with maximum length "
            f"{MOST_CHARACTERS}, but got a string with length {len(text)} instead.",
            where,
            "string_above_max_length",
        )


def _check_array(value: object, where: str) -> None:
    if value is None:
        raise _missing(where)
    if not isinstance(value, list):
        raise _wrong_type(where, "an array of objects", value)
    if not value:
        raise RejectedError(
            f"Invalid '{where}': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.",
            where,
            "empty_array",
        )


def _check_known(value: Mapping[str, object], known: Collection[str], where: str) -> None:
    unknown = [name for name in value if name not in known]
    if unknown:
        name = f"{where}.{unknown[0]}"
        raise RejectedError(f"Unknown parameter: '{name}'.", name, "unknown_parameter")


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


def too_large() -> RejectedError:
    return RejectedError(
        f"Request too large. Expected at most {MOST_BYTES} bytes.", None, "request_too_large", 413
    )


def _missing(name: str) -> RejectedError:
    return RejectedError(
        f"Missing required parameter: '{name}'.", name, "missing_required_parameter"
    )


def _wrong_type(name: str, expected: str, value: object) -> RejectedError:
    return RejectedError(
        f"Invalid type for '{name}': expected {expected}, but got {_a(value)} instead.",
        name,
        "invalid_type",
    )


def _invalid(name: str, value: object, supported: tuple[str, ...]) -> RejectedError:
    *most, last = [f"'{one}'" for one in supported]
    return RejectedError(
        f"Invalid value: '{value}'. Supported values are: {', '.join(most)}, and {last}.",
        name,
        "invalid_value",
    )


def _too_low(name: str, kind: str, least: float, value: object) -> RejectedError:
    return RejectedError(
        f"Invalid '{name}': {kind} below minimum value. "
        f"Expected a value >= {least}, but got {value} instead.",
        name,
        f"{kind}_below_min_value",
    )


def _too_high(name: str, kind: str, most: float, value: object) -> RejectedError:
    return RejectedError(
        f"Invalid '{name}': {kind} above maximum value. "
        f"Expected a value <= {most}, but got {value} instead.",
        name,
        f"{kind}_above_max_value",
    )


def _a(value: object) -> str:
    """The JSON type of a value, as a sentence names it."""
    if value is None:
        return "null"
    names = {bool: "a boolean", str: "a string", int: "an integer", float: "a decimal"}
    return names.get(type(value), "an array" if isinstance(value, list) else "an object")
