"""One request as the vendor received it, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.vendor.who import NOBODY, Asker, who_asks

KEPT = 64  # characters


@dataclass
class Seen:
    """`at` is when its first byte had come, `first_at` when the first piece of the answer went out,
    `ended_at` when the last one did (unix seconds); `closed_early`: the client left before.

    `problem` is the sentence with which a request was rejected that the real API would reject; its
    body is what could be read of it.
    """

    body: dict[str, Any]
    headers: Mapping[str, str]
    at: float
    number: int = 0
    size: int = 0
    asker: Asker = NOBODY
    status: int | None = None
    first_at: float | None = None
    ended_at: float | None = None
    closed_early: bool = False
    problem: str = ""

    def know_the_asker(self) -> None:
        self.asker = who_asks(self.system)

    def drop_pictures(self) -> None:
        """Keep the beginning of every picture only: a bench receives gigabytes."""
        for part in self.parts():
            if part["type"] == "image_url":
                part["image_url"]["url"] = part["image_url"]["url"][:KEPT] + "…"

    @property
    def authorization(self) -> str:
        return self.headers.get("Authorization", "")

    @property
    def agent(self) -> str:
        """The agent whose system prompt this is; "" for anybody else."""
        return self.asker.agent

    @property
    def wants_usage(self) -> bool:
        return bool((self.body.get("stream_options") or {}).get("include_usage"))

    def parts(self, role: str | None = None) -> list[dict[str, Any]]:
        """Every part in order, of one role where one is named; plain strings as text parts."""
        found: list[dict[str, Any]] = []
        for message in self.body.get("messages", ()) if not self.problem else ():
            content = message["content"]
            if role in (None, message["role"]) and content is not None:
                text = [{"type": "text", "text": content}]
                found += text if isinstance(content, str) else content
        return found

    @property
    def system(self) -> str:
        return "\n".join(part["text"] for part in self.parts("system"))

    @property
    def text(self) -> str:
        return "\n".join(part["text"] for part in self.parts() if part["type"] == "text")

    @property
    def images(self) -> list[str]:
        return [part["image_url"]["url"] for part in self.parts() if part["type"] == "image_url"]

    @property
    def last_text(self) -> str:
        """What was said last: a question, or all that an agent was told."""
        texts = [part["text"] for part in self.parts() if part["type"] == "text"]
        return texts[-1] if texts else ""
