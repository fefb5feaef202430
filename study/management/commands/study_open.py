"""Open a study to participants, after the pre-flight check."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from duetml.workspace.services.refusal import Refused
from study.models import Study
from study.services import studies
from study.services.preflight import OVERRIDES


class Command(BaseCommand):
    help = "Open a study: check this machine, draw the groups, let participants in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument(
            "--override", action="append", default=[], choices=OVERRIDES, help="accept a problem"
        )
        parser.add_argument("--reason", default="", help="why it opens with what is accepted")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            now, reason = timezone.now(), options["reason"]
            study = studies.open_study(options["slug"], now, options["override"], reason)
        except Study.DoesNotExist:
            raise CommandError(f"There is no study named {options['slug']}.") from None
        except Refused as problem:
            raise CommandError(problem.message) from None
        self.stdout.write(f"{study.slug}: open, seed committed as {study.seed_digest}")
