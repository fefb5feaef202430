"""Agent calls as a worker sees them: claimed in turn, answered or failed once."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from duetml.jobs import Job, enqueue
from duetml.live.log import record
from duetml.workspace.models import AgentCall, Message, State, Workspace
from duetml.workspace.queries import UNFINISHED
from duetml.workspace.services.workspaces import is_over, locked


@dataclass(frozen=True)
class Account:
    """What one call was made of and what it cost: stored with it, whether it succeeded or not."""

    model: str
    parameters: dict[str, Any] = field(default_factory=dict)
    prompts: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    request: list[dict[str, Any]] = field(default_factory=list)
    seconds: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    retries: int = 0


@dataclass(frozen=True)
class Answer:
    text: str
    flags: tuple[str, ...] = ()
    offline: bool = False


def claim(call_id: UUID | str, now: datetime) -> AgentCall | None:
    """Take a queued call. Calls of one agent in one workspace are answered in the order they were
    asked: a later one is left queued, and sent again when the one before it is over."""
    workspace_id = AgentCall.objects.filter(pk=call_id).values_list("workspace_id", flat=True)
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().filter(pk__in=workspace_id).first()
        if workspace is None or _next_of(workspace.id, call_id) != str(call_id):
            return None
        return AgentCall.claim(call_id, now)


def answer(call: AgentCall, reply: Answer, account: Account, now: datetime) -> bool:
    """Save an answer once; False where somebody else does the work by now.

    It is withheld, though stored, where the proactive agent was switched off or the workspace
    closed in the meantime.
    """
    with transaction.atomic():
        workspace = locked(call.workspace_id)
        withheld = _why_withheld(call, workspace, now)
        told = {"reply": reply.text, "flags": list(reply.flags), "shown": withheld is None}
        if not call.finish(now, **told, **vars(account)):
            return False
        if withheld is None:
            _say(call, workspace, reply, now)
        else:
            payload = {"call": str(call.id), "agent": call.agent, "reason": withheld}
            record(workspace.stream, "agent.withheld", payload, at=now)
        _send_next(call)
        return True


def fail(call: AgentCall, reason: str, now: datetime, account: Account | None = None) -> bool:
    """`reason` is a duetml.llm.client.Failure or another short code that the page words."""
    with transaction.atomic():
        workspace = locked(call.workspace_id)
        if not call.fail(now, reason, **(vars(account) if account else {})):
            return False
        told = {
            "call": str(call.id),
            "agent": call.agent,
            "trigger": call.trigger,
            "reason": reason,
        }
        record(workspace.stream, "agent.failed", told, at=now)
        _send_next(call)
        return True


def _next_of(workspace_id: UUID, call_id: UUID | str) -> str | None:
    """The unfinished call whose turn it is, among those of the same agent."""
    agent = AgentCall.objects.filter(pk=call_id).values("agent")
    waiting = AgentCall.objects.filter(
        workspace_id=workspace_id, agent__in=agent, state__in=UNFINISHED
    )
    # A running one comes first: a question asked again may be older than the one being answered.
    first = waiting.order_by("-state", "queued_at", "pk").first()
    return None if first is None else str(first.pk)


def _why_withheld(call: AgentCall, workspace: Workspace, now: datetime) -> str | None:
    if call.agent == AgentCall.Agent.PROACTIVE and not workspace.proactive_on:
        return "switched_off"
    return "closed" if is_over(workspace, now) else None


def _say(call: AgentCall, workspace: Workspace, reply: Answer, now: datetime) -> None:
    message = Message.objects.create(
        workspace=workspace,
        author=call.agent,
        text=reply.text,
        at=now,
        call=call,
        offline=reply.offline,
    )
    told = {
        "call": str(call.id),
        "agent": call.agent,
        "trigger": call.trigger,
        "message": str(message.id),
        "text": reply.text,
        "offline": reply.offline,
    }
    record(workspace.stream, "agent.answered", told, at=now)


def _send_next(call: AgentCall) -> None:
    waiting = AgentCall.objects.filter(
        workspace_id=call.workspace_id, agent=call.agent, state=State.QUEUED
    )
    following = waiting.order_by("queued_at", "pk").first()
    if following is not None:
        enqueue(Job.ANSWER, call=str(following.id))
