import uuid
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from duetml.workspace.models.claim import Claimable


class Image(models.Model):
    """A picture, re-encoded and stripped of metadata; one row and one pair of files per content."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)

    @property
    def full_path(self) -> str:
        """Where default_storage keeps the picture (JPEG)."""
        return f"images/{self.sha256[:2]}/{self.sha256}.jpg"

    @property
    def thumb_path(self) -> str:
        """Where default_storage keeps the thumbnail (JPEG, longest side 256 px)."""
        return f"images/{self.sha256[:2]}/{self.sha256}.thumb.jpg"


class Feature(models.Model):
    """What the backbone makes of an image: 1280 float32, little endian. `backbone` is the weights'
    digest."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="features")
    backbone = models.CharField(max_length=80)
    vector = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "backbone"], name="feature_once_per_backbone")
        ]

    def __str__(self) -> str:
        return f"{self.image_id} by {self.backbone[:8]}"


class Pool(models.Model):
    """Pictures a task offers. The names of its files and folders are for staff only."""

    name = models.SlugField(max_length=60, unique=True)
    licence = models.TextField(blank=True, default="", verbose_name=_("licence note"))
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("image pool")
        verbose_name_plural = _("image pools")

    def __str__(self) -> str:
        return self.name


class PoolImage(models.Model):
    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="entries")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="pool_entries")
    position = models.PositiveIntegerField()
    source = models.CharField(max_length=300, verbose_name=_("file it came from"))

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["pool", "image"], name="image_once_per_pool"),
            models.UniqueConstraint(
                fields=["pool", "position"], name="one_image_per_pool_position"
            ),
        ]

    def __str__(self) -> str:
        return self.source


class PoolImport(Claimable):
    """A zip file on its way into a pool, and what became of its files.

    archive: default_storage's path, "" once it is read; duplicates: [name, …];
    refused: [[name, sentence], …], in the language of whoever sent it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="imports")
    archive = models.CharField(max_length=200, blank=True, default="")
    name = models.CharField(max_length=200, verbose_name=_("file"))
    by = models.CharField(max_length=150)
    language = models.CharField(max_length=8, default="en")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    duplicates = models.JSONField(default=list, blank=True)
    refused = models.JSONField(default=list, blank=True)

    LEASE = timedelta(seconds=60)

    class Meta:
        ordering = ["queued_at"]

    def __str__(self) -> str:
        return self.name
