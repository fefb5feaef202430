"""The whole pre-flight of a study: one list for its page, its command and its opening."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from duetml.workspace.services.refusal import Refused
from study.models import Study
from study.rules.protocol import ProtocolFile
from study.services import drawing, preflight_machine, preflight_models, preflight_plan
from study.services.preflight import Finding, preflight
from study.services.preflight_state import Check, State


def whole(study: Study, now: datetime) -> list[Check]:
    """Every check, what blocks first and what is well last."""
    return listed(study, preflight(study.protocol.read()), now)


def listed(study: Study, findings: Sequence[Finding], now: datetime) -> list[Check]:
    """The same, with the findings that stand in the way already there."""
    protocol = study.protocol.read()
    checks = [Check(one.code, State.BLOCKING, one.text) for one in findings]
    checks += [*_table(study, protocol), *preflight_models.checks(protocol, now)]
    checks += [*preflight_plan.checks(protocol), *preflight_machine.checks(now)]
    order = [State.BLOCKING, State.WARNING, State.OK]
    return sorted(checks, key=lambda one: order.index(one.state))


def _table(study: Study, protocol: ProtocolFile) -> Iterator[Check]:
    """Opening draws the sequences, so a table has to be there and to fit by then."""
    if protocol.allocation.method != "table":
        return
    try:
        drawing.checked_table(study.allocation_table, protocol)
    except Refused as problem:
        yield Check("table", State.BLOCKING, problem.message)
    else:
        yield Check("table", State.OK, _("The table of the groups is there and fits the protocol."))


def warnings(study: Study, now: datetime) -> list[str]:
    """Codes of what takes a written reason to open all the same; none where all is made up."""
    if study.simulated:
        return []
    return [one.code for one in listed(study, [], now) if one.state is State.WARNING]
