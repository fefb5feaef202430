"""Writers of SQLite: one after the other, however long the other one takes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from threading import Timer

import pytest
from django.db import OperationalError, connection, transaction

from duetml.live.models import Stream

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has many writers"),
]


@pytest.fixture
def other() -> Iterator[sqlite3.Connection]:
    """Another program that writes."""
    path = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(path, check_same_thread=False, isolation_level=None)) as opened:
        opened.execute("BEGIN IMMEDIATE")
        yield opened


def test_a_transaction_waits_until_the_other_one_is_over(other: sqlite3.Connection) -> None:
    other.execute("INSERT INTO live_stream (key, seq, head) VALUES ('theirs', 0, '')")
    Timer(0.3, other.execute, ["COMMIT"]).start()

    with transaction.atomic():
        assert Stream.objects.filter(key="theirs").exists()
        Stream.objects.create(key="ours")

    assert Stream.objects.count() == 2


def test_one_that_waits_too_long_says_that_the_database_is_locked(
    other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {**connection.settings_dict["OPTIONS"], "timeout": 0.05}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)

    with pytest.raises(OperationalError, match="locked"), transaction.atomic():
        Stream.objects.create(key="ours")
    other.execute("ROLLBACK")

    with transaction.atomic():  # and the next one gets its turn
        Stream.objects.create(key="ours")
