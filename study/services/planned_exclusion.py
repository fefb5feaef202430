"""The analysis plan's rules for exclusion, applied where somebody's way ends: when they complete
the study or leave it. Of those still under way, and by the rule that tells who had agents, people
are excluded when the results are unlocked.
"""

from datetime import datetime

from duetml.workspace.models import AgentCall
from study import queries
from study.models import Participant, StepRun
from study.rules import completion, flow
from study.rules.exclusions import Course, reasons
from study.rules.protocol import ProtocolFile, Step
from study.services import assignment, exclusion

REACHED = (AgentCall.Outcome.ANSWERED, AgentCall.Outcome.STOPPED, AgentCall.Outcome.WITHHELD)


def apply(participant: Participant, now: datetime, *, is_blind: bool = True) -> None:
    """Exclude whom a rule fits, in the caller's transaction, which holds their row. Who was never
    assigned is in no analysis; previews are neither. `is_blind`: without agents_failed."""
    protocol = participant.protocol.read()
    has_rules = protocol.analysis is not None and protocol.analysis.exclusions
    if not has_rules or not participant.condition or participant.kind == Participant.Kind.PREVIEW:
        return
    found = reasons(protocol, course_of(participant, protocol, is_blind=is_blind))
    if found:
        exclusion.by_rule(participant, "; ".join(found), now)


def apply_to_everybody(slug: str, now: datetime) -> None:
    """In the caller's transaction, which holds no study's row yet: a participant's comes first."""
    rows = Participant.objects.filter(study__slug=slug, excluded_at=None).exclude(condition="")
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        apply(assignment.locked(pk), now, is_blind=False)


def course_of(participant: Participant, protocol: ProtocolFile, *, is_blind: bool) -> Course:
    runs = list(StepRun.objects.filter(participant=participant).order_by("index"))
    rated = [s for s in protocol.steps if s.rated and flow.is_taken(s, participant.condition)]
    to_rate = [step.key for step in rated]
    tasks = [run for run in runs if run.key in to_rate]
    over = {run.key: run for run in runs if _was_finished(participant, run)}
    return Course(
        late=[run.key for run in runs if "late" in run.flags],
        failed_checks=completion.failed_checks(protocol, queries.answers_of(participant)),
        minutes={step.key: _minutes(step, over[step.key]) for step in rated if step.key in over},
        to_rate=to_rate,
        unanswered=[] if is_blind else [run.key for run in tasks if _was_left_alone(run)],
        completed=participant.state == Participant.State.COMPLETED,
    )


def _was_finished(participant: Participant, run: StepRun) -> bool:
    """Closed by them or by the clock, and not because they left in the middle of it."""
    was_last = run.index == participant.step and run.closed_at == participant.ended_at
    return run.closed_at is not None and not was_last


def _minutes(step: Step, run: StepRun) -> float:
    """From the opening to the close; a pause moved the deadline by as long as it lasted."""
    if run.closed_at is None:
        return 0.0
    paused = 0.0
    planned = flow.deadlines(step, run.opened_at).closes_at
    if run.closes_at is not None and planned is not None:
        paused = (run.closes_at - planned).total_seconds() - run.extra_seconds
    return ((run.closed_at - run.opened_at).total_seconds() - paused) / 60


def _was_left_alone(run: StepRun) -> bool:
    """Whether the agents were asked and could never be reached."""
    calls = AgentCall.objects.filter(workspace=run.workspace_id)
    return calls.exists() and not calls.filter(outcome__in=REACHED).exists()
