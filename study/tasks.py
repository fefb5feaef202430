"""Background jobs of the study: one line each."""

from celery import shared_task
from django.utils import timezone

from duetml.jobs import Job
from study.services import steps


@shared_task(name=Job.CLOSE_LATE.task)
def close_late() -> None:
    steps.close_late(timezone.now())
