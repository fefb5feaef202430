"""Rows of an export that belong to raters; one query for each of them."""

from collections.abc import Iterator, Sequence

from evaluation.models import Comment, Rating
from evaluation.work.export_scope import Scope

Rows = Iterator[Sequence[object]]
OWNER, CONDITION = "submission__participant", "submission__participant__condition"


def ratings(scope: Scope) -> Rows:
    """By rater, participant and criterion."""
    fields = (OWNER, CONDITION, "submission", "criterion", "score", "at")
    people, analysed = scope.people, scope.analysed
    criteria = {one.key for one in scope.study.protocol.read().rating.criteria}
    for pk, rater in scope.raters.items():
        rows = Rating.objects.filter(rater=pk, submission__study=scope.study)
        found = [
            (people[owner].name, criterion, people[owner], condition, submission, score, at)
            for owner, condition, submission, criterion, score, at in rows.values_list(*fields)
            if owner in people
        ]
        for name, criterion, person, condition, submission, score, at in sorted(
            found, key=lambda row: row[:2]
        ):
            counts = person.code in analysed and criterion in criteria
            moment = scope.moment(at, rater.origin)
            yield [
                rater.name, name, condition, submission, criterion, score, counts, moment
            ]  # fmt: skip


def comments(scope: Scope) -> Rows:
    fields = (OWNER, "submission", "text", "at")
    for pk, rater in scope.raters.items():
        rows = Comment.objects.filter(rater=pk, submission__study=scope.study)
        found = [
            [rater.name, scope.people[owner].name, submission, text, scope.moment(at, rater.origin)]
            for owner, submission, text, at in rows.values_list(*fields)
            if owner in scope.people
        ]
        yield from sorted(found, key=lambda row: str(row[1]))
