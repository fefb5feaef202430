"""Where the study did not go as its protocol says, from the record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from duetml.live.log import participant_stream, workspace_stream
from duetml.live.models import Event
from duetml.workspace.models import AgentCall
from evaluation.report.facts.people import Person
from study.models import Attempt, Protocol, StepRun, Study
from study.rules.diff import is_another_study
from study.rules.protocol import ProtocolFile

Kind = Literal[
    "override", "amended", "reported", "excluded", "deleted", "flagged", "restarted", "late",
    "agent_failed", "other_protocol", "paused",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deviation:
    """`who`: a participant's code, "" for the study; `what` and `why` as the record has them, codes
    with commas between them; `times`: how often; `step`: its key, "" for none."""

    kind: Kind
    who: str
    what: str
    why: str
    by: str
    at: datetime | None
    times: int = 1
    step: str = ""


def deviations(study: Study, people: Sequence[Person]) -> tuple[Deviation, ...]:
    assigned = [one for one in people if one.condition]
    return (*_of_study(study), *_of_people(study, assigned), *_of_steps(assigned), *_late(assigned))


def _of_study(study: Study) -> Iterator[Deviation]:
    for code in study.overrides:
        why = study.override_reason
        yield Deviation("override", "", str(code), why, "", study.opened_at)
    before: ProtocolFile | None = None
    for version in study.versions.order_by("number").select_related("protocol"):
        now = version.protocol.read()
        if before is not None:
            kind: Kind = "amended" if is_another_study(before, now) else "reported"
            what = f"{version.number} ({version.protocol.digest[:12]})"
            yield Deviation(kind, "", what, version.reason, version.by, version.at)
        before = now
    if study.paused_at is not None:
        yield Deviation("paused", "", "", study.pause_reason, "", study.paused_at)


def _of_people(study: Study, people: Sequence[Person]) -> Iterator[Deviation]:
    other = _other_protocols(study, people)
    for one in people:
        if one.excluded_at is not None:
            by = one.excluded_by
            yield Deviation("excluded", one.code, "", one.excluded, by, one.excluded_at)
        if not one.has_data:
            yield Deviation("deleted", one.code, "", "", "", None)
        if one.protocol in other:
            yield Deviation("other_protocol", one.code, one.protocol[:12], "", "", None)


def _other_protocols(study: Study, people: Sequence[Person]) -> set[str]:
    """Digests of protocols that differ from the study's by more than words for the report."""
    own = study.protocol.read()
    rows = Protocol.objects.filter(digest__in={one.protocol for one in people})
    return {row.digest for row in rows if is_another_study(row.read(), own)}


def _of_steps(people: Sequence[Person]) -> Iterator[Deviation]:
    code_of = {one.pk: one.code for one in people}
    rows = StepRun.objects.filter(participant__in=code_of).exclude(flags=[])
    for pk, key, flags, at in rows.order_by("participant", "index").values_list(
        "participant_id", "key", "flags", "opened_at"
    ):
        yield Deviation("flagged", code_of[pk], ",".join(flags), "", "", at, step=key)
    tried = Attempt.objects.filter(step__participant__in=code_of).order_by("pk")
    for pk, key, at in tried.values_list("step__participant_id", "step__key", "ended_at"):
        yield Deviation("restarted", code_of[pk], "", "", "", at, step=key)
    failed = AgentCall.objects.filter(
        workspace__steprun__participant__in=code_of,
        outcome__in=(AgentCall.Outcome.FAILED, AgentCall.Outcome.STOOD_IN),
    )
    counts: dict[tuple[str, str], int] = {}
    for pk, outcome in failed.values_list("workspace__steprun__participant_id", "outcome"):
        counts[code_of[pk], outcome] = counts.get((code_of[pk], outcome), 0) + 1
    for (code, outcome), times in sorted(counts.items()):
        yield Deviation("agent_failed", code, outcome, "", "", None, times)


def _late(people: Sequence[Person]) -> Iterator[Deviation]:
    """What came after a step had closed: recorded, and applied to nothing."""
    code_of = {participant_stream(one.pk): one.code for one in people}
    runs = StepRun.objects.filter(participant__in=[one.pk for one in people])
    by_pk = {one.pk: one.code for one in people}
    spaces = runs.exclude(workspace=None).values_list("workspace_id", "participant_id")
    code_of |= {workspace_stream(str(space)): by_pk[pk] for space, pk in spaces}
    late = Event.objects.filter(kind__in=("action.late", "response.late"))
    counts: dict[str, int] = {}
    for key in late.filter(stream__key__in=code_of).values_list("stream__key", flat=True):
        counts[code_of[key]] = counts.get(code_of[key], 0) + 1
    for code, times in sorted(counts.items()):
        yield Deviation("late", code, "", "", "", None, times)
