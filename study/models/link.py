from django.db import models
from django.utils.translation import gettext_lazy as _

from study.models.study import Study


class Link(models.Model):
    """A way into a study. Only the digest of its token is kept."""

    class Kind(models.TextChoices):
        GENERAL = "general", _("for everybody who has it")
        PERSONAL = "personal", _("for one person, once")
        LISTED = "listed", _("for one person of a list")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=8, choices=Kind)
    token_digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=100, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150, blank=True, default="")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")

    def __str__(self) -> str:
        return self.label or f"link {self.pk}"
