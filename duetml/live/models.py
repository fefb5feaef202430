from django.db import models


class Stream(models.Model):
    """One numbered sequence of events: a workspace, a participant, a rater or a study."""

    key = models.CharField(max_length=80, unique=True)
    seq = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, default="", blank=True)

    def __str__(self) -> str:
        return self.key


class Event(models.Model):
    """Something that happened. Append-only; `digest` chains every event to the one before it.

    `payload_digest`: of a payload that was purged (and is {} since); the chain holds it, so that it
    still verifies.
    """

    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    payload = models.JSONField()
    payload_digest = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField()
    client_id = models.UUIDField(null=True, blank=True)
    client_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["stream_id", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="event_once_per_seq"),
            models.UniqueConstraint(
                fields=["stream", "client_id"], name="event_once_per_client_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}#{self.seq} {self.kind}"
