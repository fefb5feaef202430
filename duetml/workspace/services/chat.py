"""What a person says to the reactive agent, by typing or by a button, and of what an agent said."""

from uuid import UUID

from django.utils.translation import gettext as _

from duetml.jobs import Job, enqueue
from duetml.live.models import Event
from duetml.workspace.models import AgentCall, Message, State
from duetml.workspace.queries import UNFINISHED
from duetml.workspace.services.acting import Act, not_available
from duetml.workspace.services.refusal import Refused
from duetml.workspace.services.wording import is_blank, paragraphs

LONGEST_TEXT = 2000
MOST_UNANSWERED = 3


def post(act: Act, text: str) -> Event:
    clean = paragraphs(text)
    if is_blank(clean):
        raise Refused("empty_text", _("Write something first."))
    if len(clean) > LONGEST_TEXT:
        raise Refused(
            "too_long",
            _("A message can have at most %(most)s characters.") % {"most": LONGEST_TEXT},
        )
    return _ask(act, AgentCall.Trigger.MESSAGE, clean)


def ask_data(act: Act) -> Event:
    return _ask(act, AgentCall.Trigger.ASK_DATA, _("Please look at my training data."))


def ask_test(act: Act) -> Event:
    return _ask(act, AgentCall.Trigger.ASK_TEST, _("Please look at my test results."))


def retry(act: Act, call: UUID) -> Event:
    """Ask the question of a failed call again, as a new call; the question's message follows it."""
    failed = AgentCall.objects.filter(
        pk=call, workspace=act.workspace, agent=AgentCall.Agent.REACTIVE, state=State.FAILED
    ).first()
    questions = Message.objects.filter(call_id=call, author=Message.Author.PARTICIPANT)
    if failed is None or not questions.exists():
        raise Refused("unknown_call", _("This question was already asked again."))
    again = _call(act, failed.trigger)
    questions.update(call=again)
    return act.record("chat.retried", {"call": str(again.id), "was": str(call)})


def stop(act: Act, call: UUID) -> Event:
    """No more of an answer that is under way. One that was not begun ends here; of another, the
    words so far are its answer (see work.advise)."""
    rows = AgentCall.objects.filter(pk=call, workspace=act.workspace, state__in=UNFINISHED)
    found = rows.filter(stop_at=None).first()
    if found is None:
        raise Refused("unknown_call", _("This answer has already come to its end."))
    ended = rows.filter(state=State.QUEUED).update(
        state=State.DONE,
        stop_at=act.now,
        finished_at=act.now,
        outcome=AgentCall.Outcome.STOPPED,
    )
    rows.update(stop_at=act.now)
    if ended:
        told = {"call": str(call), "agent": found.agent, "reason": "stopped"}
        act.record_also("agent.withheld", told)
    return act.record("chat.stopped", {"call": str(call)})


def rate(act: Act, message: UUID, useful: bool | None) -> Event:
    """None takes it back."""
    found = _advice(act, message)
    found.useful = useful
    found.save(update_fields=["useful"])
    return act.record("advice.rated", {"message": str(message), "useful": useful})


def dismiss(act: Act, message: UUID) -> Event:
    found = _advice(act, message)
    found.dismissed_at = found.dismissed_at or act.now
    found.save(update_fields=["dismissed_at"])
    return act.record("advice.dismissed", {"message": str(message)})


def _advice(act: Act, message: UUID) -> Message:
    """What an agent said, where the page offers to say something of it."""
    if not act.workspace.settings.agents.is_attentive:
        raise not_available()
    said = Message.objects.filter(pk=message, workspace=act.workspace).exclude(call=None)
    found = said.exclude(author=Message.Author.PARTICIPANT).first()
    if found is None:
        raise Refused("unknown_message", _("This message is no longer there."))
    return found


def _ask(act: Act, trigger: AgentCall.Trigger, text: str) -> Event:
    call = _call(act, trigger)
    message = Message.objects.create(
        workspace=act.workspace,
        author=Message.Author.PARTICIPANT,
        text=text,
        at=act.now,
        call=call,
    )
    told = {"message": str(message.id), "trigger": call.trigger, "text": text, "call": str(call.id)}
    return act.record("chat.posted", told)


def _call(act: Act, trigger: str) -> AgentCall:
    unanswered = AgentCall.objects.filter(
        workspace=act.workspace, agent=AgentCall.Agent.REACTIVE, state__in=UNFINISHED
    )
    if unanswered.count() >= MOST_UNANSWERED:
        raise Refused("busy", _("The assistant is still answering. Wait for it, then go on."))
    agents = act.workspace.settings.agents
    call = AgentCall.objects.create(
        workspace=act.workspace,
        agent=AgentCall.Agent.REACTIVE,
        trigger=trigger,
        provider=agents.provider,
        model=agents.of(AgentCall.Agent.REACTIVE).model,
        queued_at=act.now,
    )
    enqueue(Job.ANSWER, call=str(call.id))
    return call
