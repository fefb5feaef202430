import uuid
from datetime import timedelta

from django.db import models

from duetml.workspace.models.claim import Claimable
from duetml.workspace.models.workspace import Workspace


class AgentCall(Claimable):
    """One request to an agent, and everything needed to account for it."""

    class Agent(models.TextChoices):
        REACTIVE = "reactive"
        PROACTIVE = "proactive"

    class Trigger(models.TextChoices):
        MESSAGE = "message"
        ASK_DATA = "ask_data"
        ASK_TEST = "ask_test"
        TIMER = "timer"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="agent_calls")
    agent = models.CharField(max_length=9, choices=Agent)
    trigger = models.CharField(max_length=8, choices=Trigger)
    provider = models.CharField(max_length=20)
    model = models.CharField(max_length=80, blank=True, default="")
    parameters = models.JSONField(default=dict, blank=True)
    prompts = models.JSONField(default=list, blank=True)  # [{name, version, language, digest}]
    images = models.JSONField(default=list, blank=True)  # [{"category": id, "images": [id, …]}]
    request = models.JSONField(default=list, blank=True)  # the turns as sent, pictures by id
    reply = models.TextField(blank=True, default="")
    flags = models.JSONField(default=list, blank=True)
    shown = models.BooleanField(default=False)
    input_tokens = models.PositiveIntegerField(null=True, blank=True)
    output_tokens = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    retries = models.PositiveSmallIntegerField(default=0)

    LEASE = timedelta(seconds=20)  # renewed while words arrive

    class Meta:
        ordering = ["queued_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(agent="proactive", state__in=["queued", "running"]),
                name="one_proactive_call_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent} ({self.trigger})"


class Message(models.Model):
    """A line of the chat. `call` is the request a person's message started, or the one an answer
    came from."""

    class Author(models.TextChoices):
        PARTICIPANT = "participant"
        REACTIVE = "reactive"
        PROACTIVE = "proactive"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="messages")
    author = models.CharField(max_length=11, choices=Author)
    text = models.TextField()
    at = models.DateTimeField()
    call = models.ForeignKey(AgentCall, null=True, blank=True, on_delete=models.PROTECT)
    offline = models.BooleanField(default=False)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["call"],
                condition=models.Q(author__in=["reactive", "proactive"]),
                name="one_answer_per_call",
            )
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:40]}"
