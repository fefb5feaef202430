"""Leaving a study: stop and keep, or stop and delete. What stays of the deleted is a tombstone, so
that the counts of the study stay right.
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live import log
from duetml.workspace.services import erasing
from study.models import (
    Appointment,
    Attempt,
    InterviewNote,
    Link,
    Notice,
    Participant,
    Response,
    StepRun,
    Submission,
)
from study.services import assignment, leaving

KEEP, DELETE = "keep", "delete"
# Of a deleted participant, these tell how the study went and nothing of the person.
TOLD = (
    "participant.enrolled",
    "participant.assigned",
    "participant.turned_away",
    "participant.blocked",
    "participant.replaced",
    "participant.withdrew",
    "participant.erased",
    "step.opened",
    "step.closed",
    "submission.frozen",
    "slot.returned",
)
EMPTY = {"task": "", "categories": []}


@dataclass(frozen=True)
class Receipt:
    """What a participant is told was deleted. `digest`: sha256 of the rest as JSON."""

    code: str
    at: str
    deleted: dict[str, int]
    digest: str

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)

    @property
    def told(self) -> list[tuple[str, int]]:
        """(what, how many) in the reader's language."""
        names = {
            "agent calls": _("questions to the assistant and its answers"),
            "answers": _("answers"),
            "categories": _("categories"),
            "events": _("contents of records"),
            "maps": _("maps"),
            "messages": _("messages"),
            "notes": _("notes on talks"),
            "notices": _("messages of the staff"),
            "parcels": _("classifiers to take home"),
            "pictures": _("pictures you added"),
            "placements": _("pictures in categories"),
            "submissions": _("results handed in"),
            "tests": _("tests"),
            "trainings": _("trainings"),
        }
        return [(str(names.get(name, name)), number) for name, number in self.deleted.items()]


@transaction.atomic
def withdraw(participant_id: UUID, *, keep: bool, now: datetime) -> Participant:
    """Stop; with everything deleted unless `keep`. Deleting stays possible after stopping, and
    doing either twice does nothing twice. Raises Participant.DoesNotExist."""
    participant = assignment.locked(participant_id)
    if participant.withdrawal == DELETE or (keep and participant.withdrawal == KEEP):
        return participant
    if keep and participant.state != Participant.State.ACTIVE:
        return participant  # there is nothing left to stop
    leaving.leave(participant, Participant.State.WITHDRAWN, now, freezes=keep)
    participant.withdrawal = KEEP if keep else DELETE
    participant.save(update_fields=["withdrawal"])
    log.record(participant.stream, "participant.withdrew", {"keep": keep}, at=now)
    if not keep:
        erase(participant, now)
    return participant


def erase(participant: Participant, now: datetime) -> Receipt:
    """Delete what a participant left, in the caller's transaction, which holds their row."""
    counted = _contents(participant)
    counted["events"] += log.purge(participant.stream, keep=TOLD)
    own = Link.objects.filter(participants=participant).exclude(kind=Link.Kind.GENERAL)
    own.update(label="")
    participant.external, participant.label, participant.erased_at = {}, "", now
    participant.save(update_fields=["external", "label", "erased_at"])
    receipt = _receipt(participant.code, now, counted)
    log.record(participant.stream, "participant.erased", {"receipt": vars(receipt)}, at=now)
    return receipt


def receipt_of(participant: Participant) -> Receipt | None:
    """The newest receipt, where something was deleted."""
    events = list(log.everything(participant.stream, kinds=["participant.erased"]))
    return Receipt(**events[-1].payload["receipt"]) if events else None


def _contents(participant: Participant) -> Counter[str]:
    runs = StepRun.objects.filter(participant=participant)
    spaces = [run.workspace_id for run in runs if run.workspace_id]
    tries = Attempt.objects.filter(step__in=runs).values_list("workspace_id", flat=True)
    counted: Counter[str] = Counter()
    for space in [*spaces, *tries]:
        counted += erasing.erase(space)
    counted["answers"] = Response.objects.filter(step__in=runs).delete()[0]
    counted["notes"] = InterviewNote.objects.filter(participant=participant).delete()[0]
    counted["notices"] = Notice.objects.filter(participant=participant).delete()[0]
    Appointment.objects.filter(participant=participant).update(participant=None, booked_at=None)
    handed_in = Submission.objects.filter(participant=participant)
    counted["submissions"] = handed_in.exclude(content=EMPTY).update(content=EMPTY)
    return counted


def _receipt(code: str, now: datetime, counted: Counter[str]) -> Receipt:
    told: dict[str, Any] = {
        "code": code,
        "at": now.isoformat(),
        "deleted": {name: number for name, number in sorted(counted.items()) if number},
    }
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return Receipt(**told, digest=hashlib.sha256(text.encode()).hexdigest())
