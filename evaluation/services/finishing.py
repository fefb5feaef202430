"""The end of a rater's work: the scores are locked, and only then comes the guess."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live import log
from duetml.workspace.services.refusal import Refused
from evaluation import queries
from evaluation.models import Guess, Rater
from evaluation.rules import guidelines
from study.models import Study


@dataclass(frozen=True)
class Guessed:
    """A condition, or empty for “cannot tell”, and a confidence from 1 (guessing) to 5 (sure)."""

    condition: str
    confidence: int


@transaction.atomic
def finish(rater: Rater, now: datetime) -> None:
    """Lock everything this rater has scored; a second time does nothing.

    Raises Refused while a submission is not submitted or another may come.
    """
    Study.objects.select_for_update(of=("self",), no_key=True).get(pk=rater.study_id)
    log.locked(rater.stream)
    entries = queries.entries(rater)
    if not entries or any(not entry.submitted for entry in entries):
        raise Refused("left", _("Some submissions are not submitted yet."))
    if queries.more_may_come(rater.study):
        raise Refused("open", _("More submissions may still come. Please come back later."))
    if Rater.objects.filter(pk=rater.pk, finished_at=None).update(finished_at=now):
        log.record(rater.stream, "rater.finished", {"submissions": len(entries)}, at=now)


@transaction.atomic
def guess(rater: Rater, guesses: Mapping[str, Guessed], now: datetime) -> None:
    """Keep what the rater takes every rated submission to be; once.

    `guesses`: by submission. Raises Refused before the scores are locked, when one is missing or
    means nothing, and the second time.
    """
    log.locked(rater.stream)
    stands = Rater.objects.get(pk=rater.pk)
    if stands.finished_at is None:
        raise Refused("early", _("Please finish your ratings first."))
    if stands.guessed_at is not None:
        raise Refused("again", _("You have answered this already. Thank you!"))
    known = {key for key, _words in guidelines.described_conditions(rater.study.protocol.read())}
    rated = [one.submission for one in queries.entries(rater) if not one.is_repeat]
    if set(guesses) != set(rated):
        raise Refused("missing", _("Please answer for every submission."))
    for submission in rated:
        _keep(rater, submission, guesses[submission], known, now)
    Rater.objects.filter(pk=rater.pk).update(guessed_at=now)


def _keep(rater: Rater, submission: str, guessed: Guessed, known: set[str], now: datetime) -> None:
    if guessed.condition not in known | {""} or guessed.confidence not in range(1, 6):
        raise Refused("guess", _("Please choose one of the answers."))
    Guess.objects.create(
        rater=rater,
        submission_id=submission,
        condition=guessed.condition,
        confidence=guessed.confidence,
        at=now,
    )
    payload = {
        "submission": submission,
        "condition": guessed.condition,
        "confidence": guessed.confidence,
    }
    log.record(rater.stream, "rating.guessed", payload, at=now)
