import asyncio
import sys
import time
import urllib.request
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from duetml.config.simulation import plan, report, verify
from duetml.config.simulation.progress import Progress
from duetml.workspace.services.refusal import Refused
from evaluation.work import export
from study.models import Study
from study.robots import crowd
from study.robots.journal import Journal
from study.rules.protocol import ProtocolError
from study.services import studies

SETTLE_SECONDS = 60


class Command(BaseCommand):
    help = (
        "Let robots live through a whole study over HTTP and sockets, then check that nothing was"
        " lost. Needs the running server (manage.py up) on the same database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", metavar="STUDY", help="the slug of the study to live in")
        parser.add_argument("--participants", type=int, default=12)
        parser.add_argument("--raters", type=int, default=5)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--minutes-scale", type=float, default=0.01, metavar="FACTOR")
        parser.add_argument("--url", default="http://localhost:8000", help="where it is served")
        parser.add_argument("--out", type=Path, required=True, help="folder for the exports")

    def handle(self, *args: Any, study: str, url: str, out: Path, **options: Any) -> None:
        _must_answer(url)
        begun = time.monotonic()
        try:
            planned = plan.prepare(
                study,
                options["participants"],
                options["raters"],
                options["seed"],
                options["minutes_scale"],
                timezone.now(),
            )
        except Study.DoesNotExist:
            raise CommandError(f"There is no study {study}.") from None
        except (plan.UnusableError, ProtocolError, Refused) as problem:
            raise CommandError(str(problem)) from None
        self.say(f"{planned.study.slug} is open (protocol {planned.study.protocol.digest[:12]}).")
        out.mkdir(parents=True, exist_ok=True)
        journal = Journal(out / "journal.jsonl")
        lives = self._run(planned, url, journal, options)
        self._settle(planned.study)
        self._end(planned.study, out)
        wanted = verify.Wanted(
            options["participants"],
            options["raters"],
            len(planned.protocol.rating.criteria),
            tuple(condition.key for condition in planned.protocol.conditions),
        )
        found = verify.look(planned.study, journal, out)
        self.say("\n".join(report.lines(wanted, found, journal)))
        self.say("\n".join(report.results(planned.study, planned.protocol)))
        self.say(f"Took {time.monotonic() - begun:.0f} s; exports are in {out}.")
        if wrong := verify.problems(wanted, found, lives):
            raise CommandError("The simulation failed:\n" + "\n".join(f"- {one}" for one in wrong))

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def _run(
        self, planned: plan.Plan, url: str, journal: Journal, options: dict[str, Any]
    ) -> list[crowd.Life]:
        """First every participant, then every rater."""
        languages = planned.protocol.languages
        told = Progress("participants", options["participants"], sys.stdout)
        lives = asyncio.run(
            crowd.participants(
                options["participants"],
                url=url,
                study=planned.study.slug,
                seed=options["seed"],
                journal=journal,
                eligible=planned.eligible,
                languages=languages,
                tell=told,
            )
        )
        told.end()
        told = Progress("raters", options["raters"], sys.stdout)
        lives += asyncio.run(
            crowd.raters(
                planned.invitations,
                url=url,
                seed=options["seed"],
                journal=journal,
                languages=languages,
                tell=told,
            )
        )
        told.end()
        return lives

    def _settle(self, study: Study) -> None:
        """Wait until the workers have done what was accepted."""
        until = time.monotonic() + SETTLE_SECONDS
        while verify.unfinished(study) and time.monotonic() < until:
            time.sleep(0.2)

    def _end(self, study: Study, out: Path) -> None:
        now = timezone.now()
        studies.close_study(study.slug, now)
        studies.unlock(study.slug, "simulate", now)
        export.export(study.slug, out, by="simulate", now=timezone.now())


def _must_answer(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise CommandError(f"--url must begin with http:// or https://, not {url}")
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/healthz", timeout=10):  # noqa: S310
            return
    except OSError as problem:
        raise CommandError(
            f"Nothing answers at {url} ({problem}). Start the server with “manage.py up”, or name"
            " its address with --url."
        ) from None
