"""What an experimenter writes down. Every version stays in the participant's log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live.log import record
from duetml.workspace.services.refusal import Refused
from study.models import Attempt, InterviewNote, Participant, StepRun
from study.services import assignment

LONGEST, LONGEST_CODE, MOST_CODES = 5000, 40, 20


@dataclass(frozen=True)
class Moment:
    """Of a workspace, after one of its events."""

    workspace: UUID
    event_seq: int


def codes_in(text: str) -> list[str]:
    """Codes as they are typed, between commas: each once, in that order."""
    parts = (" ".join(part.split())[:LONGEST_CODE] for part in text.replace("、", ",").split(","))
    return list(dict.fromkeys(part for part in parts if part))[:MOST_CODES]


@transaction.atomic
def write(
    participant_id: UUID,
    text: str,
    codes: Sequence[str],
    by: str,
    now: datetime,
    moment: Moment | None = None,
) -> InterviewNote:
    """Raises Refused for no words, too many, or another participant's workspace."""
    participant = assignment.locked(participant_id)
    if moment is not None and not _is_theirs(participant, moment.workspace):
        raise Refused("workspace", _("That workspace is somebody else's."))
    note = InterviewNote.objects.create(
        participant=participant,
        workspace_id=moment.workspace if moment else None,
        event_seq=moment.event_seq if moment else None,
        text=_checked(text),
        codes=list(codes),
        by=by,
        at=now,
    )
    told = {"note": note.pk, "text": note.text, "codes": note.codes, "by": by}
    record(participant.stream, "note.written", told, at=now)
    return note


@transaction.atomic
def change(note_id: int, text: str, codes: Sequence[str], by: str, now: datetime) -> InterviewNote:
    note = _locked(note_id)
    was, note.text, note.codes, note.changed_at = note.text, _checked(text), list(codes), now
    note.save(update_fields=["text", "codes", "changed_at"])
    told = {"note": note.pk, "text": note.text, "was": was, "codes": note.codes, "by": by}
    record(note.participant.stream, "note.changed", told, at=now)
    return note


@transaction.atomic
def delete(note_id: int, by: str, now: datetime) -> None:
    """Off the page and out of exports, events included; the log keeps what it said."""
    note = _locked(note_id)
    told = {"note": note.pk, "was": note.text, "by": by}
    record(note.participant.stream, "note.deleted", told, at=now)
    note.delete()


def _locked(note_id: int) -> InterviewNote:
    rows = InterviewNote.objects.select_related("participant")
    return rows.select_for_update(of=("self",)).get(pk=note_id)


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not 0 < len(text) <= LONGEST:
        raise Refused(
            "text", _("Write something, %(most)d characters at most.") % {"most": LONGEST}
        )
    return text


def _is_theirs(participant: Participant, workspace: UUID) -> bool:
    runs = StepRun.objects.filter(participant=participant, workspace=workspace)
    return (
        runs.exists()
        or Attempt.objects.filter(step__participant=participant, workspace=workspace).exists()
    )
