"""A participant's row, and giving it the lowest free place of the allocation sequence."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from duetml.features import WorkspaceSettings
from duetml.live.log import record
from study.models import Participant, Slot, Study
from study.rules.protocol import ProtocolFile


def assign(
    participant: Participant, protocol: ProtocolFile, now: datetime
) -> Literal["full", "closed"] | None:
    """Put the participant into a condition; why not, where the study is full or closed.

    The caller's transaction holds the participant's row. A place is taken by a conditional update:
    the row count decides who won it, and whoever lost takes the next one.
    """
    if participant.condition:
        return None
    # Locked: nobody is assigned while the study is being closed and its seed revealed.
    study = Study.objects.select_for_update(no_key=True).get(pk=participant.study_id)
    if study.state != Study.State.OPEN:
        return "closed"
    slot = _take(participant.study_id, now)
    if slot is None:
        return "full"
    participant.slot = slot
    settle(participant, slot.condition, protocol.settings_of(slot.condition), now)
    assigned = {"slot": slot.position, "condition": slot.condition}
    record(participant.stream, "participant.assigned", assigned, at=now)
    return None


def locked(participant_id: UUID) -> Participant:
    """The row, locked until the transaction ends. Raises Participant.DoesNotExist."""
    rows = Participant.objects.select_for_update(of=("self",))
    rows = rows.select_related("study", "protocol").defer("protocol__source")
    return rows.get(pk=participant_id)


def settle(
    participant: Participant, condition: str, settings: WorkspaceSettings, now: datetime
) -> None:
    """Store a condition's values with the participant, to be read back years later."""
    participant.condition = condition
    participant.settings_json = settings.model_dump(mode="json")
    participant.assigned_at = now
    participant.save(update_fields=["slot", "condition", "settings_json", "assigned_at"])


def _take(study_id: int, now: datetime) -> Slot | None:
    free = Slot.objects.filter(study_id=study_id, taken_at=None).order_by("position")
    while (slot := free.first()) is not None:
        if Slot.objects.filter(pk=slot.pk, taken_at=None).update(taken_at=now):
            return slot
    return None
