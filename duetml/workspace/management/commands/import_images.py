"""manage.py import_images: a researcher's own pictures as an image pool."""

import argparse
import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from duetml.workspace.services import pools
from duetml.workspace.work.importing import ImportingError, Outcome, found_in, import_files

SHOWN = 50


class Command(BaseCommand):
    help = "Adds the pictures of a folder or zip file to an image pool, which is made if missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, metavar="DIR", help="a folder, or a .zip file")
        parser.add_argument("--pool", required=True, type=_slug, metavar="NAME")
        parser.add_argument("--licence", default="", help="whose pictures they are; for staff")

    def handle(self, *args: object, source: Path, pool: str, licence: str, **options: Any) -> None:
        now = timezone.now()
        try:
            found = found_in(source)
        except ImportingError as problem:
            raise CommandError(str(problem)) from None
        row = pools.get_or_create(pool, licence, now)
        outcome = import_files(row, found, now, self._show_progress)
        if self.stderr.isatty():
            self.stderr.write("")
        self._tell(outcome)
        pools.embed(row)
        count = row.entries.count()
        self.stdout.write(f"{outcome.added} pictures added; pool “{pool}” now holds {count}.")
        if not count:
            row.delete()
            raise CommandError("No file could be used, so no pool was made.")

    def _show_progress(self, done: int, total: int) -> None:
        if self.stderr.isatty() and (done % 10 == 0 or done == total):
            self.stderr.write(f"\r{done} of {total} files", ending="")
            self.stderr.flush()

    def _tell(self, outcome: Outcome) -> None:
        if outcome.duplicates:
            self.stdout.write(f"{len(outcome.duplicates)} pictures were in the pool already:")
            self._list(outcome.duplicates)
        if outcome.refused:
            self.stdout.write(f"{len(outcome.refused)} files cannot be used:")
            self._list([f"{name}: {reason}" for name, reason in outcome.refused])

    def _list(self, lines: list[str]) -> None:
        for line in lines[:SHOWN]:
            self.stdout.write(
                f"  {line.encode('unicode_escape').decode() if not line.isprintable() else line}"
            )
        if len(lines) > SHOWN:
            self.stdout.write(f"  … and {len(lines) - SHOWN} more")


def _slug(name: str) -> str:
    if not re.fullmatch(r"[-a-zA-Z0-9_]{1,60}", name):
        raise argparse.ArgumentTypeError("letters, digits, - and _ only, at most 60")
    return name
