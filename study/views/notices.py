"""What the staff have to tell a participant, on whatever page they have open."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from study.models import Notice, Participant, StepRun
from study.services import notices
from study.views.visitor import who


@never_cache
@require_GET
def unread(request: HttpRequest) -> HttpResponse:
    """The messages nobody has read yet, and the clock of the open step, as a part of a page."""
    participant = _participant(request)
    if participant is None:
        return HttpResponseForbidden()
    run = StepRun.objects.filter(participant=participant, index=participant.step).first()
    context = {
        "notices": Notice.objects.filter(participant=participant, read_at=None).order_by("at"),
        "is_paused": _is_paused(participant, run),
        "closes_at": _iso(run.closes_at if run else None),
        "minimum_at": _iso(run.minimum_at if run else None),
        "now": timezone.now().isoformat(),
    }
    with translation.override(participant.language):
        return render(request, "study/notices_part.html", context)


@require_POST
def read(request: HttpRequest, notice: int) -> HttpResponse:
    participant = _participant(request)
    if participant is None:
        return HttpResponseForbidden()
    notices.read(participant.pk, notice, timezone.now())
    if request.headers.get("X-Requested-With"):
        return HttpResponse(status=204)
    return redirect("study:step")


def _participant(request: HttpRequest) -> Participant | None:
    rows = Participant.objects.select_related("study")
    known = who(request)
    return rows.filter(pk=known).first() if known else None


def _is_paused(participant: Participant, run: StepRun | None) -> bool:
    if participant.state != Participant.State.ACTIVE:
        return False
    is_paused = participant.paused_at or participant.study.paused_at or (run and run.paused_at)
    return bool(is_paused)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
