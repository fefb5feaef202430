"""A participant's way through the steps: opened, answered, finished or closed by the clock.

Every function holds the participant's row while it decides, so what one browser does twice, or two
browsers at once, happens once. Nothing is opened for somebody who is away: the clock only closes.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from duetml.features import WorkspaceSettings
from duetml.live.log import record, together
from duetml.workspace.models import Workspace
from duetml.workspace.services import workspaces
from study import queries
from study.models import Participant, StepRun
from study.rules import codes, flow
from study.rules.answers import Answers, read_all
from study.rules.protocol import ProtocolFile, Step, words
from study.services import assignment, responses, submissions

log = logging.getLogger(__name__)

BY_PARTICIPANT, BY_CLOCK = "participant", "clock"
JUST_NOW = timedelta(seconds=5)


class Result(StrEnum):
    MOVED = "moved"  # the step is finished
    STALE = "stale"  # another step is the current one: an old tab, or a second click
    EARLY = "early"  # before the minimum
    LATE = "late"  # after the maximum: kept as late, not applied
    INCOMPLETE = "incomplete"  # answers are missing or not allowed


@dataclass(frozen=True)
class Finish:
    result: Result
    answers: Answers | None = None


def arrive(participant_id: UUID, now: datetime) -> tuple[Participant, StepRun | None]:
    """Where somebody who looks at the page is; None when they have left the study.

    Closes what is late and opens what comes next.
    """
    return _at_rest(participant_id, now) or _arrive(participant_id, now)


def _at_rest(participant_id: UUID, now: datetime) -> tuple[Participant, StepRun] | None:
    """Without a lock, somebody who was seen just now and for whom nothing has to change."""
    rows = Participant.objects.select_related("study", "protocol").defer("protocol__source")
    participant = rows.get(pk=participant_id)
    is_active = participant.state == Participant.State.ACTIVE
    if not is_active or participant.seen_at is None or now - participant.seen_at > JUST_NOW:
        return None
    run = current(participant)
    if run.closed_at is not None or flow.is_late(now, run.closes_at):
        return None
    is_paused = participant.paused_at or run.paused_at or participant.study.paused_at
    return None if is_paused else (participant, run)


@transaction.atomic
def _arrive(participant_id: UUID, now: datetime) -> tuple[Participant, StepRun | None]:
    participant = assignment.locked(participant_id)
    participant.seen_at = now
    participant.save(update_fields=["seen_at"])
    run = current(participant)
    if flow.is_late(now, run.closes_at):
        _close(participant, run, BY_CLOCK, now)
    if run.closed_at is not None and participant.state == Participant.State.ACTIVE:
        move_on(participant, participant.protocol.read(), run, now)
    if participant.state in (Participant.State.SCREENED_OUT, Participant.State.TURNED_AWAY):
        return participant, None
    return participant, current(participant)


@transaction.atomic
def finish(participant_id: UUID, index: int, raw: Mapping[str, object], now: datetime) -> Finish:
    """Leave step `index` with these answers and open the next one."""
    participant = assignment.locked(participant_id)
    run = current(participant)
    if index != run.index or run.closed_at is not None:
        return Finish(Result.STALE)
    protocol = participant.protocol.read()
    step = protocol.steps[index]
    answers = read_all(step.items, raw)
    with together(participant.stream):
        return _finish(participant, protocol, run, answers, now)


def _finish(
    participant: Participant,
    protocol: ProtocolFile,
    run: StepRun,
    answers: Answers,
    now: datetime,
) -> Finish:
    if flow.is_late(now, run.closes_at):
        responses.keep_late(participant, run, answers, now)
        _close(participant, run, BY_CLOCK, now)
        return Finish(Result.LATE)
    responses.keep(participant, run, answers, now)
    if answers.refused:
        return Finish(Result.INCOMPLETE, answers)
    if not flow.may_leave(now, run.minimum_at):
        return Finish(Result.EARLY)
    _close(participant, run, BY_PARTICIPANT, now)
    unmet = flow.unmet(protocol.steps[run.index], answers.values)
    if unmet:
        _leave(participant, Participant.State.SCREENED_OUT, now)
        record(participant.stream, "participant.screened_out", {"items": unmet}, at=now)
    else:
        move_on(participant, protocol, run, now)
    return Finish(Result.MOVED)


def close_late(now: datetime) -> int:
    """Close every step whose maximum has passed; returns how many. Running it twice closes nothing
    twice.
    """
    late = StepRun.objects.filter(closed_at=None, closes_at__lte=now).order_by("closes_at")
    closed = 0
    for run, person in late.values_list("pk", "participant"):
        try:
            closed += _close_if_late(run, person, now)
        except Exception:  # one that cannot be closed must not keep the others open
            log.exception("step run %s could not be closed; the next sweep tries again", run)
    return closed


def move_on(participant: Participant, protocol: ProtocolFile, run: StepRun, now: datetime) -> None:
    """From a closed step to the next one, being assigned on the way where the protocol says so."""
    if flow.assigns_after(protocol, run.index):
        reason = assignment.assign(participant, protocol, now)
        if reason is not None:
            _leave(participant, Participant.State.TURNED_AWAY, now)
            record(participant.stream, "participant.turned_away", {"reason": reason}, at=now)
            return
    following = flow.next_index(protocol, run.index, participant.condition)
    if following is not None:
        open_step(participant, protocol, following, now)


def open_step(
    participant: Participant, protocol: ProtocolFile, index: int, now: datetime
) -> StepRun:
    step = protocol.steps[index]
    is_preview = participant.kind == Participant.Kind.PREVIEW
    limits = flow.deadlines(step, now, waive_minimum=is_preview)
    workspace = (
        _workspace(participant, step, limits.closes_at, now) if step.kind == "task" else None
    )
    run = StepRun.objects.create(
        participant=participant,
        index=index,
        key=step.key,
        opened_at=now,
        minimum_at=limits.minimum_at,
        closes_at=limits.closes_at,
        workspace=workspace,
    )
    participant.step, participant.seen_at = index, now
    participant.save(update_fields=["step", "seen_at"])
    opened = {
        "step": step.key,
        "minimum_at": _iso(limits.minimum_at),
        "closes_at": _iso(limits.closes_at),
        "workspace": str(workspace.id) if workspace else "",
    }
    record(participant.stream, "step.opened", opened, at=now)
    if step.kind == "end":
        _complete(participant, run, now)
    return run


def current(participant: Participant) -> StepRun:
    return StepRun.objects.select_related("workspace").get(
        participant=participant, index=participant.step
    )


def _workspace(
    participant: Participant, step: Step, closes_at: datetime | None, now: datetime
) -> Workspace:
    seed = codes.draw_seed(participant.study.seed, str(participant.id), step.key)
    return workspaces.create(
        WorkspaceSettings.model_validate(participant.settings_json),
        task=words(step.task or {}, participant.language),
        language=participant.language,
        pool=step.pool,
        images=step.images,
        seed=seed,
        closes_at=closes_at,
        now=now,
        shares_images=queries.shares_images(participant),
        payers=participant.payers,
    )


@transaction.atomic
def _close_if_late(run_id: int, participant_id: UUID, now: datetime) -> bool:
    participant = assignment.locked(participant_id)
    run = StepRun.objects.select_related("workspace").get(pk=run_id)
    return flow.is_late(now, run.closes_at) and _close(participant, run, BY_CLOCK, now)


def _close(participant: Participant, run: StepRun, by: str, now: datetime) -> bool:
    """Close a step once, with its workspace, and freeze what raters will see."""
    if not StepRun.objects.filter(pk=run.pk, closed_at=None).update(closed_at=now, closed_by=by):
        return False
    run.closed_at, run.closed_by = now, by
    if run.workspace is not None:
        workspaces.close(run.workspace.id, by, now)
        if participant.protocol.read().steps[run.index].rated:
            submissions.freeze(participant, run, now)
    record(participant.stream, "step.closed", {"step": run.key, "by": by}, at=now)
    return True


def _complete(participant: Participant, run: StepRun, now: datetime) -> None:
    StepRun.objects.filter(pk=run.pk).update(closed_at=now, closed_by=BY_PARTICIPANT)
    participant.completion_code = codes.completion_code()
    _leave(participant, Participant.State.COMPLETED, now)
    code = {"code": participant.completion_code}
    record(participant.stream, "participant.completed", code, at=now)


def _leave(participant: Participant, state: Participant.State, now: datetime) -> None:
    participant.state, participant.ended_at = state, now
    participant.save(update_fields=["state", "ended_at", "completion_code"])


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
