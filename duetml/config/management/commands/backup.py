from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError
from django.utils import timezone

from duetml.config.backup.files import MEDIA
from duetml.config.backup.manifest import BackupError
from duetml.config.backup.writing import back_up
from duetml.config.database_version import WrongVersionError
from duetml.media import MediaError


class Command(BaseCommand):
    help = (
        "Write database, pictures, models and settings (without secrets) into one file and check"
        " it. A study may run meanwhile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="a new file, ending in .zip")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            made = back_up(file.absolute(), timezone.now())
        except WrongVersionError as problem:
            raise CommandError(str(problem)) from None
        except BackupError as problem:
            raise CommandError(f"{problem}; nothing was written.") from None
        except MediaError as problem:
            raise CommandError(f"{problem} Nothing was written.") from None
        except OSError as problem:
            reason = problem.strerror or problem
            raise CommandError(
                f"{file} cannot be written ({reason}); nothing was left behind. Name a place with"
                " room that you may write to."
            ) from None
        except (OperationalError, ProgrammingError) as problem:
            raise CommandError(
                f"The database cannot be read ({str(problem).splitlines()[0]}); nothing was"
                " written. See that it runs, that DATABASE_URL names it, and that manage.py migrate"
                " was run."
            ) from None
        rows = sum(member.rows or 0 for member in made.members.values())
        media = sum(name.startswith(MEDIA) for name in made.members)
        self.stdout.write(
            f"{file}: {rows} rows and {media} files of {made.made_at}, checked"
            f" ({file.stat().st_size / 1e6:.1f} MB)."
        )
        if made.without_file:
            self.stdout.write(
                f"{made.without_file} pictures have no file in the storage; the backup cannot have"
                " them either."
            )
        self.stdout.write("Keep SECRET_KEY and the vendor's keys elsewhere: they are not in it.")
