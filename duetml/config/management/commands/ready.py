import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from duetml.config import health


class Command(BaseCommand):
    help = "Wait until everything runs that a study needs, and say how each part is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--wait", type=float, default=60, metavar="SECONDS")

    def handle(self, *args: Any, wait: float, **options: Any) -> None:
        until = time.monotonic() + wait
        found = health.checks(time.time())
        while not all(one.ok for one in found.values()) and time.monotonic() < until:
            time.sleep(1)
            found = health.checks(time.time())
        if lacking := [f"- {name}: {one.says}" for name, one in found.items() if not one.ok]:
            raise CommandError("Not ready:\n" + "\n".join(lacking))
        for name, one in found.items():
            self.stdout.write(f"{name}: {one.says}")
