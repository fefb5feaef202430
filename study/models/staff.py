from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from study.models.study import Study


class Membership(models.Model):
    """What somebody of the staff is in one study."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        EXPERIMENTER = "experimenter", _("experimenter")
        ANALYST = "analyst", _("analyst")
        VIEWER = "viewer", _("viewer")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=12, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "user"], name="one_role_per_study")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"


class AuditEntry(models.Model):
    """Who of the staff looked at, took out or changed what. Append-only."""

    study = models.ForeignKey(
        Study, null=True, blank=True, on_delete=models.SET_NULL, related_name="audit"
    )
    user = models.CharField(max_length=150)
    action = models.CharField(max_length=40)
    what = models.CharField(max_length=200, blank=True, default="")
    details = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [models.Index(fields=["study", "-at"], name="audit_newest")]

    def __str__(self) -> str:
        return f"{self.user} {self.action}"
