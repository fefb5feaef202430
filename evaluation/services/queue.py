"""The order in which a rater meets the submissions: drawn once, stored, never shuffled again."""

from datetime import datetime
from random import Random

from django.db import transaction

from duetml.live import log
from evaluation.models import Rater
from evaluation.queries import rateable


def first_order(study_id: int, seed: int) -> list[str]:
    """The submissions that exist now, shuffled by the rater's own seed."""
    order = [str(pk) for pk in rateable(study_id).values_list("pk", flat=True)]
    Random(seed).shuffle(order)
    return order


def refresh(rater: Rater, now: datetime) -> Rater:
    """Draw submissions that came later into the part of the queue the rater has not met yet.

    Does nothing when there are none, so that a page may call it every time.
    """
    present = [str(pk) for pk in rateable(rater.study_id).values_list("pk", flat=True)]
    if set(present) <= set(rater.order):
        return rater
    with transaction.atomic():
        mine = (
            Rater.objects.select_for_update(of=("self",))
            .select_related("study__protocol")
            .get(pk=rater.pk)
        )
        for submission in present:
            if submission not in mine.order:
                place = Random(f"{mine.seed}:{submission}").randint(mine.shown, len(mine.order))
                mine.order.insert(place, submission)
                drawn = {"submission": submission, "position": place}
                log.record(mine.stream, "rater.drawn_in", drawn, at=now)
        mine.save(update_fields=["order"])
    return mine


def mark_shown(rater: Rater, submission_id: str) -> None:
    """Remember that the rater has met this submission and all before it."""
    number = rater.order.index(submission_id) + 1
    Rater.objects.filter(pk=rater.pk, shown__lt=number).update(shown=number)
