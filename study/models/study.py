import re

from django.db import models
from django.utils.translation import gettext_lazy as _

from study.rules.protocol import ProtocolFile, read_protocol

_NAME = re.compile(r"""^name:\s*["']?([a-z][a-z0-9_]*)""", re.MULTILINE)


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

    @property
    def name(self) -> str:
        """What the protocol calls itself, found without reading the rest; empty where it cannot
        be."""
        found = _NAME.search(self.source)
        return found[1] if found else ""

    def read(self) -> ProtocolFile:
        """Every request of a participant needs it, and reading YAML takes longer than the request:
        what was read is kept by its digest, so that `source` may stay in the database (defer).
        """
        if self.digest not in _read:
            if len(_read) >= MOST_READ:
                _read.clear()
            _read[self.digest] = read_protocol(self.source)
        return _read[self.digest]


MOST_READ = 32
_read: dict[str, ProtocolFile] = {}


class Study(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PILOT = "pilot", _("piloting")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=6, choices=State, default=State.DRAFT)
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="studies")
    seed = models.BigIntegerField()
    seed_digest = models.CharField(max_length=64)
    # Piloting draws a sequence of its own: what it reveals tells nothing of the live one.
    pilot_seed = models.BigIntegerField(default=0)
    pilot_seed_digest = models.CharField(max_length=64, blank=True, default="")
    allocation_table = models.TextField(
        blank=True, default="", help_text=_("A statistician's sequence, as CSV.")
    )
    simulated = models.BooleanField(
        default=False, help_text=_("Time is scaled or participants are robots.")
    )
    overrides = models.JSONField(default=list, blank=True)
    override_reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    unlocked_at = models.DateTimeField(null=True, blank=True)
    unlocked_by = models.CharField(max_length=150, blank=True, default="")
    unlock_reason = models.TextField(blank=True, default="")
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.TextField(blank=True, default="")
    purged_at = models.DateTimeField(null=True, blank=True)

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


class StudyVersion(models.Model):
    """One protocol a study has had; the newest is the study's own. Participants carry theirs."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.CharField(max_length=150, blank=True, default="")
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="study_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.study_id} v{self.number}"


class Slot(models.Model):
    """One place of an allocation sequence. `position` counts within sequence and stratum.

    Drawn when the study opens (or its pilot begins); `is_extra`: added later, at the end, in place
    of somebody who was lost.
    """

    class Sequence(models.TextChoices):
        LIVE = "live", _("live")
        PILOT = "pilot", _("pilot")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="slots")
    sequence = models.CharField(max_length=5, choices=Sequence, default=Sequence.LIVE)
    stratum = models.CharField(max_length=200, blank=True, default="")
    position = models.PositiveIntegerField()
    block = models.PositiveIntegerField()
    condition = models.CharField(max_length=40)
    is_extra = models.BooleanField(default=False)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["sequence", "stratum", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "sequence", "stratum", "position"], name="slot_position_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["study", "sequence", "stratum", "position"],
                condition=models.Q(taken_at__isnull=True),
                name="slot_free",
            )
        ]

    def __str__(self) -> str:
        return f"{self.study_id}#{self.position}"
