"""manage.py fetch_backbone: the official ImageNet weights, verified."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from duetml.vision.fetch import FetchError, fetch
from duetml.vision.weights import OFFICIAL_SHA256_PREFIX, OFFICIAL_URL

WIDTH = 40


class Command(BaseCommand):
    help = "Fetches the image model's weights (14 MB) and verifies them. Can be interrupted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default=settings.BACKBONE_URL or OFFICIAL_URL)
        parser.add_argument(
            "--timeout", type=float, default=10, metavar="SECONDS", help="for every wait for data"
        )

    def handle(self, *args: object, url: str, timeout: float, **options: Any) -> None:
        target = settings.BACKBONE_FETCHED
        try:
            digest = fetch(url, target, OFFICIAL_SHA256_PREFIX, self._show_progress, timeout)
        except FetchError as problem:
            raise CommandError(str(problem)) from None
        finally:
            if self.stderr.isatty():
                self.stderr.write("")
        self.stdout.write(f"{target} is there and verified (sha256 {digest}).")
        if settings.BACKBONE_PATH not in (None, target):
            self.stdout.write(
                f"DUETML_BACKBONE names another file, which is used: {settings.BACKBONE_PATH}"
            )
        else:
            self.stdout.write("Restart what is running, so that it is used.")

    def _show_progress(self, done: int, total: int | None) -> None:
        if not self.stderr.isatty():
            return
        if total:
            filled = WIDTH * done // total
            bar = "█" * filled + "░" * (WIDTH - filled)
            told = f"\r{bar} {done / 1e6:.1f} of {total / 1e6:.1f} MB"
        else:
            told = f"\r{done / 1e6:.1f} MB"
        self.stderr.write(told, ending="")
        self.stderr.flush()
