"""Every background job by name, its queue, and enqueue().

A queue is named after who waits for it. Messages carry ids only; the row is the truth, so a
message may be lost or arrive twice (see ARCHITECTURE.md, "Claiming").
"""

import logging
from enum import Enum, StrEnum
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class Queue(StrEnum):
    AGENTS = "agents"  # a person waits for words; the job waits for the vendor: many side by side
    COMPUTE = "compute"  # a person waits; the job keeps the processor busy
    QUICK = "quick"  # sweeps and timers: short, never behind a long job
    BATCH = "batch"  # nobody waits


class Job(Enum):
    """(task name, queue)"""

    ANSWER = ("workspace.answer", Queue.AGENTS)  # one agent call: reactive or proactive
    TRAIN = ("workspace.train", Queue.COMPUTE)
    TEST = ("workspace.test", Queue.COMPUTE)
    MAP = ("workspace.map", Queue.COMPUTE)
    EMBED = ("workspace.embed", Queue.COMPUTE)  # features of a few pictures, ahead of their use
    SPEAK_UP = ("workspace.speak_up", Queue.QUICK)  # timer: proactive calls that are due
    SWEEP = ("workspace.sweep", Queue.QUICK)  # re-send what stayed queued, requeue expired leases
    CLOSE_LATE = ("study.close_late", Queue.QUICK)  # close steps whose maximum has passed
    PARCEL = ("workspace.parcel", Queue.BATCH)  # a classifier and its pictures to take home
    EMBED_POOL = ("workspace.embed_pool", Queue.BATCH)
    IMPORT_POOL = ("workspace.import_pool", Queue.BATCH)  # a zip file's pictures into a pool
    EXPORT = ("evaluation.export", Queue.BATCH)  # a study into a zip file
    REPORT = ("evaluation.report", Queue.BATCH)  # a study's results: page, figures, report
    SWEEP_EXPORTS = ("evaluation.sweep_exports", Queue.QUICK)

    def __init__(self, task: str, queue: Queue) -> None:
        self.task = task
        self.queue = queue


def enqueue(job: Job, **ids: str | int) -> None:
    """Send the job once the current transaction has committed. A broker that is away costs nothing
    but time: the sweep sends again what stayed queued."""
    transaction.on_commit(lambda: send(job, **ids))


def send(job: Job, **ids: str | int) -> None:
    try:
        current_app.send_task(job.task, kwargs=ids, queue=job.queue.value)
    except (OSError, KombuError, RedisError) as problem:
        log.warning("job %s not sent: %s", job.task, problem)


def _every(job: Job, seconds: float) -> dict[str, Any]:
    # An expired tick is dropped: after an outage one tick is enough.
    return {
        "task": job.task,
        "schedule": seconds,
        "options": {"queue": job.queue.value, "expires": seconds * 5},
    }


SCHEDULE = {
    "speak up": _every(Job.SPEAK_UP, 0.25),  # a few at a time: nobody waits behind a burst of them
    "sweep": _every(Job.SWEEP, 5.0),
    "sweep exports": _every(Job.SWEEP_EXPORTS, 5.0),
    "close late": _every(Job.CLOSE_LATE, 2.0),
}
