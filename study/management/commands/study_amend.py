"""Give a study another protocol: freely before it opens, with a reason after."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from duetml.given import read_text
from duetml.workspace.services.refusal import Refused
from study.models import Study
from study.rules.protocol import ProtocolError
from study.services import versions


class Command(BaseCommand):
    help = "Give a study another protocol: freely before it opens, with a reason after."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("file", type=Path)
        parser.add_argument("--reason", default="")

    def handle(self, *args: Any, slug: str, file: Path, reason: str, **options: Any) -> None:
        source = read_text(file)
        try:
            version = versions.amend(slug, source, reason, "manage.py", timezone.now())
        except Study.DoesNotExist:
            raise CommandError(f"There is no study {slug}.") from None
        except ProtocolError as problem:
            raise CommandError(f"{file}:\n{problem}") from None
        except Refused as problem:
            raise CommandError(problem.message) from None
        self.stdout.write(f"{slug}: version {version.number}, {version.protocol.digest}")
