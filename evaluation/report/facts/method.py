"""What the methods section tells: how it was really done, from protocol and rows."""

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from duetml import program
from duetml.live.log import study_stream
from duetml.live.models import Event
from evaluation.report.facts.apparatus import Apparatus, apparatus
from evaluation.report.facts.people import Person
from evaluation.report.facts.timeline import Duration
from study.models import Participant, Slot, Study

LIBRARIES = ("numpy", "scipy", "matplotlib", "Django")


@dataclass(frozen=True, slots=True)
class Allocation:
    """`blocks`: size → how many of the live sequence. `seed` is told once the study is closed."""

    method: str
    block_sizes: tuple[int, ...]
    blocks: Mapping[int, int]
    strata: tuple[str, ...]
    per_condition: int
    seed_digest: str
    seed: str
    places: int
    taken: int
    extra: int


@dataclass(frozen=True, slots=True)
class Method:
    """`came_by`: participants by the kind of their link, "" for none; `taken_out`: exports before
    the results were unlocked. `whole`: minutes from the enrolment to the end of who completed.
    `program`: version and commit, "" where not known."""

    protocol: str
    protocol_digest: str
    versions: int
    opened_at: datetime | None
    closed_at: datetime | None
    unlocked_at: datetime | None
    unlocked_by: str
    unlock_reason: str
    first_at: datetime | None
    last_at: datetime | None
    languages: Mapping[str, int]
    allocation: Allocation
    durations: tuple[Duration, ...]
    whole: tuple[float, ...]
    apparatus: Apparatus
    pilots: int
    came_by: Mapping[str, int]
    taken_out: int
    libraries: Mapping[str, str]
    program: tuple[str, str]


def method(study: Study, people: Sequence[Person], durations: tuple[Duration, ...]) -> Method:
    protocol = study.protocol.read()
    assigned = [one.pk for one in people if one.condition]
    times = [one.enrolled_at for one in people if one.condition]
    ends = [one.ended_at for one in people if one.ended_at]
    return Method(
        protocol=f"{protocol.name} {protocol.version}",
        protocol_digest=study.protocol.digest,
        versions=max(1, study.versions.count()),
        opened_at=study.opened_at,
        closed_at=study.closed_at,
        unlocked_at=study.unlocked_at,
        unlocked_by=study.unlocked_by,
        unlock_reason=study.unlock_reason,
        first_at=min(times, default=None),
        last_at=max(ends, default=None),
        languages=Counter(one.language for one in people if one.condition),
        allocation=_allocation(study),
        durations=durations,
        whole=_whole(people),
        apparatus=apparatus(protocol, assigned),
        pilots=study.participants.filter(kind="pilot").count(),
        came_by=_came_by(study, assigned),
        taken_out=_taken_out(study),
        libraries={"Python": platform.python_version()} | _versions(),
        program=(program.version(), program.commit()),
    )


def _whole(people: Sequence[Person]) -> tuple[float, ...]:
    return tuple(
        (one.ended_at - one.enrolled_at).total_seconds() / 60
        for one in people
        if one.state == Participant.State.COMPLETED and one.condition and one.ended_at
    )


def _came_by(study: Study, assigned: Sequence[Any]) -> dict[str, int]:
    kinds = study.participants.filter(pk__in=assigned).values_list("link__kind", flat=True)
    return dict(sorted(Counter(kind or "" for kind in kinds).items()))


def _taken_out(study: Study) -> int:
    events = Event.objects.filter(stream__key=study_stream(study.slug), kind="study.exported")
    if study.unlocked_at is not None:
        events = events.filter(at__lt=study.unlocked_at)
    return events.count()


def _allocation(study: Study) -> Allocation:
    rules = study.protocol.read().allocation
    slots = study.slots.filter(sequence=Slot.Sequence.LIVE)
    fields = ("stratum", "block", "is_extra", "taken_at")
    rows = list(slots.values_list(*fields))
    sizes = Counter((stratum, block) for stratum, block, extra, _at in rows if not extra)
    return Allocation(
        method=rules.method,
        block_sizes=tuple(rules.block_sizes),
        blocks=dict(sorted(Counter(sizes.values()).items())),
        strata=tuple(rules.strata),
        per_condition=rules.per_condition,
        seed_digest=study.seed_digest,
        seed=str(study.seed) if study.state == Study.State.CLOSED else "",
        places=len(rows),
        taken=sum(at is not None for *_, at in rows),
        extra=sum(extra for _s, _b, extra, _at in rows),
    )


def _versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
