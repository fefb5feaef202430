"""What stands in the way of a study on this machine."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from study.models import Study
from study.services.preflight import blocking, preflight


class Command(BaseCommand):
    help = "List what stands in the way of a study on this machine; fails where something does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["slug"]).select_related("protocol").first()
        if study is None:
            raise CommandError(f"There is no study named {options['slug']}.")
        findings = preflight(study.protocol.read())
        for finding in findings:
            hint = f" (accept with --override {finding.code})" if finding.may_override else ""
            self.stdout.write(f"- {finding.text}{hint}")
        if blocking(findings, study.overrides):
            raise CommandError(f"{study.slug} is not ready.")
        self.stdout.write(f"{study.slug} is ready.")
