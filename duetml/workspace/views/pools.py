"""Image pools, for staff: made, filled, looked through."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from duetml.workspace import forms, pool_queries
from duetml.workspace.models import Image, Pool, PoolImport, State
from duetml.workspace.services import files, imports, pools
from duetml.workspace.services.refusal import Refused
from duetml.workspace.views.guard import staff_only
from duetml.workspace.views.pictures import serve

PER_PAGE = 60
LONGEST_SEARCH = 100
IMPORTS_SHOWN = 10
DROPPED = "duetml.too_large"  # in the ASGI scope: see duetml.config.body_limit


@staff_only
@never_cache
@require_http_methods(["GET", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    refused = ""
    name, licence = request.POST.get("name", ""), request.POST.get("licence", "")
    if request.method == "POST":
        try:
            pool = pools.create(name, licence, _by(request), timezone.now())
            return redirect("pools:pool", pool.name)
        except Refused as problem:
            refused = problem.message
    context = {
        "pools": pool_queries.overview(),
        "refused": refused,
        "name": name,
        "licence": licence,
    }
    return render(request, "workspace/pools/home.html", context, status=422 if refused else 200)


@staff_only
@never_cache
@require_GET
def pool(request: HttpRequest, name: str) -> HttpResponse:
    found = get_object_or_404(pool_queries.overview(), name=name)
    search = request.GET.get("q", "").replace("\0", "")[:LONGEST_SEARCH]
    page = Paginator(pool_queries.entries_of(found, search), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "pool": found,
        "page": page,
        "search": search,
        "imports": found.imports.order_by("-queued_at")[:IMPORTS_SHOWN],
        "largest_mb": imports.largest_archive(settings.POOL_UPLOAD_BYTES) // 1_000_000,
        "largest_picture": files.LIMITS.max_bytes,
    }
    return render(request, "workspace/pools/pool.html", context)


@csrf_exempt  # only until it is known that there is a body to find the token in
@staff_only
@require_POST
def archive(request: HttpRequest, name: str) -> HttpResponse:
    """A zip file: kept, and read by a worker."""
    if request.META.get("asgi.scope", {}).get(DROPPED):
        most = imports.largest_archive(settings.POOL_UPLOAD_BYTES) // 1_000_000
        told = _("This file is too large: up to %(most)d MB fit here now. Send it in parts.")
        return _refuse(request, name, told % {"most": most}, 413)
    return _archive(request, name)


@csrf_protect
def _archive(request: HttpRequest, name: str) -> HttpResponse:
    found = get_object_or_404(Pool, name=name)
    file = request.FILES.get("archive")
    if not isinstance(file, UploadedFile) or not file.size:
        return _refuse(request, name, _("No file arrived. Choose a zip file and try again."), 422)
    language, now = translation.get_language(), timezone.now()
    try:
        row = imports.begin(found, file, file.name or "", _by(request), language, now)
    except Refused:  # the pool was deleted in this moment
        raise Http404 from None
    report = reverse("pools:report", args=[name, row.pk])
    return JsonResponse({"report": report}) if _is_script(request) else redirect(report)


@staff_only
@never_cache
@require_GET
def report(request: HttpRequest, name: str, row: UUID) -> HttpResponse:
    """What became of a zip file; with ?part, only the piece of the page that changes."""
    found = get_object_or_404(PoolImport.objects.select_related("pool"), pk=row, pool__name=name)
    template = "report_part.html" if "part" in request.GET else "report.html"
    context = {
        "pool": found.pool,
        "row": found,
        "is_over": found.state in (State.DONE, State.FAILED),
        "gave_up": found.error == "gave_up",
    }
    return render(request, f"workspace/pools/{template}", context)


@csrf_exempt  # only until the handlers are set: reading the token reads the body
@staff_only
@require_POST
def add(request: HttpRequest, name: str) -> HttpResponse:
    """One picture of a folder. The same again is a duplicate, so it may be sent any number of
    times."""
    bound = forms.Bounded()
    request.upload_handlers.insert(0, bound)
    return _add(request, name, bound)


@csrf_protect
def _add(request: HttpRequest, name: str, bound: forms.Bounded) -> HttpResponse:
    found = get_object_or_404(Pool, name=name)
    source = request.POST.get("source", "") or bound.refused_name or ""
    file = request.FILES.get("file")
    try:
        if bound.refused_name is not None:
            raise files.too_large(source)
        if imports.free_bytes() < imports.KEPT_FREE_BYTES:
            raise Refused("disk_full", _("The disk is nearly full: nothing was added."))
        if not isinstance(file, UploadedFile):
            raise Refused("no_file", _("No file arrived. Try again."))
        picture = files.read(file.read(), source)
        is_new = pools.add(found, picture, source, timezone.now(), _by(request))
    except Refused as problem:
        told = {"code": problem.code, "message": problem.message}
        return JsonResponse({"refused": told}, status=422)
    return JsonResponse({"added": is_new})


@staff_only
@require_POST
def prepare(request: HttpRequest, name: str) -> HttpResponse:
    """Have the machine look at the pictures now, so that nobody waits for it later."""
    pools.embed(get_object_or_404(Pool, name=name))
    messages.success(request, _("The pictures are being prepared. Reload to see how far it is."))
    return redirect("pools:pool", name)


@staff_only
@require_POST
def licence(request: HttpRequest, name: str) -> HttpResponse:
    text = request.POST.get("licence", "")
    by, now = _by(request), timezone.now()
    return _act(
        request,
        name,
        lambda found: pools.change_licence(found.pk, text, by, now),
        _("The licence note was saved."),
    )


@staff_only
@require_POST
def remove(request: HttpRequest, name: str) -> HttpResponse:
    try:
        image = UUID(request.POST.get("image", ""))
    except ValueError:
        raise Http404 from None
    by, now = _by(request), timezone.now()
    return _act(
        request,
        name,
        lambda found: pools.remove(found.pk, image, by, now),
        _("The picture was removed."),
    )


@staff_only
@require_POST
def delete(request: HttpRequest, name: str) -> HttpResponse:
    found = get_object_or_404(Pool, name=name)
    if request.POST.get("confirm", "").strip() != name:
        messages.error(request, _("Nothing was done: type the pool's name to confirm."))
        return redirect("pools:pool", name)
    try:
        pools.delete(found.pk, _by(request), timezone.now())
    except Refused as problem:
        messages.error(request, problem.message)
        return redirect("pools:pool", name)
    messages.success(request, _("The pool “%(name)s” was deleted.") % {"name": name})
    return redirect("pools:home")


@staff_only
@require_GET
def picture(request: HttpRequest, name: str, image: UUID, size: str) -> HttpResponse:
    """thumb.jpg or full.jpg of a picture in this pool."""
    return serve(get_object_or_404(Image, pk=image, pool_entries__pool__name=name), size)


def _act(request: HttpRequest, name: str, action: Callable[[Pool], Any], done: str) -> HttpResponse:
    found = get_object_or_404(Pool, name=name)
    try:
        action(found)
        messages.success(request, done)
    except Refused as problem:
        messages.error(request, problem.message)
    query = request.GET.urlencode()
    return redirect(reverse("pools:pool", args=[name]) + (f"?{query}" if query else ""))


def _refuse(request: HttpRequest, name: str, text: str, status: int) -> HttpResponse:
    if _is_script(request):
        return JsonResponse({"refused": {"message": text}}, status=status)
    messages.error(request, text)
    return redirect("pools:pool", name)


def _is_script(request: HttpRequest) -> bool:
    return "X-CSRFToken" in request.headers  # which a plain form cannot send


def _by(request: HttpRequest) -> str:
    return request.user.get_username()
