"""The events of an export: as they come from the database, stream after stream."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Case, IntegerField, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from duetml.live.models import Event, Stream
from evaluation.exports.scrubbing import is_looked_into
from evaluation.work.export_moments import moment_of
from evaluation.work.export_scope import Scope
from evaluation.work.export_streams import Named, streams

Rows = Iterator[Sequence[object]]
STREAMS_AT_A_TIME = 50
ROWS_AT_A_TIME = 1000
FIELDS = ("stream_id", "seq", "kind", "payload", "at", "client_id", "client_at", "digest")


@dataclass(frozen=True, slots=True)
class _Place:
    """The first cells of a stream's rows, and when its clock begins, also as seconds since 1970."""

    cells: list[object]
    origin: datetime
    epoch: float


def events(scope: Scope) -> Rows:
    listed = streams(scope)
    while part := list(islice(listed, STREAMS_AT_A_TIME)):
        yield from _events(scope, part)


def _events(scope: Scope, part: Sequence[Named]) -> Rows:
    named = {one.key: one for one in part}
    found = dict(Stream.objects.filter(key__in=named).values_list("pk", "key"))
    places = {one.key: place for place, one in enumerate(part)}
    if not found:
        return
    order = Case(
        *(When(stream_id=pk, then=Value(places[key])) for pk, key in found.items()),
        output_field=IntegerField(),
    )
    rows = Event.objects.filter(stream__in=found).order_by(order, "seq")
    place_of = {pk: _place(named[key]) for pk, key in found.items()}
    is_text = connection.vendor == "postgresql"
    source = _streamed(rows, scope) if is_text else rows.values_list(*FIELDS).iterator()
    told = _told(scope, place_of, source, is_text)
    yield from told if scope.unlocked else _renumbered(told)


def _streamed(rows: QuerySet[Event], scope: Scope) -> Iterator[tuple[Any, ...]]:
    """FIELDS, as far as PostgreSQL can say them as an export does. It sends the next rows while
    these are looked at; no other query meanwhile."""
    absolute = scope.options.absolute_times
    said: dict[str, Any] = {
        "payload": Cast("payload", TextField()),
        "at": moment_of("at", absolute=absolute),
        "client_id": Cast("client_id", TextField()),
        "client_at": moment_of("client_at", absolute=absolute),
    }
    asked = rows.values_list(*(said.get(name, name) for name in FIELDS))
    sql, values = asked.query.sql_with_params()
    with connection.cursor() as cursor:
        yield from cursor.cursor.stream(sql, values, size=ROWS_AT_A_TIME)


def _told(scope: Scope, place_of: dict[int, _Place], rows: Iterator[Any], is_text: bool) -> Rows:
    scrubbing, is_relative = scope.scrubbing, not scope.options.absolute_times
    looked_into: dict[str, bool] = {}
    for pk, seq, kind, payload, at, client, client_at, digest in rows:
        place = place_of[pk]
        if (look := looked_into.get(kind)) is None:
            look = looked_into[kind] = not is_text or is_looked_into(kind)
        if look:
            read = json.loads(payload) if is_text else payload
            if scrubbing.leaves_out(kind, read):
                continue
            payload = scrubbing.payload(kind, read, partial(_since, scope, place))
        if not is_text:
            moments = [_since(scope, place, one) for one in (at, client_at)]
        elif is_relative:
            epoch = place.epoch
            moments = [round(at - epoch, 3), client_at and round(client_at - epoch, 3)]
        else:
            moments = [at, client_at]
        yield [*place.cells, seq, kind, payload, moments[0], client, moments[1], digest]


def _renumbered(rows: Rows) -> Rows:
    """While the results are locked: gaps would tell that something was left out, and where."""
    last, number = None, 0
    for row in rows:
        *cells, _seq, kind, payload, at, client, client_at, _digest = row
        number = number + 1 if cells == last else 1
        last = cells
        yield [*cells, number, kind, payload, at, client, client_at, None]


def _place(one: Named) -> _Place:
    cells: list[object] = [one.kind, one.code, one.step, one.workspace, one.attempt]
    return _Place(cells, one.origin, one.origin.timestamp())


def _since(scope: Scope, place: _Place, at: datetime | None) -> object:
    return scope.moment(at, place.origin)
