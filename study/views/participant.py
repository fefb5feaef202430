"""The participant's pages: one step after the other."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from pydantic import ValidationError

from duetml.live.log import ClientStamp
from duetml.workspace.services import access
from duetml.workspace.services.refusal import Refused
from duetml.workspace.views import page
from study.forms import AnswerMessage, questions
from study.models import Participant, StepRun
from study.rules import completion, flow
from study.rules.answers import Answers
from study.rules.protocol import ProtocolFile, Step, paragraphs, words
from study.services import appointments, closing, responses, steps, withdrawal
from study.services.leaving import TASKS
from study.services.steps import Result
from study.views.visitor import nobody, personal_link, speak_to, use_language, who


@never_cache
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest) -> HttpResponse:
    participant_id = who(request)
    if participant_id is None:
        return nobody(request)
    now = timezone.now()
    try:
        if request.method == "POST":
            return _finish(request, participant_id, now)
        return _show(request, participant_id, now)
    except Participant.DoesNotExist:  # of a database that was restored or begun anew
        return nobody(request)


@never_cache
@require_POST
def answer(request: HttpRequest) -> JsonResponse:
    """Save one answer. The same id again gets the same reply."""
    participant_id = who(request)
    if participant_id is None:
        return _refused("nobody", _("Please open your personal link again."), 403)
    now = timezone.now()
    try:
        sent = AnswerMessage.model_validate_json(request.body)
        stamp = ClientStamp(sent.id, sent.at)
        late = responses.answer(participant_id, sent.step, sent.item, sent.value, stamp, now)
    except ValidationError:
        return _refused("message", _("This answer could not be read."), 400)
    except Refused as problem:
        return _refused(problem.code, problem.message, 400)
    except Participant.DoesNotExist:
        return _refused("nobody", _("Please open your personal link again."), 403)
    return JsonResponse({"saved": True, "late": late})


def _finish(request: HttpRequest, participant_id: UUID, now: datetime) -> HttpResponse:
    raw = _sent(request.POST)
    done = steps.finish(participant_id, _index(request.POST.get("step", "")), raw, now)
    if done.result is Result.INCOMPLETE:
        return _show(request, participant_id, now, done.answers, raw)
    if done.result is not Result.MOVED:
        _tell(request, participant_id, done.result)
    return redirect("study:step") if done.arrived is None else arrived(request, *done.arrived, now)


def arrived(
    request: HttpRequest, participant: Participant, run: StepRun, now: datetime
) -> HttpResponse:
    """The answer to a form that opened a step. Where that is a page of words and questions, the
    page itself: it spares a slow line a round trip, and arrived.js makes it one that may be
    reloaded."""
    kind = participant.protocol.read().steps[run.index].kind
    if run.workspace is not None or kind == "interview":
        return redirect("study:step")
    return _page(request, participant, run, now)


def _tell(request: HttpRequest, participant_id: UUID, result: Result) -> None:
    """Why pressing the button did not do what it says, on the page that comes next."""
    speak_to(request, participant_id)
    if result is Result.STALE:
        text = _("That page was finished before, so nothing was changed. You are here now.")
        messages.warning(request, text)
    if result is Result.LATE:
        text = _(
            "The time for that page was over. What came in time is saved; what came later is kept,"
            " but marked as late."
        )
        messages.warning(request, text)
    if result is Result.UNBOOKED:
        messages.warning(request, _("Please choose a time for the talk first."))
    if result is Result.EARLY:
        messages.warning(request, _("You cannot finish yet: the page says when you can."))


def _show(
    request: HttpRequest,
    participant_id: UUID,
    now: datetime,
    answers: Answers | None = None,
    raw: Mapping[str, object] | None = None,
) -> HttpResponse:
    """The page of the current step, or of leaving; with `answers`, again and with what is wrong."""
    participant, run = steps.arrive(participant_id, now)
    if run is not None:
        given = {} if run.workspace else dict(run.responses.values_list("item", "value"))
        return _page(request, participant, run, now, given | dict(raw or {}), answers)
    protocol = participant.protocol.read()
    use_language(request, protocol, participant.language)
    return render(request, "study/left.html", _left(request, participant, protocol))


def _page(
    request: HttpRequest,
    participant: Participant,
    run: StepRun,
    now: datetime,
    given: Mapping[str, object] | None = None,
    answers: Answers | None = None,
) -> HttpResponse:
    protocol = participant.protocol.read()
    use_language(request, protocol, participant.language)
    step = protocol.steps[run.index]
    context = _context(request, participant, run, protocol, now)
    if participant.state == Participant.State.ACTIVE and closing.is_paused(participant, run):
        return render(request, "study/paused.html", context | _paused(run, now))
    if run.workspace is not None:
        access.grant(request.session, run.workspace.id)
        return render(request, "study/task.html", page(run.workspace) | context)
    if step.kind == "end":
        context["return_address"] = completion.return_address(protocol, participant.completion_code)
        return render(request, "study/done.html", context)
    if step.kind == "interview":
        context |= {
            "appointment": appointments.of(participant),
            "times": appointments.open_times(participant.study, now),
        }
    refused = answers.refused if answers else {}
    context["questions"] = questions(step, participant.language, given or {}, refused)
    context["has_errors"] = answers is not None
    status = 422 if answers else 200
    template = "study/interview.html" if step.kind == "interview" else "study/step.html"
    return render(request, template, context, status=status)


def _context(
    request: HttpRequest,
    participant: Participant,
    run: StepRun,
    protocol: ProtocolFile,
    now: datetime,
) -> dict[str, object]:
    step: Step = protocol.steps[run.index]
    number, total = flow.progress(protocol, run.index)
    language = participant.language
    return {
        "completion_code": participant.completion_code,
        "is_test": participant.study.simulated or participant.kind == Participant.Kind.PREVIEW,
        "run": run,
        "step": step,
        "title": words(step.title, language),
        "body": paragraphs(words(step.body, language)) if step.body else [],
        "number": number,
        "total": total,
        "now": now.isoformat(),
        "minimum_at": run.minimum_at.isoformat() if run.minimum_at else "",
        "closes_at": run.closes_at.isoformat() if run.closes_at else "",
        "link": personal_link(request, participant),
        "starts_task": _starts_task(protocol, run.index, participant.condition),
        "minimum_width": protocol.minimum_width,
    }


def _left(
    request: HttpRequest, participant: Participant, protocol: ProtocolFile
) -> dict[str, object]:
    code = participant.completion_code
    return {
        "state": participant.state,
        "participant": participant,
        "receipt": withdrawal.receipt_of(participant),
        "completion_code": code,
        "return_address": completion.return_address(protocol, code),
    }


def _paused(run: StepRun, now: datetime) -> dict[str, object]:
    """The time that is left when the clock goes on."""
    stopped = run.paused_at or now
    left = max(run.closes_at - stopped, timedelta(0)) if run.closes_at else None
    return {"minutes_left": None if left is None else round(left.total_seconds() / 60)}


def _starts_task(protocol: ProtocolFile, index: int, condition: str) -> bool:
    """Whether going on starts a clock."""
    following = flow.next_index(protocol, index, condition)
    return following is not None and protocol.steps[following].kind in TASKS


def _sent(post: QueryDict) -> dict[str, object]:
    """What a form sent: a word for each name, a list where several boxes of one name are ticked."""
    return {name: sent[0] if len(sent) == 1 else sent for name, sent in post.lists()}


def _index(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1


def _refused(code: str, message: str, status: int) -> JsonResponse:
    return JsonResponse({"refused": {"code": code, "message": message}}, status=status)
