"""What the studio asks over HTTP: pictures like a picture, a map's points, a parcel's files.

What a workspace does not have is not there (404), as are the workspaces of others.
"""

import json
from collections.abc import Iterator
from typing import IO
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from pydantic import BaseModel, ConfigDict, ValidationError

from duetml.workspace.models import Parcel, PictureMap, State, Workspace
from duetml.workspace.services.acting import is_on
from duetml.workspace.services.refusal import Refused
from duetml.workspace.views.pictures import FOR_EVER
from duetml.workspace.views.workspace import check_granted
from duetml.workspace.work.similar import Similar, show_similar

PIECE = 256 * 1024  # bytes of a file in memory at one time
TYPES = {
    ".onnx": "application/octet-stream",
    ".zip": "application/zip",
    ".md": "text/markdown; charset=utf-8",
}


class Asked(BaseModel):
    model_config = ConfigDict(frozen=True)

    image: UUID


@require_POST
def similar(request: HttpRequest, workspace: UUID) -> HttpResponse:
    """{image} as JSON or as a form → the ids of pictures like it, nearest first."""
    row = _with_feature(request, workspace, "similar")
    with translation.override(row.language):
        try:
            found = _similar(request, row)
        except Refused as refused:
            told = {"code": refused.code, "message": refused.message}
            return JsonResponse({"refused": told}, status=422)
    return JsonResponse({"images": found.images, "without": found.without})


def _similar(request: HttpRequest, workspace: Workspace) -> Similar:
    try:
        if request.content_type == "application/json":
            asked = Asked.model_validate(json.loads(request.body))
        else:
            asked = Asked.model_validate(request.POST.dict())
    except (ValidationError, ValueError, RecursionError):
        raise Refused("bad_payload", _("This was not understood. Reload the page.")) from None
    return show_similar(workspace, asked.image, timezone.now())


@require_GET
def map_points(request: HttpRequest, workspace: UUID, row: UUID) -> HttpResponse:
    _with_feature(request, workspace, "map")
    maps = PictureMap.objects.filter(workspace=workspace, state=State.DONE)
    found = get_object_or_404(maps, pk=row)
    told = {"images": found.images, "points": found.points}
    return JsonResponse(told, headers={"Cache-Control": FOR_EVER})


@require_GET
def parcel_file(request: HttpRequest, workspace: UUID, row: UUID, name: str) -> HttpResponseBase:
    """A file of a parcel, as an attachment."""
    _with_feature(request, workspace, "take_home")
    found = get_object_or_404(Parcel, pk=row, workspace=workspace, state=State.DONE)
    packed = next((file for file in found.files if file["name"] == name), None)
    if packed is None:
        raise Http404
    try:
        file = default_storage.open(packed["path"])
    except FileNotFoundError:  # only the newest parcels keep their files
        raise Http404 from None
    return StreamingHttpResponse(
        _pieces(file),
        content_type=TYPES[name[name.rindex(".") :]],
        headers={
            "Content-Length": str(packed["bytes"]),
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _with_feature(request: HttpRequest, workspace: UUID, feature: str) -> Workspace:
    check_granted(request, workspace)
    row = get_object_or_404(Workspace, pk=workspace)
    if not is_on(row.settings.features, feature):
        raise Http404
    return row
