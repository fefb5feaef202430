"""What was said in a workspace, as a recording that says it again (see duetml.llm.recorded)."""

from collections import Counter
from collections.abc import Iterator

from duetml.llm.client import Failure
from duetml.llm.recorded import Reply
from duetml.workspace.models import AgentCall, State, Workspace


def number_of(call: AgentCall) -> int:
    """Its place among the calls of its agent and trigger in its workspace, from 0."""
    alike = AgentCall.objects.filter(
        workspace=call.workspace_id, agent=call.agent, trigger=call.trigger
    )
    earlier = alike.filter(queued_at__lt=call.queued_at).count()
    return earlier + alike.filter(queued_at=call.queued_at, pk__lt=call.pk).count()


def replies_of(workspace: Workspace) -> Iterator[Reply]:
    """What became of every call that is over, in order. A call that was stopped before its first
    word has a number and no reply."""
    numbers: Counter[tuple[str, str]] = Counter()
    for call in workspace.agent_calls.order_by("queued_at", "pk"):
        number = numbers[call.agent, call.trigger]
        numbers[call.agent, call.trigger] += 1
        reply = _reply(call, number)
        if reply is not None:
            yield reply


def _reply(call: AgentCall, number: int) -> Reply | None:
    failed = call.state == State.FAILED
    error = _failure(call.error) if call.error else None
    text = call.received or call.reply if failed or not error else ""
    if call.state not in (State.DONE, State.FAILED) or not (text.strip() or error):
        return None
    return Reply(
        agent=call.agent,
        trigger=call.trigger,
        number=number,
        text=text,
        model=call.model or "recorded",
        input_tokens=call.input_tokens,
        output_tokens=call.output_tokens,
        error=error,
    )


def _failure(reason: str) -> Failure:
    """A reason that no vendor gives (it crashed, a ceiling was reached) is one of silence here."""
    known = {one.value for one in Failure}
    return Failure(reason) if reason in known else Failure.UNAVAILABLE
