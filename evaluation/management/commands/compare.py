import json
from argparse import ArgumentParser
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from duetml.workspace.services.refusal import Refused
from evaluation.queries import score_rows
from evaluation.services.lock import must_be_unlocked
from evaluation.stats.long_table import LARGEST_FILE, LongTable, Rating, read
from evaluation.stats.report import CriterionReport, lines, report
from study.models import Study


class Command(BaseCommand):
    help = (
        "Compare two conditions in a long table of ratings, or of a study whose results are"
        " unlocked: exact rank-sum tests of participants' means, effect sizes, agreement of the"
        " raters. A table needs no database."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "ratings",
            type=Path,
            nargs="?",
            help="CSV in UTF-8 with the columns participant, condition, rater, score and, if there"
            " are several, criterion",
        )
        parser.add_argument("--study", help="the study's name in addresses, in place of a table")
        parser.add_argument(
            "--json", action="store_true", help="an array, one object per criterion"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        ratings, study = options.get("ratings"), options.get("study")
        if (ratings is None) == (study is None):
            raise CommandError("Give a table of ratings or --study.")
        try:
            reports = report(read(_content(ratings)) if ratings else _of_study(str(study)))
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


def _of_study(slug: str) -> LongTable:
    """The scores that count, of the protocol's two conditions; as for a table, the one whose name
    sorts last is compared with the other."""
    study = Study.objects.select_related("protocol").filter(slug=slug).first()
    if study is None:
        raise CommandError(f"There is no study {slug}.")
    try:
        must_be_unlocked(study)
    except Refused as refused:
        raise CommandError(refused.message) from None
    rating = study.protocol.read().rating
    criteria = tuple(sorted(criterion.key for criterion in rating.criteria))
    ratings = tuple(
        Rating(row.participant, row.condition, row.rater, row.criterion, Fraction(row.score))
        for row in score_rows(study)
        if row.criterion in criteria
    )
    low, high = sorted((rating.treatment, rating.control))
    return LongTable(ratings, (low, high), criteria, dict.fromkeys(criteria, 0))
