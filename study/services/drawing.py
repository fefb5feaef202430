"""Drawing an allocation sequence when people are let in: from the seed, or from a table."""

from django.utils.translation import gettext as _

from duetml.workspace.services.refusal import Refused
from study.models import Slot, Study
from study.rules import strata
from study.rules.allocation_table import Table, TableError, read_table
from study.rules.assignment import Place, seed_of, sequence
from study.rules.protocol import ProtocolFile
from study.services.wording import say


def draw(study: Study, protocol: ProtocolFile, which: Slot.Sequence) -> None:
    """Every place of every stratum, in the caller's transaction; once. A table that holds no pilot
    sequence leaves piloting to the blocks. Raises Refused."""
    if Slot.objects.filter(study=study, sequence=which).exists():
        return
    table = checked_table(study.allocation_table, protocol) if _has_table(protocol) else {}
    seed = study.pilot_seed if which == Slot.Sequence.PILOT else study.seed
    Slot.objects.bulk_create(
        Slot(
            study=study,
            sequence=which,
            stratum=stratum,
            position=position,
            block=place.block,
            condition=place.condition,
        )
        for stratum in _strata(protocol)
        for position, place in enumerate(
            table.get((str(which), stratum)) or _blocks(protocol, seed_of(seed, stratum))
        )
    )


def checked_table(text: str, protocol: ProtocolFile) -> Table:
    """Raises Refused with every problem of a table and its line."""
    if not text.strip():
        missing = _("This protocol takes its groups from a table: upload it first.")
        raise Refused("table", missing)
    conditions = [condition.key for condition in protocol.conditions]
    try:
        each = protocol.allocation.per_condition
        return read_table(text, conditions, _strata(protocol), each)
    except TableError as problem:
        raise Refused("table", "\n".join(map(say, problem.lines))) from None


def _has_table(protocol: ProtocolFile) -> bool:
    return protocol.allocation.method == "table"


def _strata(protocol: ProtocolFile) -> list[str]:
    try:
        return strata.possible(protocol)
    except ValueError as problem:
        raise Refused("strata", say(problem.args[0])) from None


def _blocks(protocol: ProtocolFile, seed: int) -> list[Place]:
    conditions = [condition.key for condition in protocol.conditions]
    rules = protocol.allocation
    return sequence(conditions, rules.per_condition, rules.block_sizes, seed)
