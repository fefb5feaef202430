"""The order in which a rater meets the submissions: drawn once, stored, never shuffled again."""

from datetime import datetime
from random import Random

from django.db import transaction

from duetml.live import log
from evaluation.models import Rater, Showing
from evaluation.queries import to_rate
from evaluation.rules import guidelines, order
from study.models import Study


def first_order(study: Study, seed: int) -> list[str]:
    """The submissions that exist now, shuffled by the rater's own seed."""
    return order.first_order(to_rate(study), Random(seed))


def refresh(rater: Rater, now: datetime) -> Rater:
    """Draw submissions that came later into the part of the queue the rater has not met yet, and
    repeats, where the protocol wants them, behind it.

    Does nothing when there are none, so that a page may call it every time. Nothing is drawn in
    for somebody who has finished.
    """
    if rater.finished_at or (_is_complete(rater) and set(to_rate(rater.study)) <= set(rater.order)):
        return rater
    with transaction.atomic():
        mine = (
            Rater.objects.select_for_update(of=("self",))
            .select_related("study__protocol")
            .get(pk=rater.pk)
        )
        _draw_late(mine, now)
        _draw_repeats(mine, now)
        mine.save(update_fields=["order"])
        make_showings(mine)
    return mine


def make_showings(rater: Rater) -> None:
    """A row, with an id of its own, for everything the rater will be shown."""
    there = set(rater.showings.values_list("submission_id", "kind"))
    missing = [
        Showing(rater=rater, submission_id=submission, kind=kind)
        for submission, kind in _kinds(rater)
        if (submission, kind) not in {(str(pk), known) for pk, known in there}
    ]
    cases = len(guidelines.practice(rater.study.protocol.read()))
    practised = rater.showings.filter(kind=Showing.Kind.PRACTICE).count()
    missing += [
        Showing(rater=rater, kind=Showing.Kind.PRACTICE, case=case)
        for case in range(practised, cases)
    ]
    Showing.objects.bulk_create(missing)


def mark_shown(rater: Rater, number: int) -> None:
    """Remember that the rater has met the showing at this place (from 1) and all before it."""
    Rater.objects.filter(pk=rater.pk, shown__lt=number).update(shown=number)


def place_of(rater: Rater, showing: Showing) -> int:
    """From 1, along the stored order."""
    wanted = (str(showing.submission_id), Showing.Kind(showing.kind))
    return _kinds(rater).index(wanted) + 1


def _kinds(rater: Rater) -> list[tuple[str, Showing.Kind]]:
    kinds = (Showing.Kind.RATED, Showing.Kind.REPEAT)
    return [(submission, kinds[again]) for submission, again in order.marked(rater.order)]


def _is_complete(rater: Rater) -> bool:
    """Whether the rows and repeats that its order asks for are there; both come with refresh."""
    wanted = rater.study.protocol.read().rating.repeats
    again = len(rater.order) - len(set(rater.order))
    if again < wanted and len(set(rater.order)) >= max(4, 2 * wanted):
        return False
    return rater.showings.exclude(kind=Showing.Kind.PRACTICE).count() >= len(rater.order)


def _draw_late(mine: Rater, now: datetime) -> None:
    for submission in to_rate(mine.study):
        if submission not in mine.order:
            place = Random(f"{mine.seed}:{submission}").randint(mine.shown, len(mine.order))
            mine.order.insert(place, submission)
            drawn = {"submission": submission, "position": place}
            log.record(mine.stream, "rater.drawn_in", drawn, at=now)


def _draw_repeats(mine: Rater, now: datetime) -> None:
    wanted = mine.study.protocol.read().rating.repeats
    chance = Random(f"{mine.seed}:repeats:{len(mine.order)}")
    mine.order, added = order.with_repeats(mine.order, mine.shown, wanted, chance)
    for submission, place in added:
        drawn = {"submission": submission, "position": place}
        log.record(mine.stream, "rater.repeat_drawn", drawn, at=now)
