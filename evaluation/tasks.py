"""Background jobs of the evaluation: one line each. The work is imported when it runs."""

from celery import shared_task

from duetml.jobs import Job


@shared_task(name=Job.EXPORT.task)
def export(export: str) -> None:
    from evaluation.work.export_job import make

    make(export)


@shared_task(name=Job.REPORT.task)
def report(report: str) -> None:
    from evaluation.work.reporting import make

    make(report)


@shared_task(name=Job.SWEEP_EXPORTS.task)
def sweep_exports() -> None:
    from evaluation.services.reports import sweep as sweep_reports
    from evaluation.work.export_job import sweep

    sweep()
    sweep_reports()
