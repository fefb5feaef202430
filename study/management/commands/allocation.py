"""Derive the assignments of an export again."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.core.management.base import BaseCommand, CommandError, CommandParser

from duetml.given import NOT_UTF8
from study.rules.allocation_check import UnreadableError, read_rows, verify

LARGEST = 64 * 1024 * 1024  # bytes of one file


class Command(BaseCommand):
    help = (
        "Derive every assignment of an export again, from its seed or table; asks no database."
        " Fails where something does not agree."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("export", type=Path, help="the export's folder or zip file")

    def handle(self, *args: Any, **options: Any) -> None:
        export: Path = options["export"]
        try:
            rows = read_rows(list(csv.DictReader(StringIO(_text(export, "allocation.csv")))))
            said = verify(rows, _facts(_text(export, "allocation.json")))
        except (UnreadableError, csv.Error) as problem:
            raise CommandError(f"{export}: {problem}.") from None
        except FileNotFoundError:
            raise CommandError(
                f"There is no {export}: name the export's folder or zip file."
            ) from None
        except BadZipFile:
            raise CommandError(f"{export} is neither a folder nor a whole zip file.") from None
        except OSError as problem:
            raise CommandError(f"{export} cannot be read: {problem.strerror or problem}.") from None
        for one in said:
            self.stdout.write(f"{'agrees' if one.agrees else 'DIFFERS'}: {one.text}")
        taken = sum(row.taken_at_seq is not None for row in rows)
        if not all(one.agrees for one in said):
            raise CommandError("The assignments could not all be derived again.")
        self.stdout.write(f"All {len(rows)} places ({taken} taken) are derived again.")


def _text(export: Path, name: str) -> str:
    """The file of this name, wherever in the export it lies."""
    if export.is_dir():
        found = sorted(export.rglob(name))
        if not found:
            raise UnreadableError(_missing(name))
        return _decoded(name, found[0].read_bytes())
    with ZipFile(export) as archive:
        inside = sorted(one for one in archive.namelist() if one.rsplit("/", 1)[-1] == name)
        if not inside:
            raise UnreadableError(_missing(name))
        if archive.getinfo(inside[0]).file_size > LARGEST:
            raise UnreadableError(f"{name} is too large")
        return _decoded(name, archive.read(inside[0]))


def _decoded(name: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError(f"{name} {NOT_UTF8}") from None


def _facts(text: str) -> dict[str, Any]:
    try:
        facts = json.loads(text)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise UnreadableError("allocation.json is no JSON object: export the study again")
    return facts


def _missing(name: str) -> str:
    return f"there is no {name}: it is exported once the results are unlocked"
