"""Check a protocol file, compare two, or print the schema that editors use."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from duetml.given import read_text
from study.rules.diff import differences
from study.rules.protocol import ProtocolError, ProtocolFile, digest_of, read_protocol
from study.rules.published import schema


class Command(BaseCommand):
    help = (
        "Protocol files: check FILE (every problem with its line and what to do), diff A B, schema."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True, parser_class=ArgumentParser)
        commands.add_parser("check").add_argument("file", type=Path)
        two = commands.add_parser("diff")
        two.add_argument("old", type=Path)
        two.add_argument("new", type=Path)
        commands.add_parser("schema")

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        if what == "schema":
            self.stdout.write(json.dumps(schema(), indent=1, ensure_ascii=False))
        elif what == "diff":
            changes = differences(_read(options["old"])[0], _read(options["new"])[0])
            self.stdout.write(
                "\n".join(f"{one.place}: {one.what}" for one in changes) or "no change"
            )
        else:
            protocol, source = _read(options["file"])
            self.stdout.write(
                f"{protocol.name} version {protocol.version}: {len(protocol.steps)} steps,"
                f" {len(protocol.conditions)} conditions, {', '.join(protocol.languages)}\n"
                f"sha256 {digest_of(source)}"
            )


def _read(file: Path) -> tuple[ProtocolFile, str]:
    source = read_text(file)
    try:
        return read_protocol(source), source
    except ProtocolError as problem:
        raise CommandError(f"{file}:\n{problem}") from None
