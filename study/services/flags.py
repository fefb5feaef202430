"""Remarks on a step that the analysis must know of: late, early, extended, paused, restarted."""

from datetime import datetime

from duetml.live.log import record
from study.models import Participant, StepRun
from study.services import exclusion


def flag(participant: Participant, run: StepRun, remark: str, now: datetime) -> None:
    """Flag once, in the caller's transaction, which holds the participant's row."""
    if remark in run.flags:
        return
    run.flags = [*run.flags, remark]
    run.save(update_fields=["flags"])
    record(participant.stream, "step.flagged", {"step": run.key, "flag": remark}, at=now)
    if remark == "late" and participant.protocol.read().time.late == "exclude":
        exclusion.by_rule(participant, f"late: {run.key}", now)
