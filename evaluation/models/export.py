import uuid
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from duetml.workspace.models import Claimable
from study.models import Study


class ExportJob(Claimable):
    """A study on its way into a zip file, and what became of it.

    options: see evaluation.exports.options; path: default_storage's, "" while there is no file, or
    none any more; small_cells: [{"of": {…}, "people": n}, …]; withheld: [sentence, …].
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="exports")
    by = models.CharField(max_length=150)
    options = models.JSONField(default=dict, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    path = models.CharField(max_length=200, blank=True, default="")
    bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    rows = models.JSONField(default=dict, blank=True)
    withheld = models.JSONField(default=list, blank=True)
    small_cells = models.JSONField(default=list, blank=True)

    LEASE = timedelta(seconds=60)

    class Meta:
        ordering = ["-queued_at"]
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = [
            models.Index(
                fields=["queued_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="export_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.queued_at:%Y-%m-%d %H:%M}"
