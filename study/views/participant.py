"""The participant's pages: the public page, the personal link, one step after the other."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from pydantic import ValidationError

from duetml.live.log import ClientStamp
from duetml.workspace.services import access
from duetml.workspace.services.refusal import Refused
from duetml.workspace.views import page
from study.forms import AnswerMessage, questions
from study.models import Participant, StepRun, Study
from study.rules import codes, flow
from study.rules.answers import Answers
from study.rules.protocol import ProtocolFile, Step, paragraphs, words
from study.services import enrolment, responses, steps
from study.services.steps import Result

WHO = "participant"  # the session's key
LINK_COOKIE = "study_link"  # the personal token: the database keeps its digest only
LINK_KEPT = 90 * 24 * 3600
ENROLMENT = "study.enrolment"


@never_cache
@require_GET
def public(request: HttpRequest, slug: str) -> HttpResponse:
    """What the study is, and the button that begins it. Looking enrols nobody."""
    study = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    reason = enrolment.why_shut(study, timezone.now())
    if reason is not None:
        return _shut(request, study, reason.code)
    protocol = study.protocol.read()
    language = _use_language(request, protocol)
    context = {
        "study": study,
        "title": words(protocol.title, language),
        "summary": paragraphs(words(protocol.summary, language)),
        # The link the button will give: pressing it twice gives the same one.
        "once": signing.dumps(codes.personal_token(), salt=ENROLMENT),
        "is_known": _is_in(request, study),
        "minimum_width": protocol.minimum_width,
    }
    return render(request, "study/public.html", context)


@never_cache
@require_POST
def enrol(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    language = _use_language(request, study.protocol.read())
    token = _offered_token(request)
    is_robot = "robot" in request.POST
    now = timezone.now()
    try:
        enrolment.enrol(slug, token=token, language=language, now=now, is_robot=is_robot)
    except Refused as problem:
        return _shut(request, study, problem.code)
    return redirect("study:enter", token)


@never_cache
@require_GET
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """The personal link: this browser goes on where the participant is."""
    agent = request.headers.get("User-Agent", "")
    participant = enrolment.enter(token, agent, timezone.now())
    if participant is None:
        return _nobody(request)
    request.session.cycle_key()
    request.session[WHO] = str(participant.id)
    response = redirect("study:step")
    _keep(response, LINK_COOKIE, token, path="/study/")
    _keep(response, settings.LANGUAGE_COOKIE_NAME, participant.language, path="/")
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest) -> HttpResponse:
    participant_id = _who(request)
    if participant_id is None:
        return _nobody(request)
    now = timezone.now()
    if request.method == "POST":
        return _finish(request, participant_id, now)
    return _show(request, participant_id, now)


@never_cache
@require_POST
def answer(request: HttpRequest) -> JsonResponse:
    """Save one answer. The same id again gets the same reply."""
    participant_id = _who(request)
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
    return JsonResponse({"saved": True, "late": late})


def _finish(request: HttpRequest, participant_id: UUID, now: datetime) -> HttpResponse:
    raw = request.POST.dict()
    done = steps.finish(participant_id, _index(raw.get("step", "")), raw, now)
    if done.result is Result.INCOMPLETE:
        return _show(request, participant_id, now, done.answers, raw)
    if done.result is not Result.MOVED:
        _tell(request, participant_id, done.result)
    return redirect("study:step")


def _tell(request: HttpRequest, participant_id: UUID, result: Result) -> None:
    """Why pressing the button did not do what it says, on the page that comes next."""
    _speak(request, participant_id)
    if result is Result.STALE:
        text = _("That page was finished before, so nothing was changed. You are here now.")
        messages.warning(request, text)
    if result is Result.LATE:
        messages.warning(request, _("The time for that page was over. What came in time is saved."))
    if result is Result.EARLY:
        messages.warning(request, _("You cannot finish yet: the page says when you can."))


def _show(
    request: HttpRequest,
    participant_id: UUID,
    now: datetime,
    answers: Answers | None = None,
    raw: dict[str, str] | None = None,
) -> HttpResponse:
    """The page of the current step; with `answers`, again and with what is wrong."""
    participant, run = steps.arrive(participant_id, now)
    protocol = participant.protocol.read()
    _use_language(request, protocol, participant.language)
    if run is None:
        return render(request, "study/left.html", {"state": participant.state})
    step = protocol.steps[run.index]
    context = _context(request, participant, run, protocol, now)
    if run.workspace is not None:
        access.grant(request.session, run.workspace.id)
        return render(request, "study/task.html", page(run.workspace) | context)
    if step.kind == "end":
        return render(request, "study/done.html", context)
    given = dict(run.responses.values_list("item", "value")) | (raw or {})
    context["questions"] = questions(
        step, participant.language, given, answers.refused if answers else {}
    )
    context["has_errors"] = answers is not None
    status = 422 if answers else 200
    return render(request, "study/step.html", context, status=status)


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
        "link": _link(request, participant),
        "starts_task": _starts_task(protocol, run.index, participant.condition),
        "minimum_width": protocol.minimum_width,
    }


def _starts_task(protocol: ProtocolFile, index: int, condition: str) -> bool:
    """Whether going on starts a clock."""
    following = flow.next_index(protocol, index, condition)
    return following is not None and protocol.steps[following].kind == "task"


def _who(request: HttpRequest) -> UUID | None:
    known = request.session.get(WHO)
    return UUID(known) if isinstance(known, str) else None


def _is_in(request: HttpRequest, study: Study) -> bool:
    active = Participant.objects.filter(study=study, state=Participant.State.ACTIVE)
    who = _who(request)
    return who is not None and active.filter(pk=who).exists()


def _offered_token(request: HttpRequest) -> str:
    """The token the public page offered, so that a second click enrols nobody; else a fresh one."""
    try:
        token = signing.loads(request.POST.get("once", ""), salt=ENROLMENT, max_age=24 * 3600)
    except signing.BadSignature:
        return codes.personal_token()
    return str(token)


def _link(request: HttpRequest, participant: Participant) -> str:
    """The personal link, where this browser brought it along."""
    token = request.COOKIES.get(LINK_COOKIE, "")
    if codes.digest(token) != participant.token_digest:
        return ""
    return request.build_absolute_uri(reverse("study:enter", args=[token]))


def _index(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1


def _use_language(request: HttpRequest, protocol: ProtocolFile, language: str = "") -> str:
    """Speak the given language, or the browser's where the protocol has it."""
    wanted = language or translation.get_language() or ""
    language = wanted if wanted in protocol.languages else protocol.languages[0]
    translation.activate(language)
    request.LANGUAGE_CODE = language
    return language


def _speak(request: HttpRequest, participant_id: UUID) -> None:
    participant = get_object_or_404(
        Participant.objects.select_related("protocol"), pk=participant_id
    )
    _use_language(request, participant.protocol.read(), participant.language)


def _keep(response: HttpResponse, name: str, value: str, *, path: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=LINK_KEPT,
        path=path,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _shut(request: HttpRequest, study: Study, why: str) -> HttpResponse:
    context = {"study": study, "why": why, "is_known": _is_in(request, study)}
    return render(request, "study/shut.html", context)


def _nobody(request: HttpRequest) -> HttpResponse:
    return render(request, "study/nobody.html", status=403)


def _refused(code: str, message: str, status: int) -> JsonResponse:
    return JsonResponse({"refused": {"code": code, "message": message}}, status=status)
