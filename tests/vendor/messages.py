"""What the chat-completions API accepts as a message."""

from collections.abc import Callable

from tests.vendor.rejected import (
    RejectedError,
    a_kind_of,
    check_array,
    check_known,
    invalid,
    missing,
    wrong_type,
)

MOST_CHARACTERS = 10 * 2**20  # of one text
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

CheckPicture = Callable[[str, str], None]


def check_message(message: object, where: str, check_picture: CheckPicture) -> None:
    if not isinstance(message, dict):
        raise wrong_type(where, "an object", message)
    role = message.get("role")
    if role is None:
        raise missing(f"{where}.role")
    if not isinstance(role, str) or role not in FIELDS:
        raise invalid(f"{where}.role", role, tuple(FIELDS))
    check_known(message, FIELDS[role], where)
    content = message.get("content")
    if content is None:
        if role == "assistant" and (message.get("tool_calls") or message.get("function_call")):
            return
        raise RejectedError(
            f"Invalid value for 'content': expected a string, got {a_kind_of(content)}.",
            f"{where}.content",
        )
    if isinstance(content, str):
        _check_text(content, f"{where}.content")
        return
    if not isinstance(content, list):
        raise wrong_type(f"{where}.content", "one of a string or array of objects", content)
    check_array(content, f"{where}.content")
    for number, part in enumerate(content):
        _check_part(part, role, f"{where}.content[{number}]", check_picture)


def _check_part(part: object, role: str, where: str, check_picture: CheckPicture) -> None:
    if not isinstance(part, dict):
        raise wrong_type(where, "an object", part)
    kind = part.get("type")
    if kind is None:
        raise missing(f"{where}.type")
    if kind not in PARTS:
        raise invalid(f"{where}.type", kind, tuple(PARTS))
    check_known(part, PARTS[kind], where)
    if kind not in part:
        raise missing(f"{where}.{kind}")
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
        raise wrong_type(where, "an object", image)
    check_known(image, {"url", "detail"}, where)
    if "url" not in image:
        raise missing(f"{where}.url")
    if not isinstance(image["url"], str):
        raise wrong_type(f"{where}.url", "a string", image["url"])
    detail = image.get("detail")
    if detail is not None and detail not in DETAILS:
        raise invalid(f"{where}.detail", detail, DETAILS)
    check_picture(image["url"], f"{where}.url")


def _check_text(text: object, where: str) -> None:
    if not isinstance(text, str):
        raise wrong_type(where, "a string", text)
    if len(text) > MOST_CHARACTERS:
        raise RejectedError(
            f"Invalid '{where}': string too long. Expected a string with maximum length "
            f"{MOST_CHARACTERS}, but got a string with length {len(text)} instead.",
            where,
            "string_above_max_length",
        )
