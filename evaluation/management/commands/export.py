from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from duetml.workspace.services.refusal import Refused
from evaluation.exports.comparison import lines
from evaluation.work.export import export
from study.models import Study


class Command(BaseCommand):
    help = "Write a study's data and results into a new folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="the study's name in addresses (its slug)")
        parser.add_argument(
            "--out", type=Path, required=True, help="a folder that is not there yet"
        )
        parser.add_argument(
            "--while-open", action="store_true", help="export before closing, without conditions"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.select_related("protocol").filter(slug=options["study"]).first()
        if study is None:
            raise CommandError(f"There is no study {options['study']}. {_known()}")
        try:
            done = export(
                study,
                options["out"],
                by="manage.py export",
                now=timezone.now(),
                while_open=options["while_open"],
            )
        except Refused as refused:
            hint = " (--while-open)" if refused.code == "open" else ""
            raise CommandError(f"{refused.message}{hint}") from None
        for name, number in done.rows.items():
            self.stdout.write(f"{name:20} {number:>8}" if name.endswith(".csv") else name)
        for reason in done.withheld:
            self.stdout.write(f"Left out: {reason}")
        if done.results:
            for line in lines(done.results.participant, done.results.pooled):
                self.stdout.write(line)
        self.stdout.write(f"Written to {done.folder}")


def _known() -> str:
    slugs = Study.objects.order_by("slug").values_list("slug", flat=True)
    return f"Known: {', '.join(slugs)}." if slugs else "There are none."
