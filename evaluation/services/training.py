"""What a rater does before the first submission: says who they are, reads, and practises."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live import log
from duetml.workspace.services.refusal import Refused
from evaluation.models import Rater
from evaluation.queries import practice_entries

Answer = str | int | float | list[str] | None


@transaction.atomic
def describe(rater: Rater, answers: Mapping[str, Answer], now: datetime) -> None:
    """Keep a rater's background; the last one counts, and every one is in the record."""
    log.locked(rater.stream)
    was = Rater.objects.values_list("background", flat=True).get(pk=rater.pk)
    Rater.objects.filter(pk=rater.pk).update(background=dict(answers), background_at=now)
    log.record(rater.stream, "rater.described", {"answers": dict(answers), "was": was}, at=now)


@transaction.atomic
def finish(rater: Rater, now: datetime) -> None:
    """The guidelines are read and the practice is done; a second time does nothing.

    Raises Refused while a practice case is not submitted or the background is missing.
    """
    if rater.background_at is None:
        raise Refused("background", _("Please tell us about yourself first."))
    practised = practice_entries(rater)
    if any(one.submitted_at is None for one in practised):
        raise Refused("practice", _("Please do the practice first."))
    if Rater.objects.filter(pk=rater.pk, trained_at=None).update(trained_at=now):
        log.record(rater.stream, "rater.trained", {"practice": len(practised)}, at=now)
