import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from duetml.live.log import rater_stream
from study.models import Study, Submission


class Rater(models.Model):
    """A person who scores the submissions of one study.

    `seed` draws `order`, which is stored and never shuffled again; `shown` says how many
    submissions from its start the rater has met, so that later ones are drawn in behind them.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rater_in"
    )
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="raters")
    code = models.CharField(max_length=12)
    seed = models.BigIntegerField()
    order = models.JSONField(default=list, blank=True)  # submission ids
    shown = models.PositiveIntegerField(default=0)
    joined_at = models.DateTimeField()

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


class Invitation(models.Model):
    """A single-use link that makes somebody a rater of a study. Only the token's digest is kept."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="invitations")
    token_digest = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    used_by = models.OneToOneField(Rater, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        verbose_name = _("rater invitation")
        verbose_name_plural = _("rater invitations")

    def __str__(self) -> str:
        return self.note or f"invitation {self.pk}"


class Rating(models.Model):
    """A rater's score of one criterion of one submission as it stands; every change is an event."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="ratings")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="ratings")
    criterion = models.CharField(max_length=20)
    score = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.UniqueConstraint(
                fields=["rater", "submission", "criterion"], name="rating_once_per_criterion"
            ),
            models.CheckConstraint(
                condition=models.Q(score__range=(1, 5)), name="score_from_1_to_5"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}={self.score}"


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
