import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evaluation.stats.long_table import LARGEST_FILE, read
from evaluation.stats.report import CriterionReport, lines, report


class Command(BaseCommand):
    help = (
        "Compare two conditions in a long table of ratings: exact rank-sum tests of participants'"
        " means, effect sizes, agreement of the raters. Needs no database."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "ratings",
            type=Path,
            help="CSV in UTF-8 with the columns participant, condition, rater, score and, if there"
            " are several, criterion",
        )
        parser.add_argument(
            "--json", action="store_true", help="an array, one object per criterion"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reports = report(read(_content(options["ratings"])))
        except ValueError as wrong:
            raise CommandError(str(wrong)) from None
        self.stdout.write(_json(reports) if options["json"] else self._readable(reports))

    def _readable(self, reports: tuple[CriterionReport, ...]) -> str:
        """Names may have characters that the terminal cannot show."""
        encoding = getattr(self.stdout, "encoding", None) or "utf-8"
        return "\n".join(lines(reports)).encode(encoding, "replace").decode(encoding)


def _json(reports: tuple[CriterionReport, ...]) -> str:
    return json.dumps([one.as_dict() for one in reports], indent=2, allow_nan=False)


def _content(path: Path) -> bytes:
    """No more than is needed to know that it is too much."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
