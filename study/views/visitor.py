"""What the participant's pages know of a browser: who it is, its personal link, its language."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation

from study.models import Participant, Study
from study.rules import codes
from study.rules.protocol import ProtocolFile

# Who a browser is: a participant's id, signed. Nobody has to be asked for it, page after page.
WHO = "study_participant"
LINK_COOKIE = "study_link"  # the personal token: the database keeps its digest only
KEPT = 90 * 24 * 3600  # both cookies


def who(request: HttpRequest) -> UUID | None:
    known = request.get_signed_cookie(WHO, None, max_age=KEPT)
    return UUID(known) if known else None


def signed(participant_id: UUID) -> str:
    """What `who` knows the participant by."""
    return signing.get_cookie_signer(salt=WHO).sign(str(participant_id))


def is_in(request: HttpRequest, study: Study) -> bool:
    active = Participant.objects.filter(study=study, state=Participant.State.ACTIVE)
    known = who(request)
    return known is not None and active.filter(pk=known).exists()


def welcome(
    request: HttpRequest,
    participant: Participant,
    token: str = "",
    page: Callable[[], HttpResponse] = lambda: redirect("study:step"),
) -> HttpResponse:
    """From now on this browser is the participant's, and `page` is the first it sees; `token` is
    the personal link it came by."""
    if token:
        request.COOKIES[LINK_COOKIE] = token
    response = page()
    _keep(response, WHO, signed(participant.id), path="/study/")
    if token:
        _keep(response, LINK_COOKIE, token, path="/study/")
    _keep(response, settings.LANGUAGE_COOKIE_NAME, participant.language, path="/")
    return response


def personal_link(request: HttpRequest, participant: Participant) -> str:
    """The personal link, where this browser brought it along."""
    token = request.COOKIES.get(LINK_COOKIE, "")
    if codes.digest(token) != participant.token_digest:
        return ""
    return request.build_absolute_uri(reverse("study:enter", args=[token]))


def use_language(request: HttpRequest, protocol: ProtocolFile, language: str = "") -> str:
    """Speak the given language, or the browser's where the protocol has it."""
    wanted = language or translation.get_language() or ""
    language = wanted if wanted in protocol.languages else protocol.languages[0]
    translation.activate(language)
    request.LANGUAGE_CODE = language
    return language


def speak_to(request: HttpRequest, participant_id: UUID) -> Participant:
    """The participant, in whose language the answer is given."""
    rows = Participant.objects.select_related("protocol", "study")
    participant = get_object_or_404(rows, pk=participant_id)
    use_language(request, participant.protocol.read(), participant.language)
    return participant


def nobody(request: HttpRequest) -> HttpResponse:
    return render(request, "study/nobody.html", status=403)


def _keep(response: HttpResponse, name: str, value: str, *, path: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=KEPT,
        path=path,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
