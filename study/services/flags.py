"""Remarks on a step that the analysis must know of: late, early, extended, paused, restarted."""

from datetime import datetime

from duetml.live.log import record
from study.models import Participant, StepRun

BY_RULE = "protocol"


def flag(participant: Participant, run: StepRun, remark: str, now: datetime) -> None:
    """Flag once, in the caller's transaction, which holds the participant's row."""
    if remark in run.flags:
        return
    run.flags = [*run.flags, remark]
    run.save(update_fields=["flags"])
    record(participant.stream, "step.flagged", {"step": run.key, "flag": remark}, at=now)
    if remark == "late" and participant.protocol.read().time.late == "exclude":
        _exclude(participant, run, now)


def _exclude(participant: Participant, run: StepRun, now: datetime) -> None:
    """By the protocol's rule, on record like an exclusion by staff."""
    if participant.excluded_at is not None:
        return
    reason = f"late in step {run.key}"
    participant.excluded_at, participant.excluded_by = now, BY_RULE
    participant.exclusion_reason = reason
    participant.save(update_fields=["excluded_at", "excluded_by", "exclusion_reason"])
    record(participant.stream, "participant.excluded", {"reason": reason, "by": BY_RULE}, at=now)
