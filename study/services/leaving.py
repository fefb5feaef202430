"""Somebody leaves: their open step is closed, and a place they never used goes back."""

from datetime import datetime

from duetml.live.log import record
from study.models import Participant, Slot, StepRun
from study.rules import completion
from study.services import closing, planned_exclusion, replacing

TASKS = ("task", "practice")


def leave(
    participant: Participant, state: Participant.State, now: datetime, *, freezes: bool = True
) -> None:
    """Put an active or finished participant into a final state, in the caller's transaction, which
    holds their row. `freezes`: what they made in an open rated task is handed in as it is.

    A place whose holder saw no task goes back to its sequence; one that was lost later stays taken,
    and another is added at the end where the protocol has them replaced.
    """
    was_active = participant.state == Participant.State.ACTIVE
    if was_active:
        _close_open(participant, freezes, now)
    participant.state, participant.ended_at = state, participant.ended_at or now
    participant.paused_at = None
    if was_active:
        participant.completion_code = completion.code_of(participant.protocol.read(), str(state))
    participant.save(update_fields=["state", "ended_at", "paused_at", "completion_code"])
    if participant.slot is None:
        return
    if has_seen_a_task(participant) or replacing.was_replaced(participant):
        replacing.replace(participant, now)
        planned_exclusion.apply(participant, now)
    else:
        _give_back(participant, participant.slot, now)


def has_seen_a_task(participant: Participant) -> bool:
    keys = [step.key for step in participant.protocol.read().steps if step.kind in TASKS]
    return StepRun.objects.filter(participant=participant, key__in=keys).exists()


def _close_open(participant: Participant, freezes: bool, now: datetime) -> None:
    open_runs = StepRun.objects.filter(participant=participant, closed_at=None)
    for run in open_runs.select_related("workspace"):
        closing.close(participant, run, closing.BY_PARTICIPANT, now, freezes=freezes)


def _give_back(participant: Participant, slot: Slot, now: datetime) -> None:
    """The next person gets the place; nobody has learnt what it is."""
    participant.slot, participant.condition, participant.settings_json = None, "", None
    participant.assigned_at = None
    participant.save(update_fields=["slot", "condition", "settings_json", "assigned_at"])
    Slot.objects.filter(pk=slot.pk).update(taken_at=None)
    told = {"slot": slot.position, "sequence": slot.sequence, "stratum": slot.stratum}
    record(participant.stream, "slot.returned", told, at=now)
