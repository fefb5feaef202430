import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from duetml.live.log import participant_stream
from duetml.workspace.models import Workspace
from study.models.link import Link
from study.models.study import Protocol, Slot, Study


class Participant(models.Model):
    """A person in a study (or a robot, or a preview that counts nowhere)."""

    class Kind(models.TextChoices):
        LIVE = "live", _("live")
        PILOT = "pilot", _("pilot")
        ROBOT = "robot", _("robot")
        PREVIEW = "preview", _("preview")

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        SCREENED_OUT = "screened_out", _("screened out")
        TURNED_AWAY = "turned_away", _("turned away: no place left")
        COMPLETED = "completed", _("completed")
        WITHDRAWN = "withdrawn", _("withdrawn")
        BLOCKED = "blocked", _("came back to a step that cannot be resumed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="participants")
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT)
    code = models.CharField(
        max_length=12, help_text=_("What exports and raters' files call this person.")
    )
    token_digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.LIVE)
    state = models.CharField(max_length=12, choices=State, default=State.ACTIVE)
    language = models.CharField(max_length=8)
    slot = models.OneToOneField(Slot, null=True, blank=True, on_delete=models.PROTECT)
    condition = models.CharField(max_length=40, blank=True, default="")
    settings_json = models.JSONField(null=True, blank=True)
    stratum = models.CharField(max_length=200, blank=True, default="")
    link = models.ForeignKey(
        Link, null=True, blank=True, on_delete=models.PROTECT, related_name="participants"
    )
    label = models.CharField(max_length=100, blank=True, default="")
    external = models.JSONField(default=dict, blank=True, help_text=_("The recruiter's ids."))
    step = models.PositiveIntegerField(default=0)
    enrolled_at = models.DateTimeField()
    assigned_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    completion_code = models.CharField(max_length=60, blank=True, default="")
    withdrawal = models.CharField(max_length=6, blank=True, default="")  # keep, delete
    erased_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    excluded_at = models.DateTimeField(null=True, blank=True)
    excluded_by = models.CharField(max_length=150, blank=True, default="")
    exclusion_reason = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = [
            models.UniqueConstraint(fields=["study", "code"], name="participant_code_once")
        ]
        indexes = [
            models.Index(fields=["study", "kind", "state"], name="participant_counted"),
            models.Index(fields=["study", "-enrolled_at"], name="participant_newest"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def stream(self) -> str:
        return participant_stream(self.id)

    @property
    def payers(self) -> list[str]:
        """The accounts that this person's agents are charged to."""
        if self.kind == self.Kind.PREVIEW:
            return [self.study.preview_payer]
        return [self.study.payer, f"participant:{self.id}"]


class StepRun(models.Model):
    """A participant's passage through one step. Deadlines are stored; the server's clock
    decides."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="steps")
    index = models.PositiveIntegerField()
    key = models.CharField(max_length=40)
    opened_at = models.DateTimeField()
    minimum_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=12, blank=True, default="")  # participant, clock
    extra_seconds = models.PositiveIntegerField(default=0)  # given by staff, within closes_at
    paused_at = models.DateTimeField(null=True, blank=True)
    flags = models.JSONField(default=list, blank=True)  # "late", "extended", "paused", …
    workspace = models.OneToOneField(Workspace, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["participant", "index"], name="step_once")]
        indexes = [
            models.Index(
                fields=["closes_at"],
                condition=models.Q(closed_at__isnull=True, closes_at__isnull=False),
                name="step_open_until",
            )
        ]

    def __str__(self) -> str:
        return self.key


class Attempt(models.Model):
    """An earlier try of a task, given up because its step is restarted when somebody comes back."""

    step = models.ForeignKey(StepRun, on_delete=models.CASCADE, related_name="attempts")
    workspace = models.OneToOneField(Workspace, on_delete=models.PROTECT)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.step_id}, given up"


class Response(models.Model):
    """The answer to one item as it stands; every change is an event."""

    step = models.ForeignKey(StepRun, on_delete=models.CASCADE, related_name="responses")
    item = models.CharField(max_length=40)
    value = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "item"], name="response_once_per_item")
        ]

    def __str__(self) -> str:
        return f"{self.item}={self.value}"


class Submission(models.Model):
    """One participant's frozen requirement-task training data: what raters see.

    content: {"task": str, "categories": [{"name": str, "images": [image id, …]}, …]}
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.OneToOneField(
        Participant, on_delete=models.PROTECT, related_name="submission"
    )
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="submissions")
    step = models.OneToOneField(StepRun, on_delete=models.PROTECT)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")

    def __str__(self) -> str:
        return str(self.id)[:8]
