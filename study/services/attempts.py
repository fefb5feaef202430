"""Coming back to a task after having left it, where the protocol does not let people simply go on.

Only a page with a workspace tells when nobody is in front of it, so the policy is about tasks. A
step that staff had paused is always gone on with.
"""

from datetime import datetime

from duetml.live.log import record
from duetml.workspace.models import Workspace
from duetml.workspace.services import workspaces
from study.models import Attempt, Participant, StepRun
from study.rules import flow
from study.rules.protocol import Step
from study.services import leaving
from study.services.flags import flag

RESTARTED = "restart"


def policy(run: StepRun, step: Step, seen_at: datetime | None, now: datetime) -> str:
    """What happens to somebody who looks at the page now: resume, restart or block. `seen_at`: when
    they last loaded a page of the study."""
    if run.workspace is None or run.closed_at is not None or "paused" in run.flags:
        return "resume"
    there = [run.opened_at, *(at for at in (run.workspace.seen_at, seen_at) if at)]
    return step.resume if flow.has_been_away(step, now, max(there)) else "resume"


def restart(
    participant: Participant, run: StepRun, step: Step, workspace: Workspace, now: datetime
) -> None:
    """Begin a task anew in `workspace`, with all of its time; what was made before is kept as an
    attempt and handed in to nobody."""
    if run.workspace is None:
        return
    Attempt.objects.create(step=run, workspace=run.workspace, opened_at=run.opened_at, ended_at=now)
    workspaces.close(run.workspace.id, RESTARTED, now)
    limits = flow.deadlines(step, now, waive_minimum=participant.kind == "preview")
    run.workspace, run.opened_at = workspace, now
    run.minimum_at, run.closes_at = limits.minimum_at, limits.closes_at
    run.save(update_fields=["workspace", "opened_at", "minimum_at", "closes_at"])
    flag(participant, run, "restarted", now)
    told = {"step": run.key, "workspace": str(workspace.id)}
    record(participant.stream, "step.restarted", told, at=now)


def block(participant: Participant, run: StepRun, now: datetime) -> None:
    """Let nobody go on who came back to a step that cannot be resumed."""
    record(participant.stream, "participant.blocked", {"step": run.key}, at=now)
    leaving.leave(participant, Participant.State.BLOCKED, now)
