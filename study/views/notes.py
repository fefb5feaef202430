"""Interview notes: writing, changing, and all of a study as a table."""

import csv
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from duetml.workspace.services.refusal import Refused
from study import note_queries, person_queries, replay_queries
from study.models import InterviewNote, Participant, Study
from study.rules.access import Act
from study.services import access, audit
from study.services import notes as writing
from study.services.notes import Moment
from study.views.guard import study_page
from study.views.replay import found

COLUMNS = ("participant", "workspace", "event", "at", "changed_at", "by", "codes", "text")


@study_page(Act.SEE)
@never_cache
@require_GET
def notes(request: HttpRequest, slug: str) -> HttpResponse:
    """All notes of a study, those with one code where it is named (?code=).

    Somebody who sat with a participant may have written what tells the condition: who does not run
    the study reads notes when the results are unlocked.
    """
    study = _study(slug)
    code = request.GET.get("code", "")
    may_run = access.may(request.user, study, Act.RUN)
    may_read = may_run or study.unlocked_at is not None
    found = note_queries.notes(study) if may_read else []
    context = {
        "study": study,
        "notes": [one for one in found if not code or code in one.codes],
        "code": code,
        "suggested": note_queries.codes(study) if may_read else [],
        "may_run": may_run,
        "may_read": may_read,
    }
    return render(request, "study/notes.html", context)


@study_page(Act.RUN)
@require_GET
def table(request: HttpRequest, slug: str) -> HttpResponse:
    """The same as CSV. The numbers of events are left out until the results are unlocked."""
    study, now = _study(slug), timezone.now()
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-notes.csv"'
    out = csv.writer(response)
    out.writerow(COLUMNS)
    is_blind = study.unlocked_at is None
    for note in note_queries.notes(study):
        out.writerow([_safe(cell) for cell in _cells(note, is_blind=is_blind)])
    audit.note(study, request.user, "notes.exported", "", now)
    return response


@study_page(Act.RUN)
@require_POST
def write(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    study, by, now = _study(slug), request.user.get_username(), timezone.now()
    participant = _person(study, code)
    given = request.POST
    back = _back(request, reverse("study:person", args=[slug, code]) + "#notes")
    try:
        writing.write(
            participant.pk,
            given.get("text", ""),
            writing.codes_in(given.get("codes", "")),
            by,
            now,
            _moment(request, study),
        )
        audit.note(study, request.user, "note.written", code, now)
        messages.success(request, _("Written down."))
    except Refused as problem:
        messages.error(request, problem.message)
    return redirect(back)


@study_page(Act.RUN)
@require_POST
def change(request: HttpRequest, slug: str, note: int) -> HttpResponse:
    """Change one, or delete it (act=delete)."""
    study, by, now = _study(slug), request.user.get_username(), timezone.now()
    rows = note_queries.notes(study)
    row = get_object_or_404(rows, pk=note)
    try:
        if request.POST.get("act") == "delete":
            writing.delete(note, by, now)
        else:
            codes = writing.codes_in(request.POST.get("codes", ""))
            writing.change(note, request.POST.get("text", ""), codes, by, now)
        audit.note(study, request.user, "note.changed", str(note), now)
        messages.success(request, _("Done."))
    except Refused as problem:
        messages.error(request, problem.message)
    place = reverse("study:person", args=[slug, row.participant.code]) + "#notes"
    return redirect(_back(request, place))


def _moment(request: HttpRequest, study: Study) -> Moment | None:
    """Of a note that was written beside a replay. Raises Http404 for what is not there."""
    workspace, event = request.POST.get("workspace", ""), request.POST.get("event", "0")
    if not workspace:
        return None
    try:
        shown = found(study, UUID(workspace))
        number = int(event)
    except ValueError:
        raise Http404 from None
    return Moment(shown.workspace.id, replay_queries.seq_of(shown, number))


def _cells(note: InterviewNote, *, is_blind: bool) -> list[str]:
    changed = note.changed_at.isoformat() if note.changed_at else ""
    workspace = str(note.workspace_id) if note.workspace_id else ""
    event = "" if is_blind or note.event_seq is None else str(note.event_seq)
    who, codes = note.participant.code, "; ".join(note.codes)
    return [who, workspace, event, note.at.isoformat(), changed, note.by, codes, note.text]


def _safe(cell: str) -> str:
    """No spreadsheet takes it for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _back(request: HttpRequest, default: str) -> str:
    """Where the form was, where it says so and it is a replay of ours."""
    wanted = request.POST.get("back", "")
    is_ours = wanted.startswith("/study/") and "//" not in wanted and "\\" not in wanted
    return wanted if is_ours else default


def _study(slug: str) -> Study:
    return get_object_or_404(Study.objects.select_related("protocol"), slug=slug)


def _person(study: Study, code: str) -> Participant:
    try:
        return person_queries.find(study, code)
    except Participant.DoesNotExist:
        raise Http404 from None
