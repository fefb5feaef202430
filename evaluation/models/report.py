import uuid
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from duetml.workspace.models import Claimable
from study.models import Study


class Report(Claimable):
    """A study's results as a worker computed them from one state of its rows, `digest`.

    `done` of `total` tells how far the work is. `files`: [{"name", "bytes", "path"}], the path
    being default_storage's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="reports")
    digest = models.CharField(max_length=64)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    files = models.JSONField(default=list, blank=True)

    LEASE = timedelta(seconds=60)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(fields=["study", "digest"], name="report_once_per_state")
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.digest[:12]}"

    def path_of(self, name: str) -> str | None:
        return next((str(one["path"]) for one in self.files if one["name"] == name), None)
