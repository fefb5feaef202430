from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from duetml.workspace.services.refusal import Refused
from evaluation.exports.comparison import lines
from evaluation.exports.options import FORMATS, Options
from evaluation.work.export import export
from study.models import Study

FLAGS = {
    "while-open": "export before closing",
    "absolute-times": "dates and times instead of seconds since the enrolment",
    "with-text": "what people typed as well: chats, comments, answers in words",
    "with-images": "pictures that participants added, of those who agreed",
}
FEW = "{} combinations of what people said of themselves have fewer than 3 people: see README.md."


class Command(BaseCommand):
    help = "Write a study's data and results into a new folder or zip file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="the study's name in addresses (its slug)")
        parser.add_argument(
            "--out",
            type=Path,
            required=True,
            help="a folder that is not there yet, or a file that ends in .zip",
        )
        for name, words in FLAGS.items():
            parser.add_argument(f"--{name}", action="store_true", help=words)
        parser.add_argument(
            "--formats",
            default=",".join(FORMATS),
            help="with commas; csv is always there (default: %(default)s)",
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
                options=_options(options),
            )
        except Refused as refused:
            hint = " (--while-open)" if refused.code == "open" else ""
            raise CommandError(f"{refused.message}{hint}") from None
        for name, number in done.rows.items():
            self.stdout.write(f"{name:20} {number:>8}")
        for reason in done.withheld:
            self.stdout.write(f"Left out: {reason}")
        if done.small_cells:
            self.stdout.write(FEW.format(len(done.small_cells)))
        if done.results:
            for line in lines(done.results.participant, done.results.pooled):
                self.stdout.write(line)
        self.stdout.write(f"Written to {done.target}")


def _options(given: dict[str, Any]) -> Options:
    formats = tuple(name for name in given["formats"].split(",") if name)
    if wrong := set(formats) - set(FORMATS):
        raise CommandError(
            f"Unknown formats: {', '.join(sorted(wrong))}. Known: {', '.join(FORMATS)}."
        )
    return Options(
        absolute_times=given["absolute_times"],
        free_text=given["with_text"],
        images=given["with_images"],
        formats=formats,
    )


def _known() -> str:
    slugs = Study.objects.order_by("slug").values_list("slug", flat=True)
    return f"Known: {', '.join(slugs)}." if slugs else "There are none."
