"""What a server sends, event by event: text, and in the end the account of it.

Nothing is taken on trust: whatever has the wrong form is a VendorError or is left out.
"""

from typing import Any

from duetml.llm.client import Failure, Usage, VendorError

MOST_TOKENS = 1_000_000_000
LONGEST_MODEL = 200
MOST_CHARACTERS = 1_000_000  # of one answer; no model says so much, a broken server may


class Reading:
    """One answer as it comes. `asked`: the model that was asked for."""

    def __init__(self, asked: str) -> None:
        self._model = asked
        self._finish = ""
        self._tokens: tuple[int | None, int | None] = (None, None)
        self._characters = 0
        self._said = False
        self._called_a_tool = False

    def piece(self, event: object) -> str:
        """The text of one event, "" where it has none."""
        document = _mapping(event, "an event")
        self._model = _model(document.get("model")) or self._model
        if document.get("usage") is not None:
            self._tokens = _tokens(_mapping(document["usage"], "the usage"))
        choices = document.get("choices")
        if choices is None or choices == []:
            return ""  # the event with the usage, or one about filters
        if not isinstance(choices, list):
            raise VendorError(Failure.NONSENSE, f"choices is a {type(choices).__name__}")
        return self._choice(_mapping(choices[0], "a choice"))

    def whole(self, answer: object) -> str:
        """The text of an answer that comes in one piece, from a server that does not stream."""
        document = _mapping(answer, "the answer")
        choices = document.get("choices")
        if not isinstance(choices, list):
            raise VendorError(Failure.NONSENSE, "the answer has no choices")
        known = [_mapping(one, "a choice") for one in choices]
        return self.piece(
            document | {"choices": [one | {"delta": one.get("message")} for one in known]}
        )

    def end(self) -> Usage:
        """The account of an answer that is whole; raises VendorError for one that is not."""
        if self._finish == "content_filter":
            raise VendorError(Failure.REFUSED, "the vendor's content filter stopped the answer")
        if not self._finish:
            kind = Failure.CUT_STREAM if self._said else Failure.EMPTY
            raise VendorError(kind, "the stream ended without a finish reason")
        if not self._said and self._called_a_tool:
            raise VendorError(Failure.NONSENSE, "a tool was called in place of an answer")
        if not self._said:
            raise VendorError(Failure.EMPTY, f"no text, finish reason {self._finish}")
        return Usage(*self._tokens, self._model, self._finish)

    def _choice(self, choice: dict[str, Any]) -> str:
        finish = choice.get("finish_reason")
        if isinstance(finish, str):
            self._finish = finish[:40] or self._finish
        delta = _mapping(choice.get("delta", {}), "a delta")
        if delta.get("refusal"):
            raise VendorError(Failure.REFUSED, f"the model refused: {delta['refusal']}")
        if delta.get("tool_calls") or delta.get("function_call"):
            self._called_a_tool = True
        text = delta.get("content") or ""
        if not isinstance(text, str):
            raise VendorError(Failure.NONSENSE, f"content is a {type(text).__name__}, not text")
        self._characters += len(text)
        if self._characters > MOST_CHARACTERS:
            raise VendorError(Failure.NONSENSE, f"more than {MOST_CHARACTERS:,} characters")
        self._said = self._said or not (text == "" or text.isspace())
        return text


def _mapping(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise VendorError(Failure.NONSENSE, f"{name} is a {type(value).__name__}, not an object")
    return value


def _model(told: object) -> str:
    """The model's name where it can be one, else ""."""
    if not isinstance(told, str) or len(told) > LONGEST_MODEL or not told.isprintable():
        return ""
    return told.strip()


def _tokens(usage: dict[str, Any]) -> tuple[int | None, int | None]:
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))


def _count(told: object) -> int | None:
    """What a server counts may be nonsense, and a call's account must hold all the same."""
    if not isinstance(told, int) or isinstance(told, bool):
        return None
    return told if 0 <= told <= MOST_TOKENS else None
