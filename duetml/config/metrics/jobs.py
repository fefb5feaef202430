"""Counts jobs, and says which queues this worker serves."""

import time
from threading import local
from typing import Any

from celery import Task
from celery.apps.worker import Worker
from celery.signals import celeryd_after_setup, task_postrun, task_prerun

from duetml.config.metrics import shared
from duetml.config.metrics.shared import this_process
from duetml.jobs import Job

_begun = local()


@celeryd_after_setup.connect
def serve(sender: str, instance: Worker, **_: object) -> None:
    this_process.name = sender
    this_process.queues = ",".join(sorted(instance.app.amqp.queues.consume_from))
    this_process.begin()


@task_prerun.connect
def begin(task: "Task[Any, Any]", **_: object) -> None:
    _begun.at = time.perf_counter()
    if task.name == Job.SWEEP.task:
        shared.swept(time.time())


@task_postrun.connect
def end(task: "Task[Any, Any]", state: str = "", **_: object) -> None:
    seconds = time.perf_counter() - getattr(_begun, "at", time.perf_counter())
    this_process.tally.add("duetml_jobs_total", job=str(task.name), state=state.lower())
    this_process.tally.observe("duetml_job_seconds", seconds, job=str(task.name))
