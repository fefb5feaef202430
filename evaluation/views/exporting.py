"""The page of a study's exports, for staff: asked for, watched, downloaded."""

import asyncio
from collections.abc import AsyncIterator
from typing import IO
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from duetml.workspace.models import State
from duetml.workspace.services.refusal import Refused
from evaluation.exports.options import FORMATS, Options
from evaluation.models import ExportJob
from evaluation.services import exporting
from evaluation.services.lock import is_unlocked
from study.models import Study
from study.rules.access import Act
from study.services import audit
from study.views.guard import study_page

SHOWN = 20
PIECE = 256 * 1024  # bytes of a file in memory at one time


@study_page(Act.EXPORT)
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    refused = ""
    if request.method == "POST":
        try:
            options, now = _options(request), timezone.now()
            exporting.ask(study, options, _by(request), now)
            audit.note(study, request.user, "exported", options.in_words(), now)
            return redirect("evaluation:export", slug)
        except Refused as problem:
            refused = problem.message
    context = {
        "study": study,
        "is_unlocked": is_unlocked(study),
        "refused": refused,
        "formats": [name for name in FORMATS if name != "csv"],
        "exports": _newest(study),
    }
    return render(request, "evaluation/export.html", context, status=422 if refused else 200)


@study_page(Act.EXPORT)
@never_cache
@require_GET
def part(request: HttpRequest, slug: str) -> HttpResponse:
    """Only what of the page goes on by itself."""
    study = get_object_or_404(Study, slug=slug)
    context = {"study": study, "exports": _newest(study)}
    return render(request, "evaluation/export_part.html", context)


@study_page(Act.EXPORT)
@require_GET
def download(request: HttpRequest, slug: str, row: UUID) -> HttpResponseBase:
    found = get_object_or_404(ExportJob, pk=row, study__slug=slug, state=State.DONE)
    try:
        file = default_storage.open(found.path) if found.path else None
    except FileNotFoundError:
        file = None
    if file is None:  # only the newest exports keep their file
        raise Http404
    name = f"{slug}-{found.sha256[:8]}.zip"
    return StreamingHttpResponse(
        _pieces(file),
        content_type="application/zip",
        headers={
            "Content-Length": str(found.bytes),
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
    finally:
        file.close()


def _options(request: HttpRequest) -> Options:
    asked = request.POST
    others = [name for name in FORMATS if name == "csv" or name in asked.getlist("format")]
    return Options(
        absolute_times="absolute_times" in asked,
        free_text="free_text" in asked,
        images="images" in asked,
        formats=tuple(others),
    )


def _by(request: HttpRequest) -> str:
    return request.user.get_username()


def _newest(study: Study) -> list[dict[str, object]]:
    return [_shown(row) for row in ExportJob.objects.filter(study=study)[:SHOWN]]


def _shown(row: ExportJob) -> dict[str, object]:
    options = Options.from_json(row.options)
    asked = [
        *([_("dates and times")] if options.absolute_times else []),
        *([_("free text")] if options.free_text else []),
        *([_("pictures")] if options.images else []),
        *(name.upper() for name in options.formats),
    ]
    return {
        "row": row,
        "asked": ", ".join(str(one) for one in asked),
        "is_over": row.state in (State.DONE, State.FAILED),
        "rows": sum(row.rows.values()),
        "small_cells": len(row.small_cells),
    }
