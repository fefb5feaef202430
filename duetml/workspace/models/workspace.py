import uuid

from django.db import models
from django.db.models.functions import Lower

from duetml.features import WorkspaceSettings
from duetml.live.log import workspace_stream
from duetml.workspace.models.images import Image, Pool


class Workspace(models.Model):
    """Where a person builds one classifier. It knows nothing of studies: a task, a closing time,
    its settings.

    shares_images: the person agreed that pictures go to a model vendor; without it none does.
    payers: the accounts (see Spending) that its agents' calls are charged to.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    settings_json = models.JSONField()
    language = models.CharField(max_length=8, default="en")
    task = models.TextField(blank=True, default="")
    pool = models.ForeignKey(Pool, null=True, blank=True, on_delete=models.PROTECT)
    draw_seed = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    proactive_on = models.BooleanField(default=True)
    proactive_at = models.DateTimeField(null=True, blank=True)
    typing_at = models.DateTimeField(null=True, blank=True)
    shares_images = models.BooleanField(default=False)
    payers = models.JSONField(default=list, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["proactive_at"],
                condition=models.Q(
                    closed_at__isnull=True, proactive_on=True, proactive_at__isnull=False
                ),
                name="workspace_due",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def settings(self) -> WorkspaceSettings:
        return WorkspaceSettings.model_validate(self.settings_json)

    @property
    def stream(self) -> str:
        return workspace_stream(self.id)


class WorkspaceImage(models.Model):
    """A picture this workspace may use, in the order it is offered."""

    class Origin(models.TextChoices):
        POOL = "pool"
        UPLOAD = "upload"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="offered")
    image = models.ForeignKey(Image, on_delete=models.PROTECT)
    origin = models.CharField(max_length=6, choices=Origin)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "image"], name="image_once_per_workspace")
        ]

    def __str__(self) -> str:
        return f"{self.workspace_id}/{self.image_id}"


class Category(models.Model):
    """`position` is its place among the others; `mark` its colour and shape, kept for life."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="categories")
    name = models.CharField(max_length=80)
    position = models.PositiveIntegerField()
    mark = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                "workspace",
                Lower("name"),
                condition=models.Q(deleted_at__isnull=True),
                name="category_name_once",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Placement(models.Model):
    """An image in a category: a training image."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="placements")
    image = models.ForeignKey(Image, on_delete=models.PROTECT)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["category", "image"], name="image_once_per_category")
        ]

    def __str__(self) -> str:
        return f"{self.category_id}/{self.image_id}"
