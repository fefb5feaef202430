"""What the server acknowledged, and what the robots saw: the evidence that nothing was lost."""

import json
from collections import Counter
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


@dataclass
class Journal:
    """Everything the robots of one run wrote down; also in `path`, one JSON object a line."""

    path: Path | None = None
    entries: list[Acknowledged] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    ack_seconds: list[float] = field(default_factory=list)
    training_seconds: list[float] = field(default_factory=list)

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
