import logging
import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from duetml.config.celery import app
from duetml.config.demo import accounts, studies, weights
from duetml.config.demo.table import Table
from duetml.config.process.ports import PortTakenError
from duetml.config.process.prepare import prepare
from duetml.config.process.together import AlreadyRunningError, SupervisorError, run_together
from duetml.vision.weights import OFFICIAL_URL
from duetml.workspace.models import Pool
from duetml.workspace.queries import backbone_info, pool_sizes
from duetml.workspace.services import pools
from study.models import Study
from study.views.preview import links

STUDIO = "DUETML_STUDIO"


class Command(BaseCommand):
    help = "Seed the DuetML study with everything it needs, then start everything (see up)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="address to listen on; 0.0.0.0: the network"
        )
        parser.add_argument("--only-seed", action="store_true", help="seed, and start nothing")

    def handle(self, *args: Any, host: str, only_seed: bool, **options: Any) -> None:
        # Off is what somebody says; the processes that are started read it too.
        settings.STUDIO = os.environ.setdefault(STUDIO, "1") == "1" or settings.STUDIO
        prepare()
        logging.getLogger("duetml").setLevel(logging.ERROR)  # the broker is not there yet
        table = self.seed()
        logging.getLogger("duetml").setLevel(logging.NOTSET)
        if only_seed:
            self.say(table.text("Seeded; start it with manage.py up."))
            return
        try:
            run_together(settings.ENV, host, self.say, app, lambda: self.ready(table))
        except (AlreadyRunningError, PortTakenError, SupervisorError) as problem:
            raise CommandError(str(problem)) from None
        self.say("Everything is stopped.")

    def seed(self) -> Table:
        """Everything the demo needs, made where missing."""
        # Once studies exist, their protocols name the weights: others would not be theirs.
        if settings.BACKBONE_PATH is None and not studies.exist():
            target = settings.BACKBONE_FETCHED
            if weights.try_to_fetch(settings.BACKBONE_URL or OFFICIAL_URL, target, self.say):
                settings.BACKBONE_PATH = target
        if 0 in pool_sizes(["practice", "animals", "mixed"]).values():
            self.say("Drawing the pictures …")
            call_command("draw_pools", verbosity=0)
        now = timezone.now()
        full, short = studies.ensure(now)
        file = settings.VAR / "demo.json"
        rater = accounts.ensure(file, "rater", is_staff=False)
        for study in (full, short):
            accounts.ensure_rater(rater, study, now)
        return Table(
            url=settings.PUBLIC_URL,
            studio=reverse("studio:start") if settings.STUDIO else "",
            studies=[
                ("Take part", reverse("study:public", args=[full.slug])),
                ("Take part, short", reverse("study:public", args=[short.slug])),
            ],
            previews=links(full),
            researcher=accounts.ensure(file, "researcher", is_staff=True),
            rater=rater,
            remarks=remarks(full),
        )

    def ready(self, table: Table) -> None:
        for pool in Pool.objects.all():
            pools.embed(pool)  # features are computed while people read the first pages
        connection.close()  # this runs in a thread of its own
        self.say(table.text("DuetML is running."))
        self.say(f"Stop with Ctrl-C. Logs: {settings.VAR / 'log'}\n")

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def remarks(study: Study) -> list[str]:
    """What the studies of this machine lack, in sentences that say what to do."""
    protocol = study.protocol.read()
    sentences = []
    if protocol.agents.provider == "offline":
        sentences.append("The assistant is the offline advisor: no OPENAI_API_KEY was set.")
    if protocol.model.weights == "untrained":
        sentences.append(
            "The image model is UNTRAINED: the classifier learns next to nothing."
            " With a network, or a weights file named in DUETML_BACKBONE, begin anew:"
            " DUETML_VAR=var2 make demo"
        )
    if not backbone_info().digest.startswith(protocol.model.weights):
        sentences.append(
            "The installed image model is not the one these studies were made for; results say so."
            " Begin anew beside them: DUETML_VAR=var2 make demo"
        )
    return sentences
