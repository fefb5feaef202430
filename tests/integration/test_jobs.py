"""Jobs: sent after commit, as ids only; a broker that is away costs nothing but time."""

import logging
from typing import Any

import pytest
from celery import current_app
from django.db import transaction

from duetml import jobs
from duetml.jobs import Job, Queue, enqueue


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, **options: messages.append({"name": name, **options})
    )
    return messages


@pytest.mark.django_db(transaction=True)
def test_a_job_is_sent_after_the_commit_and_not_before(sent: list[dict[str, Any]]) -> None:
    with transaction.atomic():
        enqueue(Job.TRAIN, id="a1")
        assert sent == []
    assert sent == [{"name": "workspace.train", "kwargs": {"id": "a1"}, "queue": "compute"}]


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_rolled_back_transaction_is_never_sent(sent: list[dict[str, Any]]) -> None:
    with transaction.atomic():
        enqueue(Job.TRAIN, id="a1")
        transaction.set_rollback(True)
    assert sent == []


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_is_noted_and_raises_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    with caplog.at_level(logging.WARNING, logger=jobs.__name__):
        enqueue(Job.TRAIN, id="a1")
    assert "job workspace.train not sent" in caplog.text


def test_every_job_is_a_task_of_a_worker() -> None:
    current_app.loader.import_default_modules()
    assert {job.task for job in Job} <= set(current_app.tasks)


def test_every_queue_has_a_worker() -> None:
    from duetml.config.process.programs import WORKERS

    served = {queue for queues, _ in WORKERS.values() for queue in queues.split(",")}
    assert served == {queue.value for queue in Queue}


def test_timers_name_jobs_and_expire() -> None:
    tasks = {job.task for job in Job}
    for entry in jobs.SCHEDULE.values():
        assert entry["task"] in tasks
        assert entry["options"]["expires"] > entry["schedule"]
