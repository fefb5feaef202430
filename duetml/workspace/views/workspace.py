"""The workspace's HTTP: what its page needs, its pictures, its uploads."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from duetml.features import Features
from duetml.live.log import ClientStamp
from duetml.workspace import forms, queries
from duetml.workspace.models import Workspace, WorkspaceImage
from duetml.workspace.services import access, files, images
from duetml.workspace.services.acting import Done, answered_before
from duetml.workspace.services.refusal import Refused
from duetml.workspace.views.pictures import serve


def page(workspace: Workspace) -> dict[str, Any]:
    """What workspace/workspace.html needs."""
    return {
        "workspace": workspace,
        "features": workspace.settings.features,
        "script": _script(workspace.settings.features),
        "socket": f"/ws/workspace/{workspace.id}/",
        "untrained": not queries.backbone_info().trained,
    }


def _script(features: Features) -> str:
    """The page's script (static/workspace/js/pages), which also names the words it needs."""
    parts = {"studio": features.has_studio, "chat": features.chat}
    return "-".join(name for name, on in parts.items() if on) or "plain"


@require_GET
def picture(request: HttpRequest, workspace: UUID, image: UUID, size: str) -> HttpResponse:
    """thumb.jpg or full.jpg of an image this workspace offers."""
    check_granted(request, workspace)
    offers = WorkspaceImage.objects.select_related("image")
    return serve(get_object_or_404(offers, workspace_id=workspace, image_id=image).image, size)


@csrf_exempt  # only until the handlers are set: reading the token reads the body
@require_POST
def upload(request: HttpRequest, workspace: UUID) -> HttpResponse:
    """One file. The same id again gets the same answer."""
    check_granted(request, workspace)
    bound = forms.Bounded()
    request.upload_handlers.insert(0, bound)
    return _upload(request, workspace, bound)


@csrf_protect
def _upload(request: HttpRequest, workspace: UUID, bound: forms.Bounded) -> HttpResponse:
    row = get_object_or_404(Workspace, pk=workspace)
    file = request.FILES.get("file")
    name = bound.refused_name or (file.name if isinstance(file, UploadedFile) else "") or ""
    with translation.override(row.language):
        try:
            if bound.refused_name is not None:
                raise files.too_large(name)
            done = _take_in(request, workspace, file)
        except Refused as refused:
            told = {
                "code": refused.code,
                "message": refused.message,
                "name": files.shown(name),
            }
            return JsonResponse({"refused": told}, status=422)
    return JsonResponse({"image": _image(done), "seq": done.seq, "late": done.late})


def _image(done: Done) -> dict[str, Any] | None:
    if done.late:
        return None
    return {
        "id": done.result["image"],
        "origin": done.result["origin"],
        "category": done.result["category"],
    }


def _take_in(request: HttpRequest, workspace: UUID, file: object) -> Done:
    if not isinstance(file, UploadedFile):
        raise Refused("no_file", _("No file arrived. Try again."))
    if sum(len(files) for _field, files in request.FILES.lists()) > 1:
        # One would be kept and the others lost without a word.
        raise Refused("bad_payload", _("This was not understood. Reload the page."))
    try:
        fields = forms.UploadFields.model_validate(
            {name: value for name, value in request.POST.items() if value}
        )
    except ValidationError:
        raise Refused("bad_payload", _("This was not understood. Reload the page.")) from None
    stamp = ClientStamp(fields.id, fields.at)
    before = answered_before(workspace, stamp)
    if before is not None:
        return _same(before)
    picture = files.received(file)
    return images.upload(workspace, picture, fields.category, stamp, timezone.now(), fields.batch)


def _same(before: Done) -> Done:
    """The answer of the first time, unless the id belongs to something else."""
    if before.late or "origin" in before.result:
        return before
    raise Refused("bad_payload", _("This was not understood. Reload the page."))


def check_granted(request: HttpRequest, workspace: UUID) -> None:
    if not access.is_granted(request.session, workspace):
        raise Http404
