"""Tables as lines of JSON: the same on SQLite and PostgreSQL, exact to the microsecond.

Our own and not pg_dump's, so that no program of the server's version has to be there and a lab may
move from SQLite to PostgreSQL with a backup.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import dateparse

CHUNK = 500
# Made by every migration: they count for nothing when a database is asked whether it is empty.
MADE_BY_MIGRATIONS = ("contenttypes.ContentType", "auth.Permission")


def tables() -> list[type[models.Model]]:
    """Every table there is, by label."""
    found = apps.get_models(include_auto_created=True)
    own = [model for model in found if model._meta.managed and not model._meta.proxy]
    return sorted(own, key=lambda model: model._meta.label)


@contextmanager
def one_moment() -> Iterator[None]:
    """All reads within see the database as it was on entering; nobody's write waits."""
    with transaction.atomic() if connection.vendor == "postgresql" else _deferred():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SELECT 1")  # the snapshot is taken here
        yield


@contextmanager
def _deferred() -> Iterator[None]:
    """SQLite: a reader of the write-ahead log. The transactions of `atomic` would lock writers out
    (transaction_mode IMMEDIATE)."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        cursor.execute("SELECT count(*) FROM django_migrations")  # the snapshot begins here
        cursor.fetchall()
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def lines(model: type[models.Model]) -> Iterator[bytes]:
    """Every row as one line, in the order of the primary key."""
    fields = model._meta.concrete_fields
    rows = model._base_manager.order_by("pk").values_list(*(field.attname for field in fields))
    for row in rows.iterator(chunk_size=CHUNK):
        yield json.dumps([_plain(value) for value in row], sort_keys=True).encode() + b"\n"


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | dict | list):
        return value
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def insert(model: type[models.Model], source: Iterable[bytes]) -> None:
    """Write rows as they were read, past `save()`: nothing is set anew."""
    fields = model._meta.concrete_fields
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(model._meta.db_table)
    command = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608  # nosec B608
    with connection.cursor() as cursor:
        for some in _in_chunks(source):
            rows = [
                [_stored(field, value) for field, value in zip(fields, row, strict=True)]
                for row in map(json.loads, some)
            ]
            cursor.executemany(command, rows)


def _stored(field: "models.Field[Any, Any]", value: Any) -> Any:
    if isinstance(field, models.JSONField):
        if value is None and field.null:
            return None
        return field.get_db_prep_value(value, connection)
    if isinstance(value, str) and isinstance(field, models.DateTimeField):
        value = dateparse.parse_datetime(value)
    elif not isinstance(field, models.ForeignKey):
        value = field.to_python(value)
    return field.get_db_prep_save(value, connection)


def _in_chunks(source: Iterable[bytes]) -> Iterator[list[bytes]]:
    some: list[bytes] = []
    for line in source:
        some.append(line)
        if len(some) == CHUNK:
            yield some
            some = []
    if some:
        yield some


def clear(wanted: Sequence[type[models.Model]]) -> None:
    with connection.cursor() as cursor:
        for model in wanted:
            name = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608  # nosec B608


def go_on_counting(wanted: Sequence[type[models.Model]]) -> None:
    """The next row gets a number after the largest that was inserted."""
    with connection.cursor() as cursor:
        for command in connection.ops.sequence_reset_sql(no_style(), list(wanted)):
            cursor.execute(command)


def holds_something() -> bool:
    """Whether somebody has put anything into this database (False where it has no tables)."""
    there = set(connection.introspection.table_names())
    asked = [model for model in tables() if model._meta.label not in MADE_BY_MIGRATIONS]
    return any(model._base_manager.exists() for model in asked if model._meta.db_table in there)


def migrations_of_code() -> dict[str, list[str]]:
    """App → the newest migrations this program knows."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known: dict[str, list[str]] = {}
    for app, name in sorted(loader.graph.leaf_nodes()):
        known.setdefault(app, []).append(name)
    return known
