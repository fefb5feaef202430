"""Everything a person can do in a workspace, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from duetml.live.log import ClientStamp
from duetml.workspace.services.refusal import Refused

__all__ = ["Done", "Refused", "perform"]


@dataclass(frozen=True)
class Done:
    """What an action became: `result` is the payload of its event, `late` whether it came too late."""

    seq: int
    late: bool
    result: Mapping[str, Any]


def perform(
    workspace_id: UUID | str,
    action: str,
    payload: Mapping[str, Any],
    stamp: ClientStamp,
    now: datetime,
) -> Done:
    """Do one action once, in one transaction. Raises Refused, and then nothing was written."""
    raise NotImplementedError
