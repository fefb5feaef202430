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
from duetml.workspace.services import spending
from duetml.workspace.services.workspaces import is_over, locked

Outcome = AgentCall.Outcome


@dataclass(frozen=True)
class Account:
    """What one call was made of and what it cost: stored with it, whether it succeeded or not.

    Its fields are those of AgentCall.
    """

    model: str
    parameters: dict[str, Any] = field(default_factory=dict)
    prompts: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    request: list[dict[str, Any]] = field(default_factory=list)
    received: str = ""
    seconds: float | None = None
    seconds_to_first: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    microusd: int | None = None
    price_list: str = ""
    retries: int = 0
    sent_at: datetime | None = None
    seen_seq: int | None = None


@dataclass(frozen=True)
class Answer:
    """`instead_of`: why the vendor gave none, where the offline advisor stood in for it."""

    text: str
    flags: tuple[str, ...] = ()
    offline: bool = False
    stopped: bool = False
    instead_of: str = ""


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
    closed in the meantime, or where it was stopped before its first word.
    """
    with transaction.atomic():
        workspace = locked(call.workspace_id)
        withheld = _why_withheld(call, workspace, reply, now)
        told = {
            "reply": reply.text,
            "flags": list(reply.flags),
            "shown": withheld is None,
            "outcome": _outcome(reply, withheld),
            "error": reply.instead_of,
        }
        if not call.finish(now, **told, **vars(account)):
            return False
        spending.charge(workspace, account, now)
        if withheld is None:
            _say(call, workspace, reply, now)
        else:
            withhold(call, workspace, withheld, now)
        _send_next(call)
        return True


def withhold(call: AgentCall, workspace: Workspace, reason: str, now: datetime) -> None:
    payload = {"call": str(call.id), "agent": call.agent, "reason": reason}
    record(workspace.stream, "agent.withheld", payload, at=now)


def fail(call: AgentCall, reason: str, now: datetime, account: Account | None = None) -> bool:
    """`reason` is a duetml.llm.client.Failure or another short code that the page words."""
    with transaction.atomic():
        workspace = locked(call.workspace_id)
        spent = vars(account) if account else {}
        if not call.fail(now, reason, outcome=Outcome.FAILED, **spent):
            return False
        if account:
            spending.charge(workspace, account, now)
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


def _why_withheld(
    call: AgentCall, workspace: Workspace, reply: Answer, now: datetime
) -> str | None:
    # Asked of the row: it may have been switched off and on again since the call was claimed.
    if AgentCall.objects.filter(pk=call.pk, unwanted=True).exists():
        return "switched_off"
    if reply.stopped and not reply.text:
        return "stopped"
    return "closed" if is_over(workspace, now) else None


def _outcome(reply: Answer, withheld: str | None) -> str:
    if reply.stopped:
        return Outcome.STOPPED
    if withheld is not None:
        return Outcome.WITHHELD
    return Outcome.STOOD_IN if reply.instead_of else Outcome.ANSWERED


def _say(call: AgentCall, workspace: Workspace, reply: Answer, now: datetime) -> None:
    message = Message.objects.create(
        workspace=workspace,
        author=call.agent,
        text=reply.text,
        at=now,
        call=call,
        offline=reply.offline,
        stand_in=bool(reply.instead_of),
        stopped=reply.stopped,
    )
    told: dict[str, Any] = {
        "call": str(call.id),
        "agent": call.agent,
        "trigger": call.trigger,
        "message": str(message.id),
        "text": reply.text,
        "offline": reply.offline,
    }
    told |= {name: True for name in ("stopped", "stand_in") if getattr(message, name)}
    record(workspace.stream, "agent.answered", told, at=now)


def _send_next(call: AgentCall) -> None:
    waiting = AgentCall.objects.filter(
        workspace_id=call.workspace_id, agent=call.agent, state=State.QUEUED
    )
    following = waiting.order_by("queued_at", "pk").first()
    if following is not None:
        enqueue(Job.ANSWER, call=str(following.id))
