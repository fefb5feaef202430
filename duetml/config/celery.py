"""The Celery application: jobs and their schedule are declared in duetml.jobs."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duetml.config.settings")
app = Celery("duetml")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

from duetml.config.metrics import jobs as counted_jobs  # noqa: E402, F401 - connects its signals
