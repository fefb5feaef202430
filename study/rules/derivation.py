"""Deriving a protocol: the same study, but for what is named."""

from collections.abc import Mapping
from typing import Any

import yaml

from study.rules.protocol import digest_of, read_protocol

WAITS = frozenset({"proactive_interval_seconds", "proactive_gap_seconds"})
SHORTEST_WAIT = 0.5


def derive(
    source: str,
    *,
    minutes_scale: float | None = None,
    agents: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = None,
    per_condition: int | None = None,
) -> str:
    """The text of a protocol that differs from `source` only as said, with its own digest.

    `minutes_scale` multiplies every minimum, every maximum and how long the proactive agent waits
    (0.5 s at the least); that and `agents` hold in every condition.
    """
    protocol = read_protocol(source)
    document = protocol.model_dump(mode="json", exclude_none=True)
    changes = list(protocol.derived.changes) if protocol.derived else []
    scale = protocol.derived.minutes_scale if protocol.derived else None
    if minutes_scale is not None:
        scale = minutes_scale * (scale or 1.0)
        _shorten(document, minutes_scale)
        changes.append(f"all times multiplied by {minutes_scale:g}")
    allocation = {} if per_condition is None else {"per_condition": per_condition}
    for part, values in (("agents", agents), ("model", model), ("allocation", allocation)):
        for field, value in (values or {}).items():
            if document[part][field] != value:
                changes.append(f"{part}.{field}: {document[part][field]} → {value}")
            for place in (document[part], *_own(document, part, field)):
                place[field] = value
    origin = protocol.derived.origin if protocol.derived else digest_of(source)
    document["derived"] = {"origin": origin, "changes": changes}
    if scale is not None:
        document["derived"]["minutes_scale"] = scale
    text: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)
    read_protocol(text)
    return text


def _shorten(document: dict[str, Any], scale: float) -> None:
    for step in document["steps"]:
        if "minutes" in step:
            step["minutes"] = {k: v * scale for k, v in step["minutes"].items()}
    for part in (document["agents"], *(c["agents"] for c in document["conditions"])):
        for wait in part.keys() & WAITS:
            part[wait] = max(SHORTEST_WAIT, part[wait] * scale)


def _own(document: dict[str, Any], part: str, field: str) -> list[dict[str, Any]]:
    """What conditions say of it for themselves."""
    conditions = document["conditions"] if part == "agents" else []
    return [one["agents"] for one in conditions if field in one["agents"]]
