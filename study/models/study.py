from functools import lru_cache

from django.db import models
from django.utils.translation import gettext_lazy as _

from study.rules.protocol import ProtocolFile, read_protocol


class Protocol(models.Model):
    """The text of a protocol, frozen under its sha256."""

    digest = models.CharField(max_length=64, unique=True)
    source = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("protocol")
        verbose_name_plural = _("protocols")

    def __str__(self) -> str:
        return self.digest[:12]

    def read(self) -> ProtocolFile:
        return _parsed(self.source)


@lru_cache(maxsize=32)
def _parsed(source: str) -> ProtocolFile:
    """Every request of a participant needs it, and reading YAML takes longer than the request."""
    return read_protocol(source)


class Study(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=6, choices=State, default=State.DRAFT)
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="studies")
    seed = models.BigIntegerField()
    seed_digest = models.CharField(max_length=64)
    simulated = models.BooleanField(
        default=False, help_text=_("Time is scaled or participants are robots.")
    )
    overrides = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    unlocked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("study")
        verbose_name_plural = _("studies")

    def __str__(self) -> str:
        return self.slug

    @property
    def payer(self) -> str:
        """The account its participants' agents are charged to (see Spending)."""
        return f"study:{self.slug}"

    @property
    def preview_payer(self) -> str:
        """The same for previews, which count nowhere: no cap is held against this one."""
        return f"preview:{self.slug}"


class Slot(models.Model):
    """One place of the allocation sequence, drawn when the study opens. `participant` takes it
    once."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="slots")
    position = models.PositiveIntegerField()
    block = models.PositiveIntegerField()
    condition = models.CharField(max_length=40)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["study", "position"], name="slot_position_once")
        ]

    def __str__(self) -> str:
        return f"{self.study_id}#{self.position}"
