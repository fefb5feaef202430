"""A place lost for good is replaced by one at the end of its sequence, where the protocol says so.

What is added is drawn from the seed alone (see rules.assignment.extras): whom it replaces, and what
their condition was, has no part in it.
"""

from datetime import datetime

from django.db.models import Max

from duetml.live.log import everything, record, study_stream
from study.models import Participant, Slot, Study
from study.rules.assignment import extras


def replace(participant: Participant, now: datetime) -> Slot | None:
    """Add one place for a participant who lost theirs; None where none is added: once for each, at
    most `most_extra` in a stratum, and only while people may come."""
    lost = participant.slot
    study = Study.objects.select_for_update(no_key=True).get(pk=participant.study_id)
    protocol = study.protocol.read()
    rules = protocol.allocation
    is_open = study.state in (Study.State.OPEN, Study.State.PILOT)
    if lost is None or not rules.replace or not is_open or was_replaced(participant):
        return None
    own = Slot.objects.filter(study=study, sequence=lost.sequence, stratum=lost.stratum)
    added = own.filter(is_extra=True).count()
    if added >= rules.most_extra:
        return None
    conditions = [condition.key for condition in protocol.conditions]
    is_pilot = lost.sequence == Slot.Sequence.PILOT
    seed = study.pilot_seed if is_pilot else study.seed
    place = extras(conditions, rules.block_sizes, seed, lost.stratum, added + 1)[-1]
    last = own.aggregate(position=Max("position"))
    block = own.filter(is_extra=False).aggregate(last=Max("block"))["last"]
    slot = Slot.objects.create(
        study=study,
        sequence=lost.sequence,
        stratum=lost.stratum,
        position=last["position"] + 1,
        block=block + 1 + place.block,
        condition=place.condition,
        is_extra=True,
    )
    told = {"slot": slot.position, "sequence": slot.sequence, "stratum": slot.stratum}
    record(study_stream(study.slug), "slot.added", told, at=now)
    record(participant.stream, "participant.replaced", {}, at=now)
    return slot


def was_replaced(participant: Participant) -> bool:
    return any(everything(participant.stream, kinds=["participant.replaced"]))
