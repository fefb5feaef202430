"""The events of an export: as they come from the database, stream after stream."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Case, IntegerField, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from duetml.live.models import Event, Stream
from evaluation.exports.scrubbing import Scrubbing, is_looked_into
from evaluation.work.export_moments import moment_of
from evaluation.work.export_scope import Scope
from evaluation.work.export_streams import Named, streams

Rows = Iterator[Sequence[object]]
STREAMS_AT_A_TIME = 50
ROWS_AT_A_TIME = 2000
FIELDS = ("stream_id", "seq", "kind", "payload", "at", "client_id", "client_at", "digest")


@dataclass(frozen=True, slots=True)
class _Place:
    """The first cells of a stream's rows, and how its moments are said."""

    cells: list[object]
    moment: Callable[[Any], object]
    of_payload: Callable[[datetime], object]


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
    place_of = {pk: _place(scope, named[key]) for pk, key in found.items()}
    is_fast = connection.vendor == "postgresql"
    source = _as_text(rows, scope) if is_fast else rows.values_list(*FIELDS)
    told = _told(scope.scrubbing, place_of, source.iterator(ROWS_AT_A_TIME), is_fast)
    yield from told if scope.unlocked else _renumbered(told)


def _as_text(rows: QuerySet[Event], scope: Scope) -> QuerySet[Event, tuple[Any, ...]]:
    """FIELDS as an export has them, as far as PostgreSQL can say them."""
    absolute = scope.options.absolute_times
    fields: dict[str, Any] = dict.fromkeys(FIELDS)
    fields |= {
        "payload": Cast("payload", TextField()),
        "at": moment_of("at", absolute=absolute),
        "client_id": Cast("client_id", TextField()),
        "client_at": moment_of("client_at", absolute=absolute),
    }
    return rows.values_list(*(one or name for name, one in fields.items()))


def _told(
    scrubbing: Scrubbing, place_of: dict[int, _Place], rows: Iterator[Any], is_text: bool
) -> Rows:
    looked_into: dict[str, bool] = {}
    for pk, seq, kind, payload, at, client, client_at, digest in rows:
        place = place_of[pk]
        if (look := looked_into.get(kind)) is None:
            look = looked_into[kind] = not is_text or is_looked_into(kind)
        if look:
            payload = json.loads(payload) if is_text else payload
            if scrubbing.leaves_out(kind, payload):
                continue
            payload = scrubbing.payload(kind, payload, place.of_payload)
        moment = place.moment
        yield [*place.cells, seq, kind, payload, moment(at), client, moment(client_at), digest]


def _renumbered(rows: Rows) -> Rows:
    """While the results are locked: gaps would tell that something was left out, and where."""
    last, number = None, 0
    for row in rows:
        *cells, _seq, kind, payload, at, client, client_at, _digest = row
        number = number + 1 if cells == last else 1
        last = cells
        yield [*cells, number, kind, payload, at, client, client_at, None]


def _place(scope: Scope, one: Named) -> _Place:
    cells: list[object] = [one.kind, one.code, one.step, one.workspace]
    from_row = partial(_from_row, scope, one.origin)
    if connection.vendor != "postgresql":
        return _Place(cells, from_row, from_row)
    if scope.options.absolute_times:
        return _Place(cells, _as_it_is, from_row)
    return _Place(cells, partial(_since, one.origin.timestamp()), from_row)


def _since(origin: float, at: float | None) -> float | None:
    return None if at is None else round(at - origin, 3)


def _as_it_is(at: object) -> object:
    return at


def _from_row(scope: Scope, origin: datetime, at: datetime | None) -> object:
    return scope.moment(at, origin)
