"""Stopping the clock for a participant or a whole study, and giving more time: by staff, with a
reason, told to everybody it concerns.

Deadlines are stored, so a pause moves them: by as long as it lasted, when it ends. While it lasts
a workspace's closing time is the moment the pause began, so that nothing more is applied in it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live.log import record, study_stream
from duetml.workspace.services import workspaces
from duetml.workspace.services.refusal import Refused
from study.models import Participant, StepRun, Study
from study.rules import flow
from study.services import assignment, closing
from study.services.flags import flag

LONGEST_REASON = 500
MOST_MINUTES = 240


@transaction.atomic
def pause(participant_id: UUID, reason: str, by: str, now: datetime) -> Participant:
    """Stop one participant's clock; once. Raises Refused without a reason, and for somebody who has
    left."""
    participant = assignment.locked(participant_id)
    reason = _reason(reason)
    _check_is_here(participant)
    if participant.paused_at is None:
        participant.paused_at = now
        participant.save(update_fields=["paused_at"])
        record(participant.stream, "participant.paused", {"reason": reason, "by": by}, at=now)
        _stop_clock(participant, now)
    return participant


@transaction.atomic
def resume(participant_id: UUID, by: str, now: datetime) -> Participant:
    """Let one participant go on, with the time that was left; not while the whole study is paused:
    then the clock goes on with the study's."""
    participant = assignment.locked(participant_id)
    if participant.paused_at is not None:
        seconds = (now - participant.paused_at).total_seconds()
        participant.paused_at = None
        participant.save(update_fields=["paused_at"])
        told = {"by": by, "seconds": seconds}
        record(participant.stream, "participant.resumed", told, at=now)
        if participant.study.paused_at is None:
            _start_clock(participant, now)
    return participant


@transaction.atomic
def extend(run_id: int, minutes: int, reason: str, by: str, now: datetime) -> StepRun:
    """Give a participant more time for an open step. Raises Refused for a step that is over or has
    no maximum, without a reason, and for minutes out of range; StepRun.DoesNotExist."""
    reason, seconds = _reason(reason), _seconds(minutes)
    found = StepRun.objects.get(pk=run_id)
    participant = assignment.locked(found.participant_id)
    run = StepRun.objects.select_related("workspace").get(pk=run_id)
    if run.closed_at is not None or closing.is_over(participant, run, now):
        raise Refused("over", _("This step is over: no time can be added any more."))
    if run.closes_at is None:
        raise Refused("untimed", _("This step has no maximum, so there is no time to add."))
    _extend(participant, run, seconds, reason, by, now)
    return run


@transaction.atomic
def pause_study(slug: str, reason: str, by: str, now: datetime) -> Study:
    """Stop the clock of everybody and let nobody in; once. Raises Refused without a reason, and for
    a study that is neither piloting nor open nor has somebody in it."""
    reason = _reason(reason)
    people = _locked_people(slug)
    study = Study.objects.select_for_update(no_key=True).get(slug=slug)
    is_under_way = study.state in (Study.State.OPEN, Study.State.PILOT)
    if not is_under_way and not people:
        raise Refused("state", _("Nobody is in this study, so there is nothing to pause."))
    if study.paused_at is not None:
        return study
    study.paused_at, study.pause_reason = now, reason
    study.save(update_fields=["paused_at", "pause_reason"])
    record(study_stream(slug), "study.paused", {"reason": reason, "by": by}, at=now)
    for participant in people:
        _stop_clock(participant, now)
    return study


@transaction.atomic
def resume_study(slug: str, by: str, now: datetime) -> Study:
    """Let everybody go on who is not paused for themselves."""
    people = _locked_people(slug)
    study = Study.objects.select_for_update(no_key=True).get(slug=slug)
    if study.paused_at is None:
        return study
    seconds = (now - study.paused_at).total_seconds()
    study.paused_at, study.pause_reason = None, ""
    study.save(update_fields=["paused_at", "pause_reason"])
    record(study_stream(slug), "study.resumed", {"by": by, "seconds": seconds}, at=now)
    for participant in people:
        if participant.paused_at is None:
            _start_clock(participant, now)
    return study


@transaction.atomic
def extend_study(slug: str, minutes: int, reason: str, by: str, now: datetime) -> int:
    """Give more time to everybody who is in a timed step; returns to how many. Raises Refused."""
    reason, seconds = _reason(reason), _seconds(minutes)
    number = 0
    for participant in _locked_people(slug):
        run = _open_run(participant)
        if run is None or run.closes_at is None or closing.is_over(participant, run, now):
            continue
        _extend(participant, run, seconds, reason, by, now)
        number += 1
    told = {"seconds": seconds, "reason": reason, "by": by}
    record(study_stream(slug), "study.extended", told, at=now)
    return number


def _stop_clock(participant: Participant, now: datetime) -> None:
    """Of the open step; what was over before the pause began is over."""
    run = _open_run(participant)
    if run is None or run.paused_at is not None:
        return
    if flow.is_late(now, run.closes_at, flow.grace(participant.protocol.read())):
        closing.close(participant, run, closing.BY_CLOCK, now)
        return
    run.paused_at = now
    run.save(update_fields=["paused_at"])
    flag(participant, run, "paused", now)
    if run.workspace is not None:
        workspaces.reschedule(run.workspace.id, now, "paused", now)


def _start_clock(participant: Participant, now: datetime) -> None:
    run = _open_run(participant)
    if run is None or run.paused_at is None:
        return
    lasted = now - run.paused_at
    run.paused_at = None
    run.minimum_at = run.minimum_at and run.minimum_at + lasted
    run.closes_at = run.closes_at and run.closes_at + lasted
    run.save(update_fields=["paused_at", "minimum_at", "closes_at"])
    if run.workspace is not None:
        until = closing.workspace_until(participant, run.closes_at)
        workspaces.reschedule(run.workspace.id, until, "resumed", now)


def _extend(
    participant: Participant, run: StepRun, seconds: int, reason: str, by: str, now: datetime
) -> None:
    run.closes_at = (run.closes_at or now) + timedelta(seconds=seconds)
    run.extra_seconds += seconds
    run.save(update_fields=["closes_at", "extra_seconds"])
    flag(participant, run, "extended", now)
    told = {"step": run.key, "seconds": seconds, "reason": reason, "by": by}
    record(participant.stream, "participant.extended", told, at=now)
    if run.workspace is not None and run.paused_at is None:
        until = closing.workspace_until(participant, run.closes_at)
        workspaces.reschedule(run.workspace.id, until, "extended", now)


def _locked_people(slug: str) -> list[Participant]:
    """Everybody who is in the study now, before its own row: whoever holds theirs may wait for the
    study's."""
    rows = Participant.objects.select_for_update(of=("self",)).select_related("study", "protocol")
    rows = rows.filter(study__slug=slug, state=Participant.State.ACTIVE)
    return list(rows.order_by("pk"))


def _open_run(participant: Participant) -> StepRun | None:
    rows = StepRun.objects.filter(participant=participant, index=participant.step, closed_at=None)
    return rows.select_related("workspace").first()


def _check_is_here(participant: Participant) -> None:
    if participant.state != Participant.State.ACTIVE:
        raise Refused("gone", _("This participant has left the study."))


def _reason(text: str) -> str:
    reason = " ".join(text.replace("\x00", "").split())[:LONGEST_REASON]
    if not reason:
        raise Refused("reason", _("Give a reason: it is recorded and told in the export."))
    return reason


def _seconds(minutes: int) -> int:
    if not 1 <= minutes <= MOST_MINUTES:
        text = _("Give a number of minutes from 1 to %(most)d.")
        raise Refused("minutes", text % {"most": MOST_MINUTES})
    return minutes * 60
