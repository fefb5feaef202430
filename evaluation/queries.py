"""Reads over several rows: what a rater has before them, and what staff may know of progress."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from duetml.workspace.models import TrainingRun
from evaluation.models import Comment, Rater, Rating, Showing, SideRating
from evaluation.rules import guidelines, order
from evaluation.rules.stages import Stage, stage_of
from evaluation.stats.scores import ScoreRow
from study.models import Participant, Slot, Study, Submission
from study.rules.protocol import Criterion

NOT_RATED = (Participant.Kind.PREVIEW, Participant.Kind.PILOT)


@dataclass(frozen=True)
class Entry:
    """One showing in a rater's queue: its place (from 1), its id, how much is scored."""

    number: int
    showing: str
    submission: str
    is_repeat: bool
    given: int
    of: int
    submitted: bool

    @property
    def started(self) -> bool:
        return self.given > 0 and not self.submitted


@dataclass(frozen=True)
class RaterProgress:
    """How far one rater is. `complete`: submissions with every score; `plan`: showings in all."""

    code: str
    complete: int
    scores: int
    pk: int = 0
    name: str = ""
    submitted: int = 0
    plan: int = 0
    trained_at: datetime | None = None
    finished_at: datetime | None = None
    guessed_at: datetime | None = None


@dataclass(frozen=True)
class Content:
    """What a submission holds, as it was frozen: {"categories": [{"name", "images": [id, …]}]}."""

    task: str
    categories: Sequence[Mapping[str, Any]]

    def numbered(self) -> dict[int, tuple[int, str]]:
        """Every picture by its number from 1 through all categories: (the category's place from
        1, the image)."""
        images = [
            (place, str(image))
            for place, category in enumerate(self.categories, start=1)
            for image in category["images"]
        ]
        return dict(enumerate(images, start=1))


def criteria_of(study: Study) -> list[Criterion]:
    return list(study.protocol.read().rating.criteria)


def rateable(study_id: int) -> QuerySet[Submission]:
    """The submissions that count, in an order that says nothing of when or by whom: neither of
    previews and pilots nor of people who had their data deleted."""
    kept = Submission.objects.filter(study_id=study_id, participant__erased_at=None)
    kept = kept.exclude(participant__kind__in=NOT_RATED)
    return kept.exclude(participant__withdrawal="delete").order_by("id")


def to_rate(study: Study) -> list[str]:
    """The submissions that raters are shown, by the protocol's rules for those that are empty or
    whose maker did not complete the study; in an order that says nothing."""
    rules = study.protocol.read().rating
    rows = rateable(study.pk)
    if rules.dropouts == "skip":
        rows = rows.filter(participant__state=Participant.State.COMPLETED)
    if rules.empty == "rate":
        return [str(pk) for pk in rows.values_list("pk", flat=True)]
    return [str(pk) for pk, content in rows.values_list("pk", "content") if not is_empty(content)]


def is_empty(content: Mapping[str, Any]) -> bool:
    return not any(category["images"] for category in content["categories"])


def more_may_come(study: Study) -> bool:
    """Whether a submission may still be handed in: the study is open, and a place is free or
    somebody is at it."""
    if study.state == Study.State.CLOSED:
        return False
    if study.slots.filter(sequence=Slot.Sequence.LIVE, taken_at=None).exists():
        return True
    at_it = study.participants.filter(state=Participant.State.ACTIVE, submission=None)
    return at_it.exclude(kind__in=NOT_RATED).exists()


def raters_of(user_id: int | None) -> list[Rater]:
    if user_id is None:
        return []
    return list(
        Rater.objects.filter(user_id=user_id).select_related("study__protocol").order_by("pk")
    )


def rater_of(user_id: int | None, address: str) -> Rater | None:
    """The rater of that address, if it is this user."""
    return next((one for one in raters_of(user_id) if one.address == address), None)


def find_for_rater(user_id: int | None, showing_id: UUID) -> Showing | None:
    """What this user is shown under this id; None also where it is another rater's or erased."""
    if user_id is None:
        return None
    rows = Showing.objects.filter(pk=showing_id, rater__user_id=user_id)
    there = Q(submission=None) | Q(submission__participant__erased_at=None)
    there &= ~Q(submission__participant__withdrawal="delete")
    return rows.filter(there).select_related("rater__study__protocol", "submission").first()


def content_of(showing: Showing) -> Content:
    if showing.submission is not None:
        content = showing.submission.content
        return Content(str(content["task"]), content["categories"])
    case = guidelines.practice(showing.rater.study.protocol.read())[showing.case or 0]
    categories = [{"name": one.name, "images": one.images} for one in case.categories]
    return Content("", categories)


def entries(rater: Rater) -> list[Entry]:
    """The rater's queue in their stored order, without what was erased meanwhile."""
    keys = [criterion.key for criterion in criteria_of(rater.study)]
    kept = set(to_rate(rater.study))
    rated = rater.ratings.filter(criterion__in=keys).values_list("submission_id")
    again = SideRating.objects.filter(showing__rater=rater, criterion__in=keys)
    given = {str(pk): number for pk, number in rated.annotate(Count("pk"))}
    repeated = dict(again.values_list("showing_id").annotate(Count("pk")))
    showings = {
        (str(one.submission_id), one.kind == Showing.Kind.REPEAT): one
        for one in rater.showings.exclude(kind=Showing.Kind.PRACTICE)
    }
    found = [
        (submission, again, showings[submission, again])
        for submission, again in order.marked(rater.order)
        if submission in kept and (submission, again) in showings
    ]
    return [
        Entry(
            number,
            str(one.pk),
            submission,
            again,
            repeated.get(one.pk, 0) if again else given.get(submission, 0),
            len(keys),
            one.submitted_at is not None,
        )
        for number, (submission, again, one) in enumerate(found, start=1)
    ]


def practice_entries(rater: Rater) -> list[Showing]:
    cases = len(guidelines.practice(rater.study.protocol.read()))
    rows = rater.showings.filter(kind=Showing.Kind.PRACTICE, case__lt=cases)
    return list(rows.order_by("case"))


def stage(rater: Rater, queue: Sequence[Entry]) -> Stage:
    return stage_of(
        described=rater.background_at is not None,
        trained=rater.trained_at is not None,
        left=sum(not entry.submitted for entry in queue) + (not queue),
        more_may_come=more_may_come(rater.study),
        finished=rater.finished_at is not None,
        guess_asked=bool(guidelines.described_conditions(rater.study.protocol.read())),
        guessed=rater.guessed_at is not None,
    )


def judgements_of(showing: Showing) -> dict[str, Rating | SideRating]:
    """What stands of a showing, by criterion."""
    rows: QuerySet[Rating] | QuerySet[SideRating] = SideRating.objects.filter(showing=showing)
    if showing.kind == Showing.Kind.RATED:
        rows = Rating.objects.filter(rater=showing.rater_id, submission=showing.submission_id)
    return {row.criterion: row for row in rows}


def comment_of(showing: Showing) -> str:
    if showing.kind != Showing.Kind.RATED:
        return showing.comment
    rows = Comment.objects.filter(rater=showing.rater_id, submission=showing.submission_id)
    return rows.values_list("text", flat=True).first() or ""


def progress(study: Study) -> list[RaterProgress]:
    """How far each rater is, in numbers only: no scores."""
    keys = [criterion.key for criterion in criteria_of(study)]
    rows = Rating.objects.filter(rater__study=study, criterion__in=keys)
    scores = dict(rows.values_list("rater_id").annotate(n=Count("pk")))
    whole = rows.values("rater_id", "submission_id").annotate(n=Count("pk")).filter(n=len(keys))
    complete: dict[int, int] = {}
    for row in whole:
        complete[row["rater_id"]] = complete.get(row["rater_id"], 0) + 1
    shown = Showing.objects.filter(rater__study=study).exclude(kind=Showing.Kind.PRACTICE)
    submitted = dict(
        shown.filter(submitted_at__isnull=False).values_list("rater_id").annotate(n=Count("pk"))
    )
    return [
        RaterProgress(
            one.code,
            complete.get(one.pk, 0),
            scores.get(one.pk, 0),
            one.pk,
            one.user.get_username(),
            submitted.get(one.pk, 0),
            len(one.order),
            one.trained_at,
            one.finished_at,
            one.guessed_at,
        )
        for one in study.raters.select_related("user").order_by("code")
    ]


def score_rows(study: Study, *, with_excluded: bool = False) -> Sequence[ScoreRow]:
    """Every score of the outcome analysis, in a stable order: without previews, pilots, repeats and
    whoever was excluded; with the lowest for empty submissions where the protocol counts them so.

    Where a rater could not judge there is no row: a participant's value is the mean of the scores
    that are there.
    """
    rules = study.protocol.read().rating
    rows = Rating.objects.filter(rater__study=study, submission__in=rateable(study.pk).order_by())
    rows = rows.exclude(submission__participant__condition="").filter(score__isnull=False)
    if not with_excluded:
        rows = rows.filter(submission__participant__excluded_at=None)
    if rules.dropouts == "skip":
        rows = rows.filter(submission__participant__state=Participant.State.COMPLETED)
    fields = (
        "submission__participant__code",
        "submission__participant__condition",
        "rater__code",
        "criterion",
        "score",
    )
    given = [ScoreRow(*row) for row in rows.order_by(*fields[:4]).values_list(*fields)]
    if rules.empty != "lowest":
        return given
    empty = set(_empty_ones(study, with_excluded=with_excluded))
    own = [row for row in given if row.participant not in {code for code, _ in empty}]
    return sorted(own + _lowest(study, empty), key=lambda row: tuple(map(str, _order(row))))


def _empty_ones(study: Study, *, with_excluded: bool) -> list[tuple[str, str]]:
    """(code, condition) of the participants whose submission holds no picture."""
    rows = rateable(study.pk).exclude(participant__condition="")
    if not with_excluded:
        rows = rows.filter(participant__excluded_at=None)
    if study.protocol.read().rating.dropouts == "skip":
        rows = rows.filter(participant__state=Participant.State.COMPLETED)
    fields = ("participant__code", "participant__condition", "content")
    return [
        (code, condition)
        for code, condition, content in rows.values_list(*fields)
        if is_empty(content)
    ]


def _lowest(study: Study, empty: set[tuple[str, str]]) -> list[ScoreRow]:
    raters = list(study.raters.order_by("code").values_list("code", flat=True))
    return [
        ScoreRow(code, condition, rater, criterion.key, 1)
        for code, condition in empty
        for rater in raters
        for criterion in criteria_of(study)
    ]


def _order(row: ScoreRow) -> tuple[str, str, str, str]:
    return row.participant, row.condition, row.rater, row.criterion


def untrained_runs(study: Study) -> int:
    """How many classifiers of the study stand on the untrained stand-in."""
    runs = TrainingRun.objects.filter(workspace__steprun__participant__study=study)
    runs = runs.exclude(workspace__steprun__participant__kind=Participant.Kind.PREVIEW)
    return runs.filter(report__trained=False).count()
