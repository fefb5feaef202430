"""What the log says of how far everybody came."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from uuid import UUID

from duetml.live.log import participant_stream
from duetml.live.models import Event
from study.models import Participant, Study
from study.queries import COUNTED
from study.rules import consort
from study.rules.consort import Fact, Flow, Told

AT_A_TIME = 5000  # streams of one query; SQLite takes 32,766 values


def flow(study: Study, kind: str = Participant.Kind.LIVE) -> Flow:
    """The flow of the live participants (or those of another kind); the conditions apart only when
    the results are unlocked. One query for every five thousand participants."""
    conditions = [condition.key for condition in study.protocol.read().conditions]
    is_blind = study.unlocked_at is None
    return consort.flow(facts(study, kind), conditions, is_blind=is_blind)


def facts(study: Study, kind: str = Participant.Kind.LIVE) -> Iterator[Fact]:
    people = Participant.objects.filter(COUNTED, study=study, kind=kind)
    rows = list(people.order_by("pk").values_list("pk", "condition"))
    for start in range(0, len(rows), AT_A_TIME):
        part = rows[start : start + AT_A_TIME]
        told = _told([pk for pk, _condition in part])
        for pk, condition in part:
            yield consort.fact(told[participant_stream(pk)], condition)


def _told(people: Sequence[UUID]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = defaultdict(list)
    streams = [participant_stream(one) for one in people]
    events = Event.objects.filter(stream__key__in=streams, kind__in=consort.KINDS)
    rows = events.order_by("stream_id", "seq").values_list("stream__key", "kind", "payload")
    for key, kind, payload in rows.iterator():
        found[key].append(Told(kind, payload))
    return found
