"""The Celery application: jobs are declared in duetml.jobs, the schedule below is static."""

from celery import Celery

app = Celery("duetml")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
