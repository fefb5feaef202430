from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Holds the commands that compose everything (up, demo, simulate)."""

    name = "duetml.config"
    label = "project"

    def ready(self) -> None:
        from duetml.config.machine_told import tell
        from study.services.preflight_registry import machine

        if tell not in machine:
            machine.append(tell)
