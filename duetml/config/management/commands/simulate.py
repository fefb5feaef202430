import asyncio
import time
import urllib.request
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from duetml.config.simulation import plan, report, verify
from duetml.config.simulation.progress import Progress
from duetml.workspace.services.refusal import Refused
from evaluation.work.export import Export, export
from study.models import Study
from study.robots import crowd, profiles
from study.robots.journal import Journal
from study.rules.protocol import ProtocolError
from study.services import studies

SETTLE_SECONDS = 60
BY = "simulate"


class Command(BaseCommand):
    help = (
        "Let robots live through a whole study over HTTP and sockets, then check that nothing was"
        " lost. Needs the running server (manage.py up) on the same database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", metavar="STUDY", help="the slug of the study to live in")
        parser.add_argument("--participants", type=_count, default=12)
        parser.add_argument(
            "--profiles",
            default="careful",
            help="what robots are like, in turn: names with commas, or mixed for all of them:"
            f" {', '.join(profiles.PROFILES)}, dropout@N",
        )
        parser.add_argument("--raters", type=int, default=5)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--minutes-scale", type=float, default=0.01, metavar="FACTOR")
        parser.add_argument("--url", default="http://localhost:8000", help="where it is served")
        parser.add_argument("--out", type=Path, required=True, help="new folder for the exports")

    def handle(self, *args: Any, url: str, out: Path, **options: Any) -> None:
        begun = time.monotonic()
        _must_answer(url)
        if out.exists() and any(out.iterdir()):
            raise CommandError(f"{out} is not empty. Choose a new folder; nothing was started.")
        kinds = _profiles(options["profiles"])
        planned = _planned(options)
        self.say(f"{planned.study.slug} is open (protocol {planned.study.protocol.digest[:12]}).")
        written = out.with_name(f"{out.name}.robots.jsonl")
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text("")
        journal = Journal(written)
        lives = self._run(planned, url, journal, kinds, options)
        connection.close()  # as after the participants
        exported = _exported(planned.study, out)
        written.rename(out / "robots.jsonl")
        wanted = _wanted(planned, lives, options)
        found = verify.look(planned.study, journal, out)
        steps = [step.key for step in planned.protocol.steps]
        self.say("\n".join(report.lines(wanted, found, journal, lives, steps)))
        if exported.results is not None:
            self.say("\n".join(report.statistics(exported.results)))
        self.say(f"Took {time.monotonic() - begun:.0f} s; exports are in {out}.")
        if wrong := verify.problems(wanted, found, lives):
            raise CommandError("The simulation failed:\n" + "\n".join(f"- {one}" for one in wrong))

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def _run(
        self,
        planned: plan.Plan,
        url: str,
        journal: Journal,
        kinds: Sequence[profiles.Profile],
        options: dict[str, Any],
    ) -> list[crowd.Life]:
        """First every participant; then the study is closed, so that raters can finish."""
        place = {"url": url, "seed": options["seed"], "languages": planned.protocol.languages}
        told = Progress("participants", options["participants"], self.stdout)
        lives = asyncio.run(
            crowd.participants(
                options["participants"],
                study=planned.study.slug,
                eligible=planned.eligible,
                journal=journal,
                tell=told,
                profiles=kinds,
                has_chat=planned.has_chat,
                **place,
            )
        )
        told.end()
        connection.close()  # it lay still for as long as they lived, and may be gone
        _close(planned.study)
        told = Progress("raters", options["raters"], self.stdout)
        lives += asyncio.run(crowd.raters(planned.invitations, journal=journal, tell=told, **place))
        told.end()
        return lives


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ArgumentTypeError(f"must be a whole number from 1, not {text}")
    return int(text)


def _profiles(text: str) -> list[profiles.Profile]:
    try:
        return profiles.read(text)
    except ValueError as problem:
        raise CommandError(str(problem)) from None


def _wanted(
    planned: plan.Plan, lives: Sequence[crowd.Life], options: dict[str, Any]
) -> verify.Wanted:
    """What these robots must leave. Where all are assigned, the conditions are balanced."""
    count, groups = options["participants"], len(planned.protocol.conditions)
    people = [life for life in lives if life.profile]
    is_full = all(life.wanted == "completed" for life in people)
    return verify.Wanted(
        participants=count,
        completed=sum(life.wanted == "completed" for life in people),
        raters=options["raters"],
        criteria=len(planned.protocol.rating.criteria),
        conditions=tuple(condition.key for condition in planned.protocol.conditions),
        tolerance=0 if is_full else max(planned.protocol.allocation.block_sizes) // groups,
    )


def _planned(options: dict[str, Any]) -> plan.Plan:
    try:
        return plan.prepare(
            options["study"],
            options["participants"],
            options["raters"],
            options["seed"],
            options["minutes_scale"],
            timezone.now(),
        )
    except Study.DoesNotExist:
        raise CommandError(f"There is no study {options['study']}.") from None
    except Refused as problem:
        raise CommandError(problem.message) from None
    except (plan.UnusableError, ProtocolError) as problem:
        raise CommandError(str(problem)) from None


def _close(study: Study) -> None:
    """Once the workers have done what was accepted."""
    until = time.monotonic() + SETTLE_SECONDS
    while verify.unfinished(study) and time.monotonic() < until:
        time.sleep(0.2)
    studies.close_study(study.slug, timezone.now())


def _exported(study: Study, out: Path) -> Export:
    unlocked = studies.unlock(study.slug, BY, timezone.now())
    return export(unlocked, out, by=BY, now=timezone.now())


def _must_answer(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise CommandError(f"--url must begin with http:// or https://, not {url}")
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/healthz", timeout=10):  # noqa: S310  # nosec B310
            return
    except OSError as problem:
        raise CommandError(
            f"Nothing answers at {url} ({problem}). Start the server with “manage.py up”, or name"
            " its address with --url."
        ) from None
