"""Times for a talk: staff offer them, a participant takes one."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from duetml.workspace.services.refusal import Refused
from study.models import Study
from study.rules.access import Act
from study.services import appointments as service
from study.services import audit
from study.views.guard import study_page
from study.views.visitor import nobody, speak_to, who

FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")


@never_cache
@require_POST
def book(request: HttpRequest) -> HttpResponse:
    participant_id = who(request)
    if participant_id is None:
        return nobody(request)
    speak_to(request, participant_id)
    try:
        service.book(participant_id, _number(request.POST.get("time", "")), timezone.now())
    except Refused as problem:
        messages.error(request, problem.message)
    return redirect("study:step")


@study_page(Act.RUN)
@never_cache
@require_http_methods(["GET", "POST"])
def appointments(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(Study, slug=slug)
    now = timezone.now()
    if request.method == "POST":
        try:
            times = _times(request.POST.get("times", ""))
            minutes = _number(request.POST.get("minutes", ""))
            new = service.offer(slug, times, minutes, request.user.get_username(), now)
            audit.note(study, request.user, "times.offered", str(new), now)
            messages.success(request, _("New times on offer: %(number)d.") % {"number": new})
            return redirect("study:appointments", slug)
        except Refused as problem:
            messages.error(request, problem.message)
    rows = study.appointments.select_related("participant").order_by("at")
    context = {
        "study": study,
        "rows": rows,
        "now": now,
        "zone": timezone.get_current_timezone_name(),
        "sent": request.POST,
    }
    return render(request, "study/appointments.html", context)


@study_page(Act.RUN)
@require_POST
def take_back(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(Study, slug=slug)
    number = _number(request.POST.get("time", ""))
    now = timezone.now()
    if service.take_back(slug, number, request.user.get_username(), now):
        audit.note(study, request.user, "time.removed", str(number), now)
    else:
        messages.error(request, _("Somebody has taken this time: talk to them first."))
    return redirect("study:appointments", slug)


def _times(text: str) -> list[datetime]:
    """One a line, in the server's time zone. Raises Refused naming the line."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        at = _time(line.strip())
        if at is None:
            told = _("Line %(number)d is no time: write it as 2026-12-31 14:30.")
            raise Refused("times", told % {"number": number})
        found.append(at)
    return found


def _time(text: str) -> datetime | None:
    for one in FORMATS:
        try:
            return timezone.make_aware(datetime.strptime(text, one))  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
