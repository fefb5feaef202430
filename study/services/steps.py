"""A participant's way through the steps: opened, answered, finished or closed by the clock.

Every function holds the participant's row while it decides, so what one browser does twice, or two
browsers at once, happens once. Nothing is opened for somebody who is away: the clock only closes.
"""

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
from study.models import Appointment, Participant, StepRun
from study.rules import codes, completion, flow
from study.rules.answers import Answers, read_all
from study.rules.protocol import ProtocolFile, Step, words
from study.services import (
    appointments,
    assignment,
    attempts,
    closing,
    leaving,
    planned_exclusion,
    responses,
)
from study.services.closing import BY_CLOCK, BY_PARTICIPANT
from study.services.flags import flag
from study.services.responses import Known

DECLINED = "decline"  # the field of a consent page's other button
JUST_NOW = timedelta(seconds=5)
# Who has a page of the study before them; the others see why it is over for them.
STAYING = (Participant.State.ACTIVE, Participant.State.COMPLETED)


class Result(StrEnum):
    MOVED = "moved"  # the step is finished
    STALE = "stale"  # another step is the current one: an old tab, or a second click
    EARLY = "early"  # before the minimum
    LATE = "late"  # after the maximum: kept as late, not applied
    INCOMPLETE = "incomplete"  # answers are missing or not allowed
    PAUSED = "paused"  # staff have stopped the clock: answers are kept, nothing moves on
    UNBOOKED = "unbooked"  # a time for the talk is to be chosen first


@dataclass(frozen=True)
class Finish:
    """`arrived`: who moved, and the step opened for them; None where `arrive` has to find out."""

    result: Result
    answers: Answers | None = None
    arrived: tuple[Participant, StepRun] | None = None


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
    return None if closing.is_paused(participant, run) else (participant, run)


@transaction.atomic
def _arrive(participant_id: UUID, now: datetime) -> tuple[Participant, StepRun | None]:
    participant = assignment.locked(participant_id)
    seen_at, participant.seen_at = participant.seen_at, now
    participant.save(update_fields=["seen_at"])
    run = current(participant)
    is_active = participant.state == Participant.State.ACTIVE
    if is_active and not closing.is_paused(participant, run):
        _catch_up(participant, run, seen_at, now)
    if participant.state not in STAYING:
        return participant, None
    return participant, current(participant)


def _catch_up(
    participant: Participant, run: StepRun, seen_at: datetime | None, now: datetime
) -> None:
    """What the clock and the resume policy have to say to somebody who looks at a page. Whoever
    loads it has nothing under way any more, so that the grace is not waited for."""
    protocol = participant.protocol.read()
    if flow.is_late(now, run.closes_at):
        closing.close(participant, run, BY_CLOCK, now)
    if run.closed_at is not None:
        closing.flag_late_arrivals(participant, run, now)
        move_on(participant, protocol, run, now)
        return
    step = protocol.steps[run.index]
    match attempts.policy(run, step, seen_at, now):
        case "restart":
            until = closing.workspace_until(participant, flow.deadlines(step, now).closes_at)
            workspace = _workspace(participant, step, until, now)
            attempts.restart(participant, run, step, workspace, now)
        case "block":
            attempts.block(participant, run, now)


@transaction.atomic
def finish(participant_id: UUID, index: int, raw: Mapping[str, object], now: datetime) -> Finish:
    """Leave step `index` with these answers and open the next one."""
    participant = assignment.locked(participant_id)
    run, known = responses.run_and_answers(participant)
    protocol = participant.protocol.read()
    if index != run.index or run.closed_at is not None:
        return _too_late(participant, protocol, index, raw, now)
    step = protocol.steps[index]
    answers = read_all(step.items, raw)
    with together(participant.stream):
        if step.kind == "consent" and raw.get(DECLINED) == "yes":
            return _decline(participant, run, known, answers, now)
        return _finish(participant, protocol, run, known, answers, now)


def _decline(
    participant: Participant, run: StepRun, known: Known, answers: Answers, now: datetime
) -> Finish:
    """Who does not agree, or not to what is a condition of taking part, is not eligible."""
    responses.keep(participant, run, known, answers, now)
    closing.close(participant, run, BY_PARTICIPANT, now)
    leaving.leave(participant, Participant.State.SCREENED_OUT, now)
    unmet = sorted(answers.refused) or [run.key]
    record(participant.stream, "participant.screened_out", {"items": unmet}, at=now)
    return Finish(Result.MOVED)


def _too_late(
    participant: Participant,
    protocol: ProtocolFile,
    index: int,
    raw: Mapping[str, object],
    now: datetime,
) -> Finish:
    """A page that was left before, or that the clock closed while it was open somewhere: what it
    brings is kept as late and applied to nothing."""
    run = StepRun.objects.filter(participant=participant, index=index).first()
    if run is None or run.closed_by != BY_CLOCK:
        return Finish(Result.STALE)
    with together(participant.stream):
        responses.keep_late(participant, run, read_all(protocol.steps[index].items, raw), now)
    return Finish(Result.LATE)


def _finish(
    participant: Participant,
    protocol: ProtocolFile,
    run: StepRun,
    known: Known,
    answers: Answers,
    now: datetime,
) -> Finish:
    if closing.is_over(participant, run, now):
        responses.keep_late(participant, run, answers, now)
        closing.close(participant, run, BY_CLOCK, now)
        return Finish(Result.LATE)
    responses.keep(participant, run, known, answers, now)
    if closing.is_paused(participant, run):
        return Finish(Result.PAUSED)
    if answers.refused:
        return Finish(Result.INCOMPLETE, answers)
    step = protocol.steps[run.index]
    if not flow.may_leave(now, run.minimum_at):
        flag(participant, run, "early", now)
        return Finish(Result.EARLY)
    if step.kind == "interview" and _must_book(participant, now):
        return Finish(Result.UNBOOKED)
    if flow.is_late(now, run.closes_at):  # within the grace
        flag(participant, run, "late", now)
    closing.close(participant, run, BY_PARTICIPANT, now)
    unmet = flow.unmet(step, answers.values)
    if unmet:
        leaving.leave(participant, Participant.State.SCREENED_OUT, now)
        record(participant.stream, "participant.screened_out", {"items": unmet}, at=now)
        return Finish(Result.MOVED)
    opened = move_on(participant, protocol, run, now)
    return Finish(Result.MOVED, arrived=(participant, opened) if opened else None)


def move_on(
    participant: Participant, protocol: ProtocolFile, run: StepRun, now: datetime
) -> StepRun | None:
    """From a closed step to the next one, being assigned on the way where the protocol says so. The
    step that is open now; None for who had to leave."""
    if flow.assigns_after(protocol, run.index):
        reason = assignment.assign(participant, protocol, now)
        if reason is not None:
            leaving.leave(participant, Participant.State.TURNED_AWAY, now)
            record(participant.stream, "participant.turned_away", {"reason": reason}, at=now)
            return None
    following = flow.next_index(protocol, run.index, participant.condition)
    return None if following is None else open_step(participant, protocol, following, now)


def open_step(
    participant: Participant, protocol: ProtocolFile, index: int, now: datetime
) -> StepRun:
    step = protocol.steps[index]
    is_preview = participant.kind == Participant.Kind.PREVIEW
    limits = flow.deadlines(step, now, waive_minimum=is_preview)
    is_end = step.kind == "end"
    workspace = (
        _workspace(participant, step, closing.workspace_until(participant, limits.closes_at), now)
        if step.kind in leaving.TASKS
        else None
    )
    run = StepRun.objects.create(
        participant=participant,
        index=index,
        key=step.key,
        opened_at=now,
        minimum_at=limits.minimum_at,
        closes_at=limits.closes_at,
        closed_at=now if is_end else None,
        closed_by=BY_PARTICIPANT if is_end else "",
        workspace=workspace,
    )
    if (participant.step, participant.seen_at) != (index, now):  # somebody new is there already
        participant.step, participant.seen_at = index, now
        participant.save(update_fields=["step", "seen_at"])
    opened = {
        "step": step.key,
        "minimum_at": _iso(limits.minimum_at),
        "closes_at": _iso(limits.closes_at),
        "workspace": str(workspace.id) if workspace else "",
    }
    record(participant.stream, "step.opened", opened, at=now)
    if is_end:
        _complete(participant, now)
    return run


def current(participant: Participant) -> StepRun:
    """Most have no workspace, so it is read where it is asked for."""
    return StepRun.objects.get(participant=participant, index=participant.step)


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


def _complete(participant: Participant, now: datetime) -> None:
    protocol = participant.protocol.read()
    given = completion.code_of(protocol, _outcome(participant, protocol))
    participant.state, participant.ended_at = Participant.State.COMPLETED, now
    participant.completion_code = given or codes.completion_code()
    participant.save(update_fields=["state", "ended_at", "completion_code"])
    code = {"code": participant.completion_code}
    record(participant.stream, "participant.completed", code, at=now)
    planned_exclusion.apply(participant, now)


def _outcome(participant: Participant, protocol: ProtocolFile) -> str:
    """completed, or failed_checks where the protocol has a code for that."""
    if not completion.code_of(protocol, "failed_checks"):
        return "completed"
    failed = completion.failed_checks(protocol, queries.answers_of(participant))
    return "failed_checks" if failed else "completed"


def _must_book(participant: Participant, now: datetime) -> bool:
    """Whether there are times to choose from, and they have none."""
    has_one = Appointment.objects.filter(participant=participant).exists()
    return not has_one and appointments.open_times(participant.study, now).exists()


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
