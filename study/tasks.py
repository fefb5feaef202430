"""Background jobs of the study: one line each."""

from celery import shared_task
from django.utils import timezone

from duetml.jobs import Job
from study.services import closing


@shared_task(name=Job.CLOSE_LATE.task)
def close_late() -> None:
    closing.close_late(timezone.now())
