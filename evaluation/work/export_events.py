"""The events of an export: as they come from the database, stream after stream."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice

from django.db.models import Case, IntegerField, Value, When

from duetml.live.models import Event, Stream
from evaluation.work.export_scope import Scope
from evaluation.work.export_streams import Named, streams

Rows = Iterator[Sequence[object]]
STREAMS_AT_A_TIME = 50
ROWS_AT_A_TIME = 2000


def events(scope: Scope) -> Rows:
    listed = streams(scope)
    while part := list(islice(listed, STREAMS_AT_A_TIME)):
        yield from _events(scope, part)


def _events(scope: Scope, part: Sequence[Named]) -> Rows:
    named = {one.key: one for one in part}
    found = dict(Stream.objects.filter(key__in=named).values_list("pk", "key"))
    by_pk = {pk: named[key] for pk, key in found.items()}
    places = {one.key: place for place, one in enumerate(part)}
    order = Case(
        *(When(stream_id=pk, then=Value(places[key])) for pk, key in found.items()),
        output_field=IntegerField(),
    )
    if not by_pk:
        return
    rows = Event.objects.filter(stream__in=by_pk).order_by(order, "seq")
    fields = ("stream_id", "seq", "kind", "payload", "at", "client_id", "client_at", "digest")
    scrubbing, moment = scope.scrubbing, scope.moment
    says = {pk: partial(_said, scope, one.origin) for pk, one in by_pk.items()}
    last, number = 0, 0
    for pk, seq, kind, payload, at, client, client_at, digest in rows.values_list(*fields).iterator(
        ROWS_AT_A_TIME
    ):
        if scrubbing.leaves_out(kind, payload):
            continue
        one = by_pk[pk]
        if not scope.unlocked:  # gaps would tell that something was left out, and where
            number = number + 1 if pk == last else 1
            last, seq, digest = pk, number, None
        told = scrubbing.payload(kind, payload, says[pk])
        yield [
            one.kind, one.code, one.step, one.workspace, seq, kind, told,
            moment(at, one.origin), client, moment(client_at, one.origin), digest,
        ]  # fmt: skip


def _said(scope: Scope, origin: datetime, at: datetime) -> object:
    return at.isoformat() if scope.options.absolute_times else scope.moment(at, origin)
