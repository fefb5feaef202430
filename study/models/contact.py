from django.db import models
from django.utils.translation import gettext_lazy as _

from duetml.workspace.models import Workspace
from study.models.participant import Participant
from study.models.study import Study


class Notice(models.Model):
    """A message of the staff, shown on the participant's page until it is read."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="notices")
    text = models.TextField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.text[:40]


class InterviewNote(models.Model):
    """What an experimenter wrote down, tied to a moment of a workspace where there is one."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="notes")
    workspace = models.ForeignKey(Workspace, null=True, blank=True, on_delete=models.PROTECT)
    event_seq = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField()
    codes = models.JSONField(default=list, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("interview note")
        verbose_name_plural = _("interview notes")

    def __str__(self) -> str:
        return self.text[:40]


class Appointment(models.Model):
    """A time offered for a talk, taken by at most one participant; each has at most one."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="appointments")
    at = models.DateTimeField()
    minutes = models.PositiveIntegerField(default=30)
    participant = models.OneToOneField(
        Participant, null=True, blank=True, on_delete=models.SET_NULL, related_name="appointment"
    )
    booked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["study", "at"], name="appointment_once")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
