"""Delete what studies must not keep any longer."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from study.models import Study
from study.services import retention


class Command(BaseCommand):
    help = (
        "Say which closed studies are past their retention date and what would be deleted;"
        " with --really, delete it and print the receipt."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", help="one study only, due or not")
        parser.add_argument("--really", action="store_true", help="delete")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        studies = [self._named(options["slug"])] if options["slug"] else retention.due(now)
        if not studies:
            self.stdout.write("No study is past its retention date.")
        for study in studies:
            number = retention.would_go(study)
            ends = retention.ends_at(study)
            until = f"retention ends {ends:%Y-%m-%d}" if ends else "no retention date"
            if not options["really"]:
                self.stdout.write(
                    f"{study.slug}: {until}; the data of {number} participants would be deleted"
                    " (answers, chat, pictures, submissions, payloads of events). Files that were"
                    " exported or backed up stay: delete those yourself. Run it with --really."
                )
                continue
            receipt = retention.purge(study, now)
            self.stdout.write(f"{study.slug}: {json.dumps(receipt, sort_keys=True)}")

    def _named(self, slug: str) -> Study:
        study = Study.objects.filter(slug=slug).select_related("protocol").first()
        if study is None:
            raise CommandError(f"There is no study named {slug}.")
        if study.state != Study.State.CLOSED:
            raise CommandError(f"{slug} is not closed: close it first.")
        return study
