"""Reads over several rows: what a rater has before them, and what staff may know of progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from duetml.workspace.models import TrainingRun
from evaluation.models import Comment, Rater, Rating
from evaluation.stats.units import ScoreRow
from study.models import Participant, Study, Submission
from study.rules.protocol import Criterion


@dataclass(frozen=True)
class Entry:
    """One submission in a rater's queue: its place (from 1), its id, how much is scored."""

    number: int
    submission: str
    given: int
    of: int

    @property
    def complete(self) -> bool:
        return self.given == self.of

    @property
    def started(self) -> bool:
        return 0 < self.given < self.of


@dataclass(frozen=True)
class RaterProgress:
    code: str
    complete: int
    scores: int


def criteria_of(study: Study) -> list[Criterion]:
    return list(study.protocol.read().rating.criteria)


def rateable(study_id: int) -> QuerySet[Submission]:
    """The submissions that count, in an order that says nothing of when or by whom."""
    kept = Submission.objects.filter(study_id=study_id)
    return kept.exclude(participant__kind=Participant.Kind.PREVIEW).order_by("id")


def raters_of(user_id: int | None) -> list[Rater]:
    if user_id is None:
        return []
    return list(
        Rater.objects.filter(user_id=user_id).select_related("study__protocol").order_by("pk")
    )


def find_for_rater(user_id: int | None, submission_id: UUID) -> tuple[Rater, Submission] | None:
    """The rater this user is for the submission's study; None also for no such submission."""
    submission = Submission.objects.filter(pk=submission_id).first()
    if submission is None or user_id is None:
        return None
    raters = Rater.objects.select_related("study__protocol")
    rater = raters.filter(user_id=user_id, study_id=submission.study_id).first()
    if rater is None or str(submission.pk) not in rater.order:
        return None
    return rater, submission


def entries(rater: Rater) -> list[Entry]:
    """The rater's queue in their stored order."""
    keys = [criterion.key for criterion in criteria_of(rater.study)]
    counts = rater.ratings.filter(criterion__in=keys).values_list("submission_id")
    given = {str(pk): number for pk, number in counts.annotate(Count("pk"))}
    return [
        Entry(number, submission, given.get(submission, 0), len(keys))
        for number, submission in enumerate(rater.order, start=1)
    ]


def scores_of(rater: Rater, submission: Submission) -> dict[str, int]:
    rows = Rating.objects.filter(rater=rater, submission=submission)
    return dict(rows.values_list("criterion", "score"))


def comment_of(rater: Rater, submission: Submission) -> str:
    rows = Comment.objects.filter(rater=rater, submission=submission)
    return rows.values_list("text", flat=True).first() or ""


def images_in(submission: Submission) -> set[str]:
    return {image for category in submission.content["categories"] for image in category["images"]}


def progress(study: Study) -> list[RaterProgress]:
    """How far each rater is, in numbers only: no scores."""
    keys = [criterion.key for criterion in criteria_of(study)]
    counts: dict[int, list[int]] = {}
    rows = Rating.objects.filter(rater__study=study, criterion__in=keys)
    for rater_id, number in (
        rows.values_list("rater_id").annotate(n=Count("pk")).values_list("rater_id", "n")
    ):
        counts.setdefault(rater_id, [0, 0])[1] = number
    per_submission = (
        rows.values("rater_id", "submission_id").annotate(n=Count("pk")).filter(n=len(keys))
    )
    for row in per_submission:
        counts[row["rater_id"]][0] += 1
    raters = study.raters.order_by("code").values_list("pk", "code")
    return [RaterProgress(code, *counts.get(pk, [0, 0])) for pk, code in raters]


def score_rows(study: Study) -> Sequence[ScoreRow]:
    """Every score of the study, without previews, in a stable order."""
    rows = Rating.objects.filter(rater__study=study, submission__study=study)
    rows = rows.exclude(submission__participant__kind=Participant.Kind.PREVIEW)
    rows = rows.exclude(submission__participant__condition="")
    fields = (
        "submission__participant__code",
        "submission__participant__condition",
        "rater__code",
        "criterion",
        "score",
    )
    return [ScoreRow(*row) for row in rows.order_by(*fields[:4]).values_list(*fields)]


def untrained_runs(study: Study) -> int:
    """How many classifiers of the study stand on the untrained stand-in."""
    runs = TrainingRun.objects.filter(workspace__steprun__participant__study=study)
    runs = runs.exclude(workspace__steprun__participant__kind=Participant.Kind.PREVIEW)
    return runs.filter(report__trained=False).count()
