"""The event log: every event once, in order, chained, whoever writes at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from socket import create_server
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from duetml.live import log
from duetml.live import push as pushing
from duetml.live.models import Event

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
STREAM = "workspace:test"


def rename(number: int, client: UUID | None = None) -> Event:
    with transaction.atomic():
        payload = {"category": "c", "name": f"name {number}", "was": "x"}
        stamp = log.ClientStamp(client) if client else None
        return log.record(STREAM, "category.renamed", payload, at=NOW, client=stamp)


@pytest.mark.django_db
def test_a_reconnecting_browser_gets_what_it_missed_in_order() -> None:
    for number in range(5):
        rename(number)
    assert [event.seq for event in log.since(STREAM, 2)] == [3, 4, 5]


@pytest.mark.django_db
def test_the_chain_holds_until_somebody_changes_an_event() -> None:
    for number in range(3):
        rename(number)
    assert log.verify(STREAM)
    Event.objects.filter(seq=2).update(payload={"category": "c", "name": "other", "was": "x"})
    assert not log.verify(STREAM)


@pytest.mark.django_db
def test_a_removed_event_breaks_the_chain() -> None:
    for number in range(3):
        rename(number)
    Event.objects.filter(seq=3).delete()
    assert not log.verify(STREAM)


@pytest.mark.django_db
def test_the_same_client_id_is_recorded_once() -> None:
    client = uuid4()
    first = rename(1, client)
    with pytest.raises(IntegrityError):
        rename(2, client)
    assert log.find(STREAM, client) == first
    assert log.last_seq(STREAM) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("no.such.kind", {}),
        ("category.renamed", {"category": "c"}),
        ("category.renamed", {"category": "c", "name": "n", "was": "x", "more": 1}),
        ("category.renamed", {"category": "c", "name": 5, "was": "x"}),
    ],
)
def test_what_is_not_declared_is_not_recorded(kind: str, payload: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"unknown kind|undeclared|is a int"):
        log.record(STREAM, kind, payload, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_leave_no_gap_and_one_chain() -> None:
    def write(number: int) -> None:
        try:
            rename(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(40)))
    assert [event.seq for event in log.everything(STREAM)] == list(range(1, 41))
    assert log.verify(STREAM)


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_event_leaves_no_number_behind() -> None:
    with transaction.atomic():
        rename(1)
        transaction.set_rollback(True)
    assert rename(2).seq == 1


def test_a_frame_without_a_broker_raises_nothing(settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]},
        }
    }
    pushing.push(STREAM, {"type": "token"})


@pytest.mark.django_db(transaction=True)
def test_whoever_commits_does_not_wait_for_a_broker_that_does_not_answer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "_own_loop", None)
    pushing.keep_a_loop()
    with create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        layer = "channels_redis.pubsub.RedisPubSubChannelLayer"
        settings.CHANNEL_LAYERS = {"default": {"BACKEND": layer, "CONFIG": {"hosts": [address]}}}
        begun = monotonic()

        rename(1)

        assert monotonic() - begun < pushing.SEND_SECONDS / 2
        silent.settimeout(pushing.SEND_SECONDS)
        silent.accept()[0].close()  # it was asked all the same


def renamed(number: int) -> dict[str, str]:
    return {"category": "c", "name": f"name {number}", "was": "x"}


@pytest.mark.django_db
def test_events_recorded_together_are_one_insert_and_one_chain(
    django_assert_num_queries: Any,
) -> None:
    rename(0)

    with transaction.atomic(), django_assert_num_queries(3), log.together(STREAM):
        for number in range(1, 21):
            log.record(STREAM, "category.renamed", renamed(number), at=NOW)

    assert [event.seq for event in log.everything(STREAM)] == list(range(1, 22))
    assert log.verify(STREAM)


@pytest.mark.django_db
def test_a_block_within_a_block_of_the_same_stream_numbers_on() -> None:
    with transaction.atomic(), log.together(STREAM):
        log.record(STREAM, "category.renamed", renamed(1), at=NOW)
        with log.together(STREAM):
            log.record(STREAM, "category.renamed", renamed(2), at=NOW)

    assert [event.payload["name"] for event in log.everything(STREAM)] == ["name 1", "name 2"]
    assert log.verify(STREAM)


@pytest.mark.django_db
def test_an_error_in_the_block_writes_none_of_it() -> None:
    def broken() -> None:
        with transaction.atomic(), log.together(STREAM):
            log.record(STREAM, "category.renamed", renamed(1), at=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()

    assert log.last_seq(STREAM) == 0
