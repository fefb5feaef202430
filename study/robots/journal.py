"""What the server acknowledged, and what the robots saw: the evidence that nothing was lost."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path


class UnexpectedError(Exception):
    """The server answered something a robot cannot accept; the text says what it saw and where."""


@dataclass(frozen=True)
class Acknowledged:
    """One action the server promised to keep. `stream`: a workspace, "participant" or "rater"."""

    robot: str
    kind: str
    client: str
    stream: str
    acked_at: str
    late: bool


@dataclass(frozen=True)
class LastSeen:
    """What a robot saw in a workspace when it left: category → pictures, after event `seq`."""

    robot: str
    workspace: str
    seq: int
    sorted_images: Mapping[str, frozenset[str]]


@dataclass
class Journal:
    """Everything the robots of one run wrote down; also in `path`, one JSON object a line."""

    path: Path | None = None
    entries: list[Acknowledged] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    ack_seconds: list[float] = field(default_factory=list)
    training_seconds: list[float] = field(default_factory=list)
    step_seconds: dict[str, list[float]] = field(default_factory=dict)  # by step, as its page says
    last_seen: list[LastSeen] = field(default_factory=list)
    # (personal link, item) → the last value that was acknowledged in time
    answers: dict[tuple[str, str], object] = field(default_factory=dict)

    def acknowledge(
        self, robot: str, kind: str, client: str, stream: str, late: bool, seconds: float
    ) -> None:
        now = datetime.now(UTC).isoformat()
        entry = Acknowledged(robot, kind, client, stream, now, late)
        self.entries.append(entry)
        self.ack_seconds.append(seconds)
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(entry)) + "\n")

    def note(self, what: str, times: int = 1) -> None:
        """Count something that happened: "reconnected", "tokens", "refused as expected" …"""
        self.counts[what] += times
