"""The agent that speaks by itself: its switch, its turns, and when it lets one pass."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from duetml.features import AgentSettings
from duetml.jobs import Job, enqueue
from duetml.live.log import record
from duetml.live.models import Event
from duetml.workspace.models import AgentCall, State, Workspace
from duetml.workspace.queries import UNFINISHED
from duetml.workspace.services.acting import Act
from duetml.workspace.services.workspaces import PRESENT

SETTLE = timedelta(seconds=2)  # after a boundary: the person looks at what came of it first
TYPING = timedelta(seconds=5)  # a page tells every 3 s while somebody types
# Under way side by side, in all workspaces: the agents worker has more threads than that, so that
# a question never waits for those who speak by themselves.
MOST_AT_ONCE = 160
CHANGES = (
    "category.created",
    "category.renamed",
    "category.deleted",
    "category.merged",
    "data.arranged",
    "images.added",
    "images.moved",
    "images.copied",
    "images.removed",
    "image.uploaded",
    "training.done",
    "training.failed",
    "test.done",
    "chat.posted",
)


def switch(act: Act, on: bool) -> Event:
    """G. Switched on again, the agent waits a whole interval, or for the next boundary. What it is
    about to say when it is switched off is not shown, whatever happens in between."""
    agents = act.workspace.settings.agents
    act.workspace.proactive_on = on
    if on:
        act.workspace.proactive_at = _next_turn(agents, act.now, act.now)
    else:
        _unfinished(act.workspace).update(unwanted=True)
    act.workspace.save(update_fields=["proactive_on", "proactive_at"])
    return act.record("proactive.toggled", {"on": on})


def at_boundary(workspace: Workspace, now: datetime) -> None:
    """A training, a test or a new category came to its end: a moment to speak, where the protocol
    chose those and the last remark is long enough ago."""
    settings = workspace.settings
    if not settings.features.proactive or settings.agents.proactive_trigger != "boundary":
        return
    gap = timedelta(seconds=settings.agents.proactive_gap_seconds)
    calls = AgentCall.objects.filter(workspace=workspace, agent=AgentCall.Agent.PROACTIVE)
    spoke = calls.order_by("-queued_at").values_list("queued_at", flat=True).first()
    turn = now + SETTLE if spoke is None else max(now + SETTLE, spoke + gap)
    rows = Workspace.objects.filter(pk=workspace.pk, closed_at=None, proactive_on=True)
    rows.filter(Q(proactive_at=None) | Q(proactive_at__gt=turn)).update(proactive_at=turn)


def speak_up(now: datetime) -> int:
    """Request a turn wherever one is due. Returns how many; may run twice at once."""
    _forget_absent(now)
    under_way = AgentCall.objects.filter(
        agent=AgentCall.Agent.PROACTIVE, state__in=UNFINISHED
    ).count()
    return sum(_take_turn(workspace, now) for workspace in due(now, MOST_AT_ONCE - under_way))


def due(now: datetime, most: int) -> list[Workspace]:
    """Those whose turn has come, the longest waiting first. `proactive_at` is set only where the
    feature is on (see workspaces.seen), and an index holds those rows alone."""
    rows = Workspace.objects.filter(proactive_on=True, proactive_at__lte=now, closed_at=None)
    rows = rows.filter(Q(closes_at=None) | Q(closes_at__gt=now), seen_at__gt=now - PRESENT)
    return list(rows.order_by("proactive_at")[: max(0, most)])


def _forget_absent(now: datetime) -> None:
    """Where nobody is, no turn comes until somebody is back (see workspaces.seen): what was left
    open once costs this tick alone."""
    rows = Workspace.objects.filter(proactive_on=True, proactive_at__lte=now, closed_at=None)
    rows.filter(seen_at__lte=now - PRESENT).update(proactive_at=None)


def _take_turn(workspace: Workspace, now: datetime) -> bool:
    """Whether a call was requested. A turn while the last call is unfinished passes in silence, as
    in the paper; any other that passes is recorded with its reason."""
    agents = workspace.settings.agents
    with transaction.atomic():
        is_due = Workspace.objects.filter(
            pk=workspace.pk, proactive_on=True, proactive_at__lte=now, closed_at=None
        )
        if not is_due.update(proactive_at=_next_turn(agents, workspace.proactive_at or now, now)):
            return False
        if _unfinished(workspace).exists():
            return False
        trigger = AgentCall.Trigger.TIMER
        if agents.proactive_trigger == "boundary":
            trigger = AgentCall.Trigger.BOUNDARY
        reason = _why_not(workspace, now) if agents.is_attentive else None
        if reason is not None:
            _let_pass(workspace, trigger, reason, now)
            return False
        _call(workspace, trigger, now)
        return True


def _call(workspace: Workspace, trigger: AgentCall.Trigger, now: datetime) -> None:
    agents = workspace.settings.agents
    call = AgentCall.objects.create(
        workspace=workspace,
        agent=AgentCall.Agent.PROACTIVE,
        trigger=trigger,
        provider=agents.provider,
        model=agents.of(AgentCall.Agent.PROACTIVE).model,
        queued_at=now,
        due_at=workspace.proactive_at,
    )
    told = {"call": str(call.id), "agent": call.agent, "trigger": call.trigger}
    record(workspace.stream, "agent.called", told, at=now)
    enqueue(Job.ANSWER, call=str(call.id))


def _let_pass(workspace: Workspace, trigger: AgentCall.Trigger, reason: str, now: datetime) -> None:
    """Recorded. A boundary that came at a bad moment is tried again; a timer comes round anyway."""
    told = {"agent": AgentCall.Agent.PROACTIVE.value, "trigger": trigger.value, "reason": reason}
    record(workspace.stream, "agent.skipped", told, at=now)
    if trigger == AgentCall.Trigger.BOUNDARY and reason != "unchanged":
        again = now + timedelta(seconds=workspace.settings.agents.proactive_gap_seconds)
        Workspace.objects.filter(pk=workspace.pk).update(proactive_at=again)


def _why_not(workspace: Workspace, now: datetime) -> str | None:
    if workspace.typing_at is not None and now - workspace.typing_at < TYPING:
        return "typing"
    reactive = AgentCall.objects.filter(workspace=workspace, agent=AgentCall.Agent.REACTIVE)
    if reactive.filter(state__in=UNFINISHED).exists():
        return "streaming"
    return None if _changed(workspace) else "unchanged"


def _changed(workspace: Workspace) -> bool:
    """Whether anything happened since it last spoke; before its first word, everything is new."""
    calls = AgentCall.objects.filter(workspace=workspace, agent=AgentCall.Agent.PROACTIVE)
    last = calls.filter(state=State.DONE).exclude(seen_seq=None).order_by("-queued_at").first()
    if last is None:
        return True
    events = Event.objects.filter(stream__key=workspace.stream, kind__in=CHANGES)
    return events.filter(seq__gt=last.seen_seq).exists()


def _unfinished(workspace: Workspace) -> QuerySet[AgentCall]:
    return AgentCall.objects.filter(
        workspace=workspace, agent=AgentCall.Agent.PROACTIVE, state__in=UNFINISHED
    )


def _next_turn(agents: AgentSettings, last: datetime, now: datetime) -> datetime | None:
    """A whole interval after the last turn, or after now where that is over; None: only a boundary
    brings the next."""
    if agents.proactive_trigger == "boundary":
        return None
    pause = timedelta(seconds=agents.proactive_interval_seconds)
    return last + pause if last + pause > now else now + pause
