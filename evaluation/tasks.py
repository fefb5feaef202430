"""Background jobs of the evaluation: one line each. The work is imported when it runs."""

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import get_native_id

from celery import shared_task
from django.db import connections

from duetml.jobs import Job

LEAST_URGENT = 19  # as nice(1) counts


@shared_task(name=Job.EXPORT.task)
def export(export: str) -> None:
    from evaluation.work.export_job import make

    _when_nobody_waits(make, export)


@shared_task(name=Job.REPORT.task)
def report(report: str) -> None:
    from evaluation.work.reporting import make

    _when_nobody_waits(make, report)


@shared_task(name=Job.SWEEP_EXPORTS.task)
def sweep_exports() -> None:
    from evaluation.services.reports import sweep as sweep_reports
    from evaluation.work.export_job import sweep

    sweep()
    sweep_reports()


def _when_nobody_waits(work: Callable[[str], object], key: str) -> None:
    """In a thread of its own, which takes the processor when participants' processes leave it."""
    with ThreadPoolExecutor(1, initializer=_step_back) as alone:
        try:
            alone.submit(work, key).result()
        finally:
            alone.submit(connections.close_all).result()


def _step_back() -> None:
    if sys.platform == "linux":  # elsewhere a priority is the whole process's
        os.setpriority(os.PRIO_PROCESS, get_native_id(), LEAST_URGENT)
