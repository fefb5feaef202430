import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError
from django.utils import timezone

from duetml import safekeeping
from duetml.config.backup.manifest import BackupError
from duetml.config.backup.restoring import restore
from duetml.config.celery import app
from duetml.config.database_version import WrongVersionError
from duetml.config.environment import ROOT
from duetml.config.process.readiness import someone_works
from duetml.media import MediaError


class Command(BaseCommand):
    help = (
        "Put a backup in the place of an empty platform. Stop web, workers and beat before. A"
        " backup that does not fit is refused in one sentence, and nothing changes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="lose everything that is here now"
        )
        parser.add_argument(
            "--rehearse",
            action="store_true",
            help="restore into a temporary folder, check, and throw that away; the platform may"
            " run meanwhile",
        )

    def handle(self, *args: Any, file: Path, replace: bool, rehearse: bool, **options: Any) -> None:
        if rehearse:
            self._rehearse(file)
            return
        if someone_works(app):
            raise CommandError(
                "Workers are running, and nothing was changed: stop web, workers and beat first."
            )
        try:
            told = restore(file, timezone.now(), replace=replace)
        except (BackupError, WrongVersionError) as problem:
            raise CommandError(str(problem)) from None
        except OperationalError as problem:
            raise CommandError(
                f"The database cannot be used ({str(problem).splitlines()[0]}), and nothing was"
                " changed: see that it runs and that DATABASE_URL names it."
            ) from None
        except DatabaseError as problem:
            raise CommandError(
                f"The database refused a row ({str(problem).splitlines()[0]}), and nothing was"
                " changed."
            ) from None
        except MediaError as problem:
            raise CommandError(f"{problem} The database was not changed.") from None
        except OSError as problem:
            raise CommandError(
                f"A file cannot be read or written ({problem.strerror or problem}); the database"
                " was not changed. See that there is room and that DUETML_VAR is yours."
            ) from None
        rows = sum(member.rows or 0 for member in told.members.values())
        self.stdout.write(f"Restored {rows} rows of {told.made_at}; they read as they were.")

    def _rehearse(self, file: Path) -> None:
        """In a process and a folder of its own, on SQLite: nothing here is touched."""
        with tempfile.TemporaryDirectory(prefix="duetml-restore-", dir=settings.VAR) as folder:
            env = os.environ | {
                "DUETML_VAR": folder,
                "DUETML_MEDIA": "",
                "DATABASE_URL": "",
                "REDIS_URL": "",
            }
            done = subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "manage.py", "restore", str(file.absolute())],
                cwd=ROOT,
                env=env | {"SECRET_KEY": settings.SECRET_KEY},
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            raise CommandError(done.stderr.strip().removeprefix("CommandError: "))
        safekeeping.note_restore(timezone.now())
        self.stdout.write(done.stdout.strip())
        self.stdout.write("This was a rehearsal: nothing here has changed.")
