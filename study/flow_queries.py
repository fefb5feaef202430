"""What the log says of how far everybody came."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from duetml.live.log import participant_stream
from duetml.live.models import Event, Stream
from study.models import Participant, Protocol, StepRun, Study
from study.queries import COUNTED
from study.rules import consort
from study.rules.consort import Fact, Flow, Told

KINDS = tuple(kind for kind in consort.KINDS if kind != "step.opened")
AT_A_TIME = 5000  # streams of one query; SQLite takes 32,766 values


def flow(study: Study, kind: str = Participant.Kind.LIVE) -> Flow:
    """The flow of the live participants (or those of another kind); the conditions apart only when
    the results are unlocked. Three queries, and two for every five thousand participants."""
    conditions = [condition.key for condition in study.protocol.read().conditions]
    is_blind = study.unlocked_at is None
    return consort.flow(facts(study, kind), conditions, is_blind=is_blind)


def facts(study: Study, kind: str = Participant.Kind.LIVE) -> Iterator[Fact]:
    """Steps are told by their rows, which are fewer than their events; all else by the log."""
    people = Participant.objects.filter(COUNTED, study=study, kind=kind)
    rows = list(people.order_by("pk").values_list("pk", "condition", "step", "protocol__digest"))
    begun = set(_begun(people))
    keys = _keys(study, kind)
    for start in range(0, len(rows), AT_A_TIME):
        part = rows[start : start + AT_A_TIME]
        told = _told([pk for pk, *_rest in part])
        for pk, condition, step, protocol in part:
            found = consort.fact(told[participant_stream(pk)], condition)
            yield replace(found, received=pk in begun, step=keys[protocol][step])


def _begun(people: QuerySet[Participant]) -> QuerySet[Any, Any]:
    runs = StepRun.objects.filter(participant__in=people, workspace__isnull=False)
    return runs.order_by().values_list("participant", flat=True).distinct()


def _keys(study: Study, kind: str) -> dict[str, list[str]]:
    """By digest of the protocol: the keys of its steps."""
    used = Participant.objects.filter(study=study, kind=kind).order_by().values("protocol")
    protocols = Protocol.objects.filter(pk__in=used).defer("source")
    return {one.digest: [step.key for step in one.read().steps] for one in protocols}


def _told(people: Sequence[UUID]) -> dict[str, list[Told]]:
    """Two queries: which streams, then their events by the index, in whatever order they come."""
    keys = [participant_stream(one) for one in people]
    streams = dict(Stream.objects.filter(key__in=keys).values_list("pk", "key"))
    events = Event.objects.filter(stream__in=list(streams), kind__in=KINDS).order_by()
    found: dict[str, list[tuple[int, Told]]] = defaultdict(list)
    for stream, seq, kind, payload in events.values_list("stream", "seq", "kind", "payload"):
        found[streams[stream]].append((seq, Told(kind, payload)))
    return {key: [told for _seq, told in sorted(found[key], key=_first)] for key in keys}


def _first(numbered: tuple[int, Told]) -> int:
    return numbered[0]
