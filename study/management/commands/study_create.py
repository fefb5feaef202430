"""Make a draft of a study from a protocol file."""

from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from duetml.given import read_text
from duetml.workspace.services.refusal import Refused
from study.rules.protocol import ProtocolError
from study.services import studies


class Command(BaseCommand):
    help = "Make a draft of a study from a protocol file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="for example study/protocols/duetml.yaml")
        parser.add_argument("--slug", required=True, help="the study's name in addresses")
        parser.add_argument("--seed", type=int, help="draws the groups; a fresh one unless given")
        parser.add_argument(
            "--simulated", action="store_true", help="for robots: marked so wherever it is shown"
        )

        parser.add_argument(
            "--owner", metavar="NAME", help="a member of the staff; superusers see every study"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source = read_text(options["file"])
        try:
            study = studies.create(
                options["slug"],
                source,
                simulated=options["simulated"],
                now=timezone.now(),
                seed=options["seed"],
                by=_owner(options["owner"]),
            )
        except ProtocolError as problem:
            raise CommandError(f"{options['file']}:\n{problem}") from None
        except Refused as problem:
            raise CommandError(problem.message) from None
        self.stdout.write(f"{study.slug}: draft, protocol {study.protocol.digest}")


def _owner(name: str | None) -> User | None:
    if name is None:
        return None
    user = User.objects.filter(username=name, is_staff=True).first()
    if user is None:
        raise CommandError(f"No member of the staff is called {name}.")
    return user
