"""Writing and reading events."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.transaction import TransactionManagementError

from duetml.live.kinds import check
from duetml.live.models import Event, Stream
from duetml.live.push import push_after_commit

WATCHED = "workspace:"  # the streams that browsers watch
PURGED_AT_A_TIME = 500
CREDIBLE_CLOCK_ERROR = timedelta(days=3650)


@dataclass(frozen=True)
class ClientStamp:
    """What a browser says of an action: an id it chose (so that sending twice does nothing twice)
    and its clock."""

    id: UUID
    at: datetime | None = None


def workspace_stream(workspace_id: UUID | str) -> str:
    return f"workspace:{workspace_id}"


def participant_stream(participant_id: UUID | str) -> str:
    return f"participant:{participant_id}"


def study_stream(slug: str) -> str:
    return f"study:{slug}"


def rater_stream(rater_id: int | str) -> str:
    return f"rater:{rater_id}"


def pool_stream(name: str) -> str:
    return f"pool:{name}"


def record(
    stream: str,
    kind: str,
    payload: Mapping[str, Any],
    *,
    at: datetime,
    client: ClientStamp | None = None,
) -> Event:
    """Append one event in the caller's transaction; of a workspace, push it to watching browsers
    after commit.

    Raises ValueError for an undeclared kind or payload, IntegrityError for a client id already
    recorded in the stream, and TransactionManagementError outside a transaction.
    """
    check(kind, payload)
    batch = _open.get().get(stream)
    row = batch.row() if batch is not None else locked(stream)
    row.seq += 1
    event = Event(
        stream=row,
        seq=row.seq,
        kind=kind,
        payload=dict(payload),
        at=at,
        client_id=client.id if client else None,
        client_at=_credible(client.at, at) if client else None,
    )
    event.digest = row.head = chain(row.head, event)
    if batch is not None:
        batch.events.append(event)
    else:
        event.save(force_insert=True)
        _store(row)
    if stream.startswith(WATCHED):
        push_after_commit(stream, frame(event))
    return event


@contextmanager
def together(stream: str, *, is_new: bool = False) -> Iterator[None]:
    """Events of `stream` recorded within the block are written at its end: one lock, one insert,
    however many. The block is part of one transaction, which an error in it must roll back.
    `is_new`: nobody else can have begun this stream.
    """
    if stream in _open.get():
        yield
        return
    batch = _Batch(stream, Stream.objects.create(key=stream) if is_new else None)
    token = _open.set({**_open.get(), stream: batch})
    try:
        yield
    finally:
        _open.reset(token)
    batch.write()


class _Batch:
    def __init__(self, stream: str, row: Stream | None) -> None:
        self.stream = stream
        self.events: list[Event] = []
        self._row = row

    def row(self) -> Stream:
        if self._row is None:
            self._row = locked(self.stream)
        return self._row

    def write(self) -> None:
        if self.events:
            _insert(self.events)
            _store(self.row())


_open: ContextVar[Mapping[str, _Batch]] = ContextVar("batches", default=MappingProxyType({}))


def locked(stream: str) -> Stream:
    """The stream's row, locked until the transaction ends: events of one stream are numbered one
    at a time."""
    found = _lock(stream)
    if found is None:
        Stream.objects.bulk_create([Stream(key=stream)], ignore_conflicts=True)
        found = _lock(stream)
    if found is None:
        raise Stream.DoesNotExist(stream)
    return found


# Every event needs these. Django would take longer to write them than the database to do them.
_FIELDS = [field for field in Event._meta.concrete_fields if not field.primary_key]
_NAMES = ", ".join(str(field.column) for field in _FIELDS)
_INSERT = f"INSERT INTO live_event ({_NAMES}) VALUES "  # noqa: S608  # nosec B608 - names of ours
_ROW = f"({', '.join(['%s'] * len(_FIELDS))})"
_LOCK = "SELECT id, key, seq, head FROM live_stream WHERE key = %s"
_STORE = "UPDATE live_stream SET seq = %s, head = %s WHERE id = %s"


def _lock(stream: str) -> Stream | None:
    if not connection.in_atomic_block:
        raise TransactionManagementError("An event is recorded in a transaction.")
    can_lock = connection.features.has_select_for_update  # SQLite's transactions lock everything
    with connection.cursor() as cursor:
        cursor.execute(f"{_LOCK} FOR UPDATE" if can_lock else _LOCK, [stream])
        row = cursor.fetchone()
    return Stream(*row) if row else None


def _insert(events: Sequence[Event]) -> None:
    """Several at once; they are not told their keys."""
    values = [
        field.get_db_prep_save(getattr(event, field.attname), connection)
        for event in events
        for field in _FIELDS
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT + ", ".join([_ROW] * len(events)), values)


def _store(row: Stream) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [row.seq, row.head, row.pk])


def chain(head: str, event: Event) -> str:
    """sha256 over the previous digest and this event, the payload by its own digest (payloads may
    be purged). The same before and after the row was stored, in every database."""
    payload = (not event.payload and event.payload_digest) or payload_digest(event)
    at = event.at.astimezone(UTC).isoformat()
    link = [head, event.seq, event.kind, payload, at, str(event.client_id or "")]
    return hashlib.sha256(_canonical(link)).hexdigest()


def payload_digest(event: Event) -> str:
    return hashlib.sha256(_canonical(_as_stored(event.payload))).hexdigest()


def purge(stream: str, keep: Collection[str] = ()) -> int:
    """Delete the payloads of a stream's events but those of the kinds in `keep`, in the caller's
    transaction; returns how many. Their digests stay, so that the chain still verifies."""
    rows = Event.objects.filter(stream__key=stream, payload_digest="").exclude(kind__in=list(keep))
    number = 0
    while part := list(rows.order_by("seq")[:PURGED_AT_A_TIME]):
        for event in part:
            event.payload_digest, event.payload = payload_digest(event), {}
        Event.objects.bulk_update(part, ["payload", "payload_digest"])
        number += len(part)
    return number


def verify(stream: str) -> bool:
    """Whether the chain of a stream holds from its first event to its head, without a gap."""
    head = ""
    row = Stream.objects.get(key=stream)
    events = row.events.order_by("seq")
    for number, event in enumerate(events.iterator(), start=1):
        if event.seq != number or event.digest != chain(head, event):
            return False
        head = event.digest
    return head == row.head


def find(stream: str, client_id: UUID) -> Event | None:
    """The event a browser's action became, if it was recorded before."""
    return Event.objects.filter(stream__key=stream, client_id=client_id).first()


def since(stream: str, seq: int, limit: int = 500) -> list[Event]:
    """Events after `seq`, oldest first, at most `limit`."""
    return list(Event.objects.filter(stream__key=stream, seq__gt=seq).order_by("seq")[:limit])


def newest(stream: str, count: int) -> list[Event]:
    """The last `count` events, oldest first."""
    return list(Event.objects.filter(stream__key=stream).order_by("-seq")[:count])[::-1]


def everything(
    stream: str, *, until: int | None = None, kinds: Collection[str] | None = None
) -> Iterator[Event]:
    """All events in order: up to and with `until`, and of some kinds only, where given."""
    rows = Event.objects.filter(stream__key=stream)
    if until is not None:
        rows = rows.filter(seq__lte=until)
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    return rows.order_by("seq").iterator()


def last_seq(stream: str) -> int:
    return Stream.objects.filter(key=stream).values_list("seq", flat=True).first() or 0


def frame(event: Event) -> dict[str, Any]:
    """What a browser receives of an event."""
    return {
        "type": "event",
        "seq": event.seq,
        "kind": event.kind,
        "payload": event.payload,
        "at": event.at.isoformat(),
        "client": str(event.client_id) if event.client_id else None,
    }


def _credible(told: datetime | None, now: datetime) -> datetime | None:
    """A clock that is years off tells nothing and may not even fit into the database."""
    return told if told is not None and abs(told - now) < CREDIBLE_CLOCK_ERROR else None


def _as_stored(value: Any) -> Any:
    """PostgreSQL keeps 1e16 as 10000000000000000 and -0.0 as 0.0: whole numbers are integers, by
    the digits that are written."""
    if isinstance(value, Mapping):
        return {str(key): _as_stored(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_as_stored(one) for one in value]
    return int(Decimal(repr(value))) if isinstance(value, float) and value.is_integer() else value


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
