"""Rows of an export that belong to raters; one query for each of them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from evaluation.models import Comment, Guess, Rating, Showing, SideRating
from evaluation.work.export_scope import Scope

Rows = Iterator[Sequence[object]]
OWNER, CONDITION = "submission__participant", "submission__participant__condition"


def ratings(scope: Scope) -> Rows:
    """By rater, participant and criterion."""
    fields = (OWNER, "criterion", CONDITION, "submission", "score", "reason", "at")
    for pk, rater in scope.raters.items():
        rows = Rating.objects.filter(rater=pk, submission__study=scope.study)
        for person, *told, at in _sorted(scope, rows.values_list(*fields)):
            criterion, condition, submission, score, reason = told
            place = [rater.name, person.name, condition, submission, criterion]
            yield [*place, score, reason, scope.moment(at, rater.origin)]


def repeats(scope: Scope) -> Rows:
    owner = f"showing__{OWNER}"
    fields = (owner, "criterion", "showing__submission", "score", "reason", "at")
    for pk, rater in scope.raters.items():
        rows = SideRating.objects.filter(showing__rater=pk, showing__kind=Showing.Kind.REPEAT)
        for person, criterion, submission, *score, at in _sorted(scope, rows.values_list(*fields)):
            place = [rater.name, person.name, submission, criterion]
            yield [*place, *score, scope.moment(at, rater.origin)]


def guesses(scope: Scope) -> Rows:
    fields = (OWNER, "submission", CONDITION, "condition", "confidence", "at")
    for pk, rater in scope.raters.items():
        rows = Guess.objects.filter(rater=pk, submission__study=scope.study)
        for person, submission, *told, at in _sorted(scope, rows.values_list(*fields)):
            condition, guess, confidence = told
            place = [rater.name, person.name, condition, submission]
            yield [*place, guess, confidence, scope.moment(at, rater.origin)]


def comments(scope: Scope) -> Rows:
    fields = (OWNER, "submission", "text", "at")
    for pk, rater in scope.raters.items():
        rows = Comment.objects.filter(rater=pk, submission__study=scope.study)
        for person, submission, text, at in _sorted(scope, rows.values_list(*fields)):
            yield [rater.name, person.name, submission, text, scope.moment(at, rater.origin)]


def _sorted(scope: Scope, rows: Iterable[tuple[Any, ...]]) -> Iterator[list[Any]]:
    """Rows of one rater, the first value being whose submission it is: by that person's name and
    the second value, the person in the place of their key."""
    found = [[scope.people[owner], *rest] for owner, *rest in rows if owner in scope.people]
    yield from sorted(found, key=lambda row: (row[0].name, str(row[1])))
