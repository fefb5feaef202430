"""Check a protocol file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from study.rules.protocol import ProtocolError, digest_of, read_protocol


class Command(BaseCommand):
    help = "Check a protocol file and print its digest, or everything that is wrong with it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            source = options["file"].read_text(encoding="utf-8")
            protocol = read_protocol(source)
        except (OSError, UnicodeDecodeError, ProtocolError) as problem:
            raise CommandError(f"{options['file']}:\n{problem}") from None
        self.stdout.write(
            f"{protocol.name} version {protocol.version}: {len(protocol.steps)} steps,"
            f" {len(protocol.conditions)} conditions, {', '.join(protocol.languages)}\n"
            f"sha256 {digest_of(source)}"
        )
