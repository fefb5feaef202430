from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Holds the commands that compose everything (up, demo, simulate)."""

    name = "duetml.config"
    label = "project"
