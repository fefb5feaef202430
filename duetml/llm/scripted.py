"""Replies in order, for tests."""

from collections.abc import Iterator

from duetml.llm.client import ChatRequest, Chunk, Usage, VendorError


class ScriptedLLM:
    """Gives the replies in order, one per request, and keeps what it was asked.

    A VendorError in place of a reply is raised. Asked more often than it has replies, it fails the
    test.
    """

    def __init__(self, *replies: str | VendorError) -> None:
        self._replies = list(replies)
        self.requests: list[ChatRequest] = []

    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        self.requests.append(request)
        if not self._replies:
            raise AssertionError(f"request {len(self.requests)} has no recorded reply: add one")
        reply = self._replies.pop(0)
        if isinstance(reply, VendorError):
            raise reply
        words = in_words(reply)
        for word in words:
            yield Chunk(text=word)
        yield Chunk(usage=Usage(len(request.texts()), len(words), "scripted", "stop"))


def in_words(text: str) -> list[str]:
    """The text in pieces, each with the space in front of it."""
    first, *others = text.split(" ")
    return [first, *(f" {word}" for word in others)]
