"""The agent that speaks by itself: its switch and its timer."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from duetml.features import AgentSettings
from duetml.jobs import Job, enqueue
from duetml.live.log import record
from duetml.live.models import Event
from duetml.workspace.models import AgentCall, Workspace
from duetml.workspace.queries import UNFINISHED
from duetml.workspace.services.acting import Act

PRESENT = timedelta(seconds=30)  # a page that was not heard of for longer has nobody in front of it
AT_ONCE = 100


def switch(act: Act, on: bool) -> Event:
    """G. Switched on again, the agent waits a whole interval before it speaks."""
    act.workspace.proactive_on = on
    if on:
        act.workspace.proactive_at = act.now + _pause(act.workspace.settings.agents)
    act.workspace.save(update_fields=["proactive_on", "proactive_at"])
    return act.record("proactive.toggled", {"on": on})


def speak_up(now: datetime) -> int:
    """Request a turn wherever one is due. Returns how many; may run twice at once."""
    return sum(_request(workspace, now) for workspace in _due(now))


def _due(now: datetime) -> list[Workspace]:
    """`proactive_at` is set only where the feature is on (see workspaces.seen)."""
    rows = Workspace.objects.filter(proactive_on=True, proactive_at__lte=now, closed_at=None)
    rows = rows.filter(Q(closes_at=None) | Q(closes_at__gt=now), seen_at__gt=now - PRESENT)
    return list(rows.order_by("proactive_at")[:AT_ONCE])


def _request(workspace: Workspace, now: datetime) -> bool:
    agents = workspace.settings.agents
    with transaction.atomic():
        due = Workspace.objects.filter(
            pk=workspace.pk, proactive_on=True, proactive_at__lte=now, closed_at=None
        )
        if not due.update(proactive_at=now + _pause(agents)):
            return False
        proactive = AgentCall.objects.filter(workspace=workspace, agent=AgentCall.Agent.PROACTIVE)
        if proactive.filter(state__in=UNFINISHED).exists():
            return False
        call = AgentCall.objects.create(
            workspace=workspace,
            agent=AgentCall.Agent.PROACTIVE,
            trigger=AgentCall.Trigger.TIMER,
            provider=agents.provider,
            model=agents.model,
            queued_at=now,
        )
        told = {"call": str(call.id), "agent": call.agent, "trigger": call.trigger}
        record(workspace.stream, "agent.called", told, at=now)
        enqueue(Job.ANSWER, call=str(call.id))
        return True


def _pause(agents: AgentSettings) -> timedelta:
    return timedelta(seconds=agents.proactive_interval_seconds)
