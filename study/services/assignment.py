"""A participant's row, and giving it the lowest free place of its allocation sequence."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from duetml.features import WorkspaceSettings
from duetml.live.log import record
from study import queries
from study.models import Participant, Slot, Study
from study.rules import strata
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
    sequence = sequence_of(participant)
    lets_in = (Study.State.OPEN, Study.State.PILOT) if sequence == "pilot" else (Study.State.OPEN,)
    if study.state not in lets_in:
        return "closed"
    stratum = strata.stratum_of(protocol, _answers(participant, protocol))
    slot = _take(participant.study_id, sequence, stratum, now)
    if slot is None:
        return "full"
    participant.slot, participant.stratum = slot, stratum
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
    fields = ["slot", "stratum", "condition", "settings_json", "assigned_at"]
    participant.save(update_fields=fields)


def sequence_of(participant: Participant) -> Slot.Sequence:
    """Pilots draw from a sequence of their own."""
    is_pilot = participant.kind == Participant.Kind.PILOT
    return Slot.Sequence.PILOT if is_pilot else Slot.Sequence.LIVE


def _answers(participant: Participant, protocol: ProtocolFile) -> dict[str, object]:
    """What decides on the stratum; no query where nothing is stratified by."""
    wanted = strata.places_to_read(protocol)
    if not wanted:
        return {}
    given = queries.answers_of(participant)
    return {item: given.get((step, item)) for step, item in wanted}


def _take(study_id: int, sequence: str, stratum: str, now: datetime) -> Slot | None:
    own = Slot.objects.filter(study_id=study_id, sequence=sequence, stratum=stratum)
    free = own.filter(taken_at=None).order_by("position")
    while (slot := free.first()) is not None:
        if Slot.objects.filter(pk=slot.pk, taken_at=None).update(taken_at=now):
            return slot
    return None
