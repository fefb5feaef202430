"""The results page for staff, its figures, its report and the rows behind its numbers.

Nothing is computed here: a worker makes a report of each state of the rows, and the page shows it.
While the results are locked nothing but progress is read.
"""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from duetml.workspace.models import State
from evaluation import queries
from evaluation.models import Report
from evaluation.report import behind
from evaluation.report.digest import state_of
from evaluation.report.document import FORMATS
from evaluation.report.linking import linked
from evaluation.report.remarks import remarks
from evaluation.services import reports
from evaluation.services.exporting import exported
from evaluation.services.lock import is_unlocked
from study.models import Participant, Study
from study.rules.access import Act
from study.rules.protocol import words
from study.services import access, audit

TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
}

View = Callable[..., HttpResponseBase]


def of_study(view: View) -> View:
    """For staff; the view gets the study in place of its name."""

    @wraps(view)
    def guarded(request: HttpRequest, slug: str, **kwargs: object) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        rows = Study.objects.select_related("protocol")
        study = get_object_or_404(rows, slug=slug)
        if not access.role_of(request.user, study):
            raise Http404
        if not access.may(request.user, study, Act.EXPORT if is_unlocked(study) else Act.SEE):
            raise PermissionDenied
        if request.method == "GET":
            audit.note_view(study, request.user, request.path, timezone.now())
        return view(request, study, **kwargs)

    return guarded


def unlocked(view: View) -> View:
    """Refused while the results are locked."""

    @wraps(view)
    def guarded(request: HttpRequest, study: Study, **kwargs: object) -> HttpResponseBase:
        if not is_unlocked(study):
            raise PermissionDenied
        return view(request, study, **kwargs)

    return guarded


@never_cache
@require_GET
@of_study
def page(request: HttpRequest, study: Study) -> HttpResponse:
    if not is_unlocked(study):
        return render(request, "evaluation/locked.html", _locked(study))
    row = reports.wanted(study, state_of(study), timezone.now())
    context = {"study": study, "row": row, "progress": queries.progress(study)}
    if row.state != State.DONE:
        return render(request, "evaluation/results_made.html", context)
    document = _loaded(row, f"results.{_language()}.json")

    def source_of(name: str) -> str:
        return reverse("evaluation:figure", args=[study.slug, name, _language(), "svg"])

    context |= {
        "document": linked(document, source_of, lambda rows: _address(study, rows)),
        "formats": FORMATS,
        "languages": ("en", "ja"),
        "has_pdf": row.path_of(f"report.{_language()}.pdf") is not None,
    }
    return render(request, "evaluation/results.html", context)


@never_cache
@require_POST
@of_study
@unlocked
def again(request: HttpRequest, study: Study) -> HttpResponse:
    """Make anew what failed."""
    row = reports.wanted(study, state_of(study), timezone.now())
    reports.again(row, timezone.now())
    return redirect("evaluation:results", study.slug)


@never_cache
@require_GET
@of_study
@unlocked
def figure(
    request: HttpRequest, study: Study, name: str, language: str, format: str
) -> HttpResponseBase:
    return _file(_made(study), f"{name}.{language}.{format}", study, as_download=format != "svg")


@never_cache
@require_GET
@of_study
@unlocked
def report(request: HttpRequest, study: Study, language: str, format: str) -> HttpResponseBase:
    name = f"report.{language}.{format}"
    response = _file(_made(study), name, study, as_download=True)
    exported(study, request.user.get_username(), name, timezone.now())
    return response


@never_cache
@require_GET
@of_study
@unlocked
def rows(request: HttpRequest, study: Study, table: str) -> HttpResponse:
    """The rows behind a number, page by page."""
    if table not in behind.TABLES:
        raise Http404
    filters = {name: str(value) for name, value in request.GET.items() if name != "page"}
    place = request.GET.get("page", "0")
    page = int(place) if place.isdigit() and len(place) < 7 else 0
    values = _loaded(_made(study), "values.json") if table in behind.COMPUTED else {}
    found = behind.listing(study, table, filters, values, page)
    context = {
        "study": study,
        "found": linked({"rows": _cells(found)}, str, lambda rows: _address(study, rows)),
        "title": found.title,
        "head": found.head,
        "total": found.total,
        "filters": filters,
        "first": page * behind.PER_PAGE + 1,
        "last": page * behind.PER_PAGE + len(found.rows),
        "before": _other(request, page - 1) if page else "",
        "after": _other(request, page + 1) if (page + 1) * behind.PER_PAGE < found.total else "",
    }
    return render(request, "evaluation/rows.html", context)


def _cells(found: behind.Listing) -> list[list[dict[str, object]]]:
    return [
        [{"text": c.text, "rows": c.rows, "is_number": c.is_number} for c in row]
        for row in found.rows
    ]


def _address(study: Study, rows: str) -> str:
    table, _mark, filters = rows.partition("?")
    return reverse("evaluation:rows", args=[study.slug, table]) + f"?{filters}"


def _other(request: HttpRequest, page: int) -> str:
    filters = request.GET.copy()
    filters["page"] = str(page)
    return f"?{filters.urlencode()}"


def _language() -> str:
    return "ja" if get_language() == "ja" else "en"


def _made(study: Study) -> Report:
    """The newest report there is."""
    row = reports.newest_done(study)
    if row is None:
        raise Http404
    return row


def _loaded(row: Report, name: str) -> Mapping[str, Any]:
    path = row.path_of(name)
    if path is None:
        raise Http404
    with default_storage.open(path) as file:
        told: Mapping[str, Any] = json.load(file)
    return told


def _file(row: Report, name: str, study: Study, *, as_download: bool) -> FileResponse:
    path = row.path_of(name)
    try:
        file = default_storage.open(path) if path else None
    except FileNotFoundError:
        file = None
    if file is None:
        raise Http404
    response = FileResponse(file, as_attachment=as_download, filename=f"{study.slug}-{name}")
    response["Content-Type"] = TYPES[name.rsplit(".", 1)[-1]]
    return response


def _locked(study: Study) -> dict[str, object]:
    protocol = study.protocol.read()
    people = queries.rateable(study.pk)
    robots = study.participants.filter(kind=Participant.Kind.ROBOT).count()
    progress = queries.progress(study)
    return {
        "study": study,
        "remarks": remarks(study, protocol, robots, queries.untrained_runs(study)),
        "submissions": people.count(),
        "planned": protocol.allocation.per_condition * len(protocol.conditions),
        "progress": progress,
        "scores": sum(one.scores for one in progress),
        "expected": people.count() * len(progress) * len(protocol.rating.criteria),
        "criteria": [
            (one.key.upper(), words(one.text, get_language() or "en"))
            for one in protocol.rating.criteria
        ],
        "is_closed": study.state == Study.State.CLOSED,
    }
