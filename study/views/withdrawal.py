"""Stopping, for good: keep what was done, or have it deleted, with a receipt."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from study.models import Participant
from study.services import withdrawal
from study.views.visitor import nobody, personal_link, speak_to, who


@never_cache
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    """The participant's code, and the two ways to stop."""
    participant_id = who(request)
    if participant_id is None:
        return nobody(request)
    participant = speak_to(request, participant_id)
    choice = request.POST.get("choice", "")
    if request.method == "POST" and _is_meant(participant, request):
        keep = choice == withdrawal.KEEP
        withdrawal.withdraw(participant_id, keep=keep, now=timezone.now())
        return redirect("study:step")
    if request.method == "POST":
        messages.error(request, _("Nothing was done: choose one of the two and tick the box."))
    context = {
        "participant": participant,
        "is_active": participant.state == Participant.State.ACTIVE,
        "is_test": participant.study.simulated or participant.kind == Participant.Kind.PREVIEW,
        "choice": choice,
        "link": personal_link(request, participant),
        "receipt": withdrawal.receipt_of(participant),
        "contact": participant.protocol.read().contact,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "study/withdraw.html", context, status=status)


def _is_meant(participant: Participant, request: HttpRequest) -> bool:
    choices = [withdrawal.DELETE]
    if participant.state == Participant.State.ACTIVE:
        choices.append(withdrawal.KEEP)
    return request.POST.get("choice") in choices and request.POST.get("sure") == "yes"
