"""The Django project: composes the house. `current_app` of every process is the one made here."""

from duetml.config.celery import app as celery_app

__all__ = ["celery_app"]
