"""Whether somebody counts in the analysis. Nothing is deleted: the export shows who was left out,
by whom and why.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live.log import everything, record
from duetml.workspace.services.refusal import Refused
from study.models import Participant
from study.services import assignment, replacing

BY_RULE = "protocol"


@transaction.atomic
def exclude(participant_id: UUID, reason: str, by: str, now: datetime) -> Participant:
    """Leave somebody out of the analysis. Raises Refused without a reason, and after the results
    were unlocked: then it would be known whom it helps.
    """
    participant = _checked(participant_id, reason)
    if participant.excluded_at is not None:
        return participant
    _exclude(participant, reason.strip(), by, now)
    return participant


def by_rule(participant: Participant, reason: str, now: datetime) -> None:
    """Leave somebody out by the protocol, in the caller's transaction, which holds their row. What
    staff have decided stands: whoever they left out or let count again, and the unlocked results.
    """
    decided = everything(participant.stream, kinds=["participant.readmitted"])
    if participant.excluded_at or participant.study.unlocked_at or any(decided):
        return
    _exclude(participant, reason, BY_RULE, now)


@transaction.atomic
def readmit(participant_id: UUID, reason: str, by: str, now: datetime) -> Participant:
    """Let somebody count again; why they were left out stays in the log."""
    participant = _checked(participant_id, reason)
    if participant.excluded_at is None:
        return participant
    participant.excluded_at, participant.excluded_by, participant.exclusion_reason = None, "", ""
    _save(participant)
    told = {"reason": reason.strip(), "by": by}
    record(participant.stream, "participant.readmitted", told, at=now)
    return participant


def _exclude(participant: Participant, reason: str, by: str, now: datetime) -> None:
    """On record, and replaced where the protocol has those lost replaced."""
    participant.excluded_at, participant.excluded_by = now, by
    participant.exclusion_reason = reason
    _save(participant)
    record(participant.stream, "participant.excluded", {"reason": reason, "by": by}, at=now)
    replacing.replace(participant, now)


def _checked(participant_id: UUID, reason: str) -> Participant:
    if not reason.strip():
        raise Refused("reason", _("Give a reason."))
    participant = assignment.locked(participant_id)
    if participant.study.unlocked_at is not None:
        raise Refused(
            "unlocked",
            _("The results are unlocked: who counts can no longer be changed."),
        )
    return participant


def _save(participant: Participant) -> None:
    participant.save(update_fields=["excluded_at", "excluded_by", "exclusion_reason"])
