"""Messages of the staff to one participant, shown on whatever page they have open."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live.log import record, workspace_stream
from duetml.live.push import push_after_commit
from duetml.workspace.services.refusal import Refused
from study.models import Notice, Participant, StepRun
from study.services import assignment

LONGEST = 1000
LOOK = {"type": "notice"}  # tells an open workspace to look at once; the row is the truth


@transaction.atomic
def send(participant_id: UUID, text: str, by: str, now: datetime) -> Notice:
    """Raises Refused for no words or too many, and for somebody who has left."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise Refused(
            "text", _("Write something, %(most)d characters at most.") % {"most": LONGEST}
        )
    participant = assignment.locked(participant_id)
    if participant.state != Participant.State.ACTIVE:
        raise Refused("state", _("They have left: nobody would read it."))
    notice = Notice.objects.create(participant=participant, text=text, by=by, at=now)
    told = {"notice": notice.pk, "text": text, "by": by}
    record(participant.stream, "participant.noticed", told, at=now)
    look_again(participant)
    return notice


@transaction.atomic
def read(participant_id: UUID, notice_id: int, now: datetime) -> bool:
    """Their own notice, once; whether it was theirs and unread."""
    participant = assignment.locked(participant_id)
    unread = Notice.objects.filter(pk=notice_id, participant=participant, read_at=None)
    if not unread.update(read_at=now):
        return False
    record(participant.stream, "participant.notice_read", {"notice": notice_id}, at=now)
    return True


def look_again(participant: Participant) -> None:
    """Have the workspace they have open, if any, ask what there is to tell."""
    run = StepRun.objects.filter(participant=participant, index=participant.step).first()
    if run is not None and run.workspace_id is not None:
        push_after_commit(workspace_stream(run.workspace_id), LOOK)
