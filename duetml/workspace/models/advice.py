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
        BOUNDARY = "boundary"

    class Outcome(models.TextChoices):
        """What became of it: `stood_in` is the offline advisor in the vendor's place."""

        ANSWERED = "answered"
        STOPPED = "stopped"
        WITHHELD = "withheld"
        STOOD_IN = "stood_in"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="agent_calls")
    agent = models.CharField(max_length=9, choices=Agent)
    trigger = models.CharField(max_length=8, choices=Trigger)
    provider = models.CharField(max_length=20)
    model = models.CharField(max_length=80, blank=True, default="")
    parameters = models.JSONField(default=dict, blank=True)
    prompts = models.JSONField(default=list, blank=True)  # [{name, version, language, digest}]
    # [{"category": id or "", "images": [id, …]}]
    images = models.JSONField(default=list, blank=True)
    # The turns as sent; a picture as {"image": id, "sha256": of the bytes that were sent}.
    request = models.JSONField(default=list, blank=True)
    received = models.TextField(blank=True, default="")  # every word that came, as it came
    reply = models.TextField(blank=True, default="")  # what of it was fit to be shown
    flags = models.JSONField(default=list, blank=True)
    shown = models.BooleanField(default=False)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")
    input_tokens = models.PositiveIntegerField(null=True, blank=True)
    output_tokens = models.PositiveIntegerField(null=True, blank=True)
    # Millionths of a US dollar by the price list of that date; None: not known.
    microusd = models.BigIntegerField(null=True, blank=True)
    price_list = models.CharField(max_length=10, blank=True, default="")
    seconds = models.FloatField(null=True, blank=True)
    seconds_to_first = models.FloatField(null=True, blank=True)  # until the first word came
    retries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)  # proactive: when its time had come
    sent_at = models.DateTimeField(null=True, blank=True)  # when the request was ready to go
    seen_seq = models.PositiveIntegerField(null=True, blank=True)  # the last event it was told of
    stop_at = models.DateTimeField(null=True, blank=True)  # the person wanted no more of it
    unwanted = models.BooleanField(default=False)  # the agent was switched off meanwhile

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
        indexes = [
            models.Index(
                fields=["queued_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="call_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent} ({self.trigger})"


class Message(models.Model):
    """A line of the chat. `call` is the request a person's message started, or the one an answer
    came from. `useful` and `dismissed_at` are what the person said of an advice."""

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
    stand_in = models.BooleanField(default=False)  # offline in the place of a vendor out of reach
    stopped = models.BooleanField(default=False)  # the person stopped it: there is no more of it
    useful = models.BooleanField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)

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


class Spending(models.Model):
    """What the agents of one payer cost on one day (UTC): a study, a participant."""

    payer = models.CharField(max_length=80)
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)
    input_tokens = models.PositiveBigIntegerField(default=0)
    output_tokens = models.PositiveBigIntegerField(default=0)
    microusd = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payer", "day"], name="spending_once_per_day")
        ]

    def __str__(self) -> str:
        return f"{self.payer} {self.day}"
