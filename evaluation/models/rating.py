import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from duetml.live.log import rater_stream
from study.models import Study, Submission


class Rater(models.Model):
    """A person who scores the submissions of one study.

    `seed` draws `order`, which is stored and never shuffled again; `shown` says how many
    submissions from its start the rater has met, so that later ones are drawn in behind them. The
    times say how far the rater has come: told who they are, trained, finished (locked), guessed.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rater_in"
    )
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="raters")
    code = models.CharField(max_length=12)
    seed = models.BigIntegerField()
    order = models.JSONField(default=list, blank=True)  # submission ids; twice: a repeat
    shown = models.PositiveIntegerField(default=0)
    joined_at = models.DateTimeField()
    background = models.JSONField(default=dict, blank=True)
    background_at = models.DateTimeField(null=True, blank=True)
    trained_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(
        null=True, blank=True, help_text=_("From then on no score of this rater changes.")
    )
    guessed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("rater")
        verbose_name_plural = _("raters")
        constraints = [
            models.UniqueConstraint(fields=["user", "study"], name="rater_once_per_study"),
            models.UniqueConstraint(fields=["study", "code"], name="rater_code_once"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def stream(self) -> str:
        return rater_stream(self.pk)

    @property
    def address(self) -> str:
        """What a rater's browser knows the row by: its number would tell how many raters there
        are."""
        return salted_hmac("evaluation.rater", str(self.pk)).hexdigest()[:20]


class Invitation(models.Model):
    """A single-use link that makes somebody a rater of a study. Only the token's digest is kept."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="invitations")
    token_digest = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    used_by = models.OneToOneField(Rater, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        verbose_name = _("rater invitation")
        verbose_name_plural = _("rater invitations")

    def __str__(self) -> str:
        return self.note or f"invitation {self.pk}"


class Showing(models.Model):
    """One submission before one rater. Its id is all that a rater's browser ever learns of it.

    A repeat shows a submission again to the same rater; a practice shows a case of the guidelines
    and no submission. `comment` is of these two: a rated submission's is a row of Comment.
    """

    class Kind(models.TextChoices):
        RATED = "rated", _("rated")
        REPEAT = "repeat", _("shown again")
        PRACTICE = "practice", _("practice")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="showings")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.RATED)
    submission = models.ForeignKey(
        Submission, null=True, blank=True, on_delete=models.PROTECT, related_name="showings"
    )
    case = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = models.TextField(blank=True, default="")
    comment_version = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("showing")
        verbose_name_plural = _("plan of showings")
        constraints = [
            models.UniqueConstraint(
                fields=["rater", "submission", "kind"], name="showing_once_per_kind"
            ),
            models.UniqueConstraint(fields=["rater", "case"], name="practice_case_once"),
            models.CheckConstraint(
                condition=models.Q(kind="practice", submission=None, case__isnull=False)
                | models.Q(
                    kind__in=["rated", "repeat"], submission__isnull=False, case__isnull=True
                ),
                name="showing_of_a_submission_or_a_case",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)[:8]


class Judgement(models.Model):
    """A score from 1 to 5, or none and the reason why the rater cannot judge.

    `version` counts the writes: who writes says which version they saw.
    """

    criterion = models.CharField(max_length=20)
    score = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    reason = models.CharField(max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.criterion}={self.score or '–'}"


def _score_or_reason(name: str) -> models.CheckConstraint:
    # A check that comes to NULL is taken for kept, so that NULL is asked for by name.
    scored = models.Q(score__isnull=False, score__range=(1, 5), reason="")
    return models.CheckConstraint(
        condition=scored | (models.Q(score__isnull=True) & ~models.Q(reason="")), name=name
    )


class Rating(Judgement):
    """A rater's score of one criterion of one submission as it stands; every change is an event."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="ratings")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="ratings")

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.UniqueConstraint(
                fields=["rater", "submission", "criterion"], name="rating_once_per_criterion"
            ),
            _score_or_reason("score_from_1_to_5"),
        ]


class SideRating(Judgement):
    """The same of a practice case or a repeat: kept apart, never in the analysis of outcomes."""

    showing = models.ForeignKey(Showing, on_delete=models.PROTECT, related_name="side_ratings")

    class Meta:
        verbose_name = _("rating of a practice or a repeat")
        verbose_name_plural = _("ratings of practice and repeats")
        constraints = [
            models.UniqueConstraint(
                fields=["showing", "criterion"], name="side_rating_once_per_criterion"
            ),
            _score_or_reason("side_score_from_1_to_5"),
        ]


class Guess(models.Model):
    """Which condition a rater, done and locked, took a submission to be of; empty: cannot tell."""

    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="guesses")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="guesses")
    condition = models.CharField(max_length=40, blank=True, default="")
    confidence = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("guess of the condition")
        verbose_name_plural = _("guesses of the condition")
        constraints = [
            models.UniqueConstraint(
                fields=["rater", "submission"], name="guess_once_per_submission"
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__range=(1, 5)), name="confidence_from_1_to_5"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.condition or '?'} ({self.confidence})"


class Comment(models.Model):
    """What a rater says of a submission; an empty text is no comment. Every change is an event."""

    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="comments")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("rater's comment")
        verbose_name_plural = _("raters' comments")
        constraints = [
            models.UniqueConstraint(
                fields=["rater", "submission"], name="comment_once_per_submission"
            )
        ]

    def __str__(self) -> str:
        return self.text[:40]
