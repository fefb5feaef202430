from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from duetml.config.celery import app
from duetml.config.process.ports import PortTakenError
from duetml.config.process.prepare import prepare
from duetml.config.process.together import AlreadyRunningError, SupervisorError, run_together


class Command(BaseCommand):
    help = (
        "Start broker, web, workers and beat together; Ctrl-C stops them all. PORT names the port."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--host",
            default="127.0.0.1",
            help="address to listen on; 0.0.0.0 opens it to the network",
        )

    def handle(self, *args: Any, host: str, **options: Any) -> None:
        prepare()
        try:
            run_together(settings.ENV, host, self.say, app, self.ready)
        except (AlreadyRunningError, PortTakenError, SupervisorError) as problem:
            raise CommandError(str(problem)) from None
        self.say("Everything is stopped.")

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def ready(self) -> None:
        self.say(
            f"Running at {settings.PUBLIC_URL} · stop with Ctrl-C · logs in {settings.VAR / 'log'}"
        )
