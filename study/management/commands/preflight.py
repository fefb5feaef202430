"""What stands in the way of a study on this machine."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from study.models import Study
from study.services.preflight import OVERRIDES, blocking, preflight
from study.services.preflight_list import listed
from study.services.preflight_state import State


class Command(BaseCommand):
    help = "List what stands in the way of a study on this machine; fails where something does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["slug"]).select_related("protocol").first()
        if study is None:
            raise CommandError(f"There is no study named {options['slug']}.")
        findings = preflight(study.protocol.read())
        checks = listed(study, findings, timezone.now())
        for check in checks:
            can = check.state is State.BLOCKING and check.code in OVERRIDES
            hint = f" (accept with --override {check.code})" if can else ""
            self.stdout.write(f"{check.state:<8}  {check.text}{hint}")
        if blocking(findings, study.overrides):
            raise CommandError(f"{study.slug} is not ready.")
        left = sum(one.state is State.WARNING for one in checks)
        but = (
            f", but for {left} warnings: opened for participants, it needs a reason" if left else ""
        )
        self.stdout.write(f"{study.slug} is ready{but}.")
