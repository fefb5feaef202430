"""One action, once: the order in which every change by a participant is checked and recorded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.features import Features
from duetml.live.log import ClientStamp, find, record, workspace_stream
from duetml.live.models import Event
from duetml.workspace.models import Workspace
from duetml.workspace.services.refusal import Refused
from duetml.workspace.services.workspaces import is_over, locked

LATE = "action.late"


@dataclass(frozen=True)
class Done:
    """What an action became: `result` is the payload of its event; a late one changed nothing."""

    seq: int
    late: bool
    result: Mapping[str, Any]


@dataclass(frozen=True)
class Act:
    """What an action's function may use; the workspace's row is locked."""

    workspace: Workspace
    stamp: ClientStamp
    now: datetime

    def record(self, kind: str, payload: Mapping[str, Any]) -> Event:
        """The event the action is known by: exactly one per action, its last."""
        return record(self.workspace.stream, kind, payload, at=self.now, client=self.stamp)

    def record_also(self, kind: str, payload: Mapping[str, Any]) -> None:
        record(self.workspace.stream, kind, payload, at=self.now)


@dataclass(frozen=True)
class Attempt:
    """What is tried, as a late event would tell it, and the feature it needs, if any."""

    action: str
    payload: Mapping[str, Any]
    feature: str | None = None


def act(
    workspace_id: UUID | str,
    attempt: Attempt,
    stamp: ClientStamp,
    now: datetime,
    do: Callable[[Act], Event],
) -> Done:
    """Run `do` in a transaction with the workspace locked, unless this id was seen or it is late.

    Raises Refused, and then nothing was written. What is not switched on leaves no trace, not even
    a late event: the log of a workspace without a feature does not know that the feature exists.
    """
    with transaction.atomic():
        workspace = _locked(workspace_id)
        # Asked first: an id used before must not tell what is switched off from what never was.
        if attempt.feature and not is_on(workspace.settings.features, attempt.feature):
            raise not_available()
        before = find(workspace.stream, stamp.id)
        if before is not None:
            return _done(before)
        if is_over(workspace, now):
            told = {"action": attempt.action, "payload": dict(attempt.payload)}
            return _done(record(workspace.stream, LATE, told, at=now, client=stamp))
        return _done(do(Act(workspace, stamp, now)))


def answered_before(workspace_id: UUID | str, stamp: ClientStamp) -> Done | None:
    """What this id became, if it was sent before; needs no lock."""
    event = find(workspace_stream(workspace_id), stamp.id)
    return None if event is None else _done(event)


def is_on(features: Features, feature: str) -> bool:
    return bool(getattr(features, feature))


def not_available() -> Refused:
    """The same words for what is switched off and for what never existed."""
    return Refused("not_available", _("This is not available here."))


def _locked(workspace_id: UUID | str) -> Workspace:
    try:
        return locked(workspace_id)
    except Workspace.DoesNotExist:
        raise Refused("unknown_workspace", _("This workspace no longer exists.")) from None


def _done(event: Event) -> Done:
    return Done(event.seq, event.kind == LATE, event.payload)
