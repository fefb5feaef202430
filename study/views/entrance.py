"""How people come in: the general page, a link of their own, and the personal link afterwards.

Looking at any of them enrols nobody and uses nothing up: mail programs, messengers and browsers
look at links before a person does.
"""

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from duetml.workspace.services.refusal import Refused
from study.models import Link, Study
from study.rules import codes, recruiter
from study.rules.protocol import paragraphs, words
from study.services import enrolment, links
from study.views.participant import arrived
from study.views.visitor import is_in, nobody, use_language, welcome

ENROLMENT = "study.enrolment"
RECRUITED = "study.recruited"
OFFER_STANDS = 24 * 3600


@never_cache
@require_safe
def public(request: HttpRequest, slug: str) -> HttpResponse:
    """What the study is, and the button that begins it."""
    study = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    return _offer(request, study, None, reverse("study:enrol", args=[slug]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest, slug: str) -> HttpResponse:
    """The button. Its address stays in the bar where no script runs: asked for again, it leads to
    where they are."""
    study = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    if request.method == "POST":
        return _enrol(request, study, None)
    return redirect("study:step") if is_in(request, study) else redirect("study:public", slug)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """A link that staff made: the same page, for those who have it."""
    found = links.find(token)
    if found is None:
        raise Http404
    if request.method == "POST":
        return _enrol(request, found.study, found)
    return _offer(request, found.study, found, request.path)


@never_cache
@require_safe
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """The personal link: this browser goes on where the participant is."""
    agent = request.headers.get("User-Agent", "")
    participant = enrolment.enter(token, agent, timezone.now())
    return nobody(request) if participant is None else welcome(request, participant, token)


def _offer(request: HttpRequest, study: Study, link: Link | None, action: str) -> HttpResponse:
    protocol = study.protocol.read()
    language = use_language(request, protocol)
    try:
        external = recruiter.read_ids(request.GET.dict()) if protocol.recruitment.prolific else {}
    except ValueError:
        return _shut(request, study, "recruiter")
    reason = enrolment.why_shut(study, timezone.now(), link)
    if reason is not None and not _comes_back(study, link, external):
        return _shut(request, study, reason.code)
    context = {
        "study": study,
        "title": words(protocol.title, language),
        "summary": paragraphs(words(protocol.summary, language)),
        "action": action,
        # The link the button will give: pressing it twice gives the same one.
        "once": signing.dumps(codes.personal_token(), salt=ENROLMENT),
        "external": signing.dumps(external, salt=RECRUITED) if external else "",
        "is_known": is_in(request, study),
        "is_pilot": study.state == Study.State.PILOT,
        "minimum_width": protocol.minimum_width,
    }
    return render(request, "study/public.html", context)


def _enrol(request: HttpRequest, study: Study, link: Link | None) -> HttpResponse:
    language = use_language(request, study.protocol.read())
    token, now = _offered_token(request), timezone.now()
    try:
        participant, run = enrolment.enrol(
            study.slug,
            token=token,
            language=language,
            now=now,
            is_robot="robot" in request.POST,
            link=link,
            external=_recruited(request),
            agent=request.headers.get("User-Agent", ""),
        )
    except Refused as problem:
        return _shut(request, study, problem.code)
    if participant.token_digest != codes.digest(token):
        return welcome(request, participant)  # somebody who comes back: their own link stays theirs
    if run is None:
        return welcome(request, participant, token)
    return welcome(request, participant, token, lambda: arrived(request, participant, run, now))


def _comes_back(study: Study, link: Link | None, external: dict[str, str]) -> bool:
    """Whether the button leads back to somebody who is in the study, open or not."""
    return enrolment.known(study, "", link, external) is not None


def _offered_token(request: HttpRequest) -> str:
    """The token the page offered, so that a second click enrols nobody; else a fresh one."""
    try:
        once = request.POST.get("once", "")
        return str(signing.loads(once, salt=ENROLMENT, max_age=OFFER_STANDS))
    except signing.BadSignature:
        return codes.personal_token()


def _recruited(request: HttpRequest) -> dict[str, str]:
    """The recruiter's ids as the page signed them."""
    try:
        signed = request.POST.get("external", "")
        ids = signing.loads(signed, salt=RECRUITED, max_age=OFFER_STANDS) if signed else {}
    except signing.BadSignature:
        return {}
    return dict(ids)


def _shut(request: HttpRequest, study: Study, why: str) -> HttpResponse:
    context = {"study": study, "why": why, "is_known": is_in(request, study)}
    return render(request, "study/shut.html", context)
