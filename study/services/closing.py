"""Closing a step, once: by the participant, by the clock, or because they leave."""

import logging
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction

from duetml.live.log import record
from duetml.live.models import Event
from duetml.workspace.services import workspaces
from study.models import Participant, StepRun
from study.rules import flow
from study.services import assignment, submissions
from study.services.flags import flag

log = logging.getLogger(__name__)

BY_PARTICIPANT, BY_CLOCK = "participant", "clock"
MOST_AT_ONCE = 500


def close(
    participant: Participant, run: StepRun, by: str, now: datetime, *, freezes: bool = True
) -> bool:
    """Close a step once, with its workspace, and freeze what raters will see; the caller's
    transaction holds the participant's row."""
    if not StepRun.objects.filter(pk=run.pk, closed_at=None).update(closed_at=now, closed_by=by):
        return False
    run.closed_at, run.closed_by = now, by
    if run.workspace is not None:
        if _did_something_late(run):
            flag(participant, run, "late", now)
        workspaces.close(run.workspace.id, by, now)
        if freezes and participant.protocol.read().steps[run.index].rated:
            submissions.freeze(participant, run, now)
    record(participant.stream, "step.closed", {"step": run.key, "by": by}, at=now)
    return True


def close_late(now: datetime) -> int:
    """Close every step whose maximum has passed, grace included; returns how many. Running it twice
    closes nothing twice. However late it runs, steps that are paused stay open.
    """
    closed = 0
    for run, person in _late(now):
        try:
            closed += _close_if_late(run, person, now)
        except Exception:  # one that cannot be closed must not keep the others open
            log.exception("step run %s could not be closed; the next sweep tries again", run)
    return closed


def flag_late_arrivals(participant: Participant, run: StepRun, now: datetime) -> None:
    """Remark on what came from a workspace after its end: it is among its events, not applied."""
    if run.workspace is None or "late" in run.flags:
        return
    events = Event.objects.filter(stream__key=run.workspace.stream, kind="action.late")
    if events.exists():
        flag(participant, run, "late", now)


def _late(now: datetime) -> Iterator[tuple[int, UUID]]:
    late = StepRun.objects.filter(closed_at=None, paused_at=None, closes_at__lte=now)
    late = late.filter(participant__paused_at=None, participant__study__paused_at=None)
    yield from late.order_by("closes_at").values_list("pk", "participant")


@transaction.atomic
def _close_if_late(run_id: int, participant_id: UUID, now: datetime) -> bool:
    participant = assignment.locked(participant_id)
    run = StepRun.objects.select_related("workspace").get(pk=run_id)
    return is_over(participant, run, now) and close(participant, run, BY_CLOCK, now)


def is_over(participant: Participant, run: StepRun, now: datetime) -> bool:
    """Whether the clock closes this step: its maximum and the protocol's grace have passed, and it
    is not paused."""
    if is_paused(participant, run):
        return False
    return flow.is_late(now, run.closes_at, flow.grace(participant.protocol.read()))


def is_paused(participant: Participant, run: StepRun) -> bool:
    return bool(run.paused_at or participant.paused_at or participant.study.paused_at)


def workspace_until(participant: Participant, closes_at: datetime | None) -> datetime | None:
    """When a workspace takes nothing more: it applies what comes within the grace."""
    return closes_at and closes_at + flow.grace(participant.protocol.read())


def _did_something_late(run: StepRun) -> bool:
    """Whether something of the person came within the grace, and was applied."""
    if run.workspace is None or run.closes_at is None:
        return False
    events = Event.objects.filter(stream__key=run.workspace.stream, at__gte=run.closes_at)
    return events.exclude(client_id=None).exists()
