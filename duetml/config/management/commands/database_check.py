import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from duetml.config import database_version
from duetml.config.database_version import WrongVersionError


class Command(BaseCommand):
    help = "Wait for the database, and refuse one of another version: what runs before a process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--wait", type=float, default=30, metavar="SECONDS")

    def handle(self, *args: Any, wait: float, **options: Any) -> None:
        until = time.monotonic() + wait
        while problem := database_version.unreachable():
            if time.monotonic() > until:
                raise CommandError(
                    f"The database does not answer ({problem}): start it, or see DATABASE_URL."
                )
            time.sleep(0.5)
        try:
            database_version.require_same()
        except WrongVersionError as wrong:
            raise CommandError(str(wrong)) from None
