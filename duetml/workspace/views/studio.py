"""A workspace without a study: for everybody where it is switched on, and for staff always."""

import secrets
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from pydantic import ValidationError

from duetml.features import PRESETS, Features
from duetml.workspace import feature_words, pool_queries, queries
from duetml.workspace.models import Image, Pool, Workspace
from duetml.workspace.services import access, studio
from duetml.workspace.services.refusal import Refused
from duetml.workspace.views.guard import staff_only
from duetml.workspace.views.pictures import serve
from duetml.workspace.views.workspace import page

KEY = "studio"  # the session's workspaces of this kind, the last used one at the end
MOST = 10  # per browser session
OWN = ""  # the pool of those who bring their pictures
SEEDS = 2**31
SHARES = "shares_images"
# The pools this program draws. A researcher's pools go by their names.
TITLES: dict[str, Promise] = {
    "practice": gettext_lazy("A few simple things"),
    "animals": gettext_lazy("Animals"),
    "mixed": gettext_lazy("Things of all kinds"),
}
PRESET_WORDS: dict[str, Promise] = {
    "baseline": gettext_lazy("The plain tool: categories, training, testing. Nobody advises."),
    "duetml": gettext_lazy("The plain tool, and the two assistants of the DuetML study."),
    "studio": gettext_lazy("Everything there is."),
}


def where_open(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    for_staff = staff_only(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return (view if settings.STUDIO else for_staff)(request, *args, **kwargs)

    return guarded


@where_open
@never_cache
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """On where this browser was last, or to the page that offers to begin."""
    if request.method == "POST":
        return _begin(request)
    known = _known(request)
    return redirect("studio:workspace", known[-1].pk) if known else _offer(request)


@where_open
@never_cache
@require_GET
def new(request: HttpRequest) -> HttpResponse:
    return _offer(request)


@where_open
@never_cache
@require_GET
def workspace(request: HttpRequest, workspace: UUID) -> HttpResponse:
    if str(workspace) not in _ids(request):
        raise Http404
    row = get_object_or_404(Workspace.objects.select_related("pool"), pk=workspace)
    _remember(request, row)
    language = translation.get_language()
    if language != row.language:
        studio.speak(row, language, timezone.now())
    context = page(row) | {"pool_title": _title(row.pool), "is_offline": _is_offline(row)}
    return render(request, "workspace/studio/workspace.html", context)


@where_open
@require_GET
def sample(request: HttpRequest, pool: int, image: UUID) -> HttpResponse:
    """One of the few pictures that stand for a pool."""
    found = get_object_or_404(Pool, pk=pool)
    if image not in pool_queries.samples([found]).get(pool, []):
        raise Http404
    return serve(get_object_or_404(Image, pk=image), "thumb")


@staff_only
@never_cache
@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, name: str) -> HttpResponse:
    """Any preset or mix of features on a pool, apart from every study."""
    pool = get_object_or_404(pool_queries.overview(), name=name)
    problem = ""
    chosen = PRESETS["baseline"].model_dump()
    if request.method == "POST":
        features = PRESETS.get(request.POST.get("preset", "")) or _mixed(request)
        if features is not None:
            return redirect("studio:workspace", _make(request, pool, features).pk)
        chosen = _ticked(request)
        problem = _("Asking and speaking by itself happen in the chat: switch the chat on too.")
    context = {
        "pool": pool,
        "problem": problem,
        "presets": PRESET_WORDS.items(),
        "features": [
            (key, name, feature_words.DESCRIPTIONS[key], chosen[key])
            for key, name in feature_words.NAMES.items()
        ],
        "untrained": not queries.backbone_info().trained,
        "has_vendor": queries.has_vendor(),
        "shares": request.method == "GET" or SHARES in request.POST,
    }
    template = "workspace/pools/preview.html"
    return render(request, template, context, status=422 if problem else 200)


def _begin(request: HttpRequest) -> HttpResponse:
    if len(_known(request)) >= MOST and not _is_staff(request):
        return _offer(request, status=422)
    name = request.POST.get("pool", OWN).replace("\0", "?")  # PostgreSQL refuses the question
    pool = None if name == OWN else get_object_or_404(pool_queries.filled(), name=name)
    return redirect("studio:workspace", _make(request, pool, PRESETS["studio"]).pk)


def _make(request: HttpRequest, pool: Pool | None, features: Features) -> Workspace:
    language, now, seed = translation.get_language(), timezone.now(), secrets.randbelow(SEEDS)
    shares = features.chat and _lets_pictures_go(request)
    try:
        made = studio.create(pool, features, language, now, seed, shares_images=shares)
    except Refused:  # the pool was deleted in this moment
        raise Http404 from None
    _remember(request, made)
    return made


def _lets_pictures_go(request: HttpRequest) -> bool:
    """Ticked beside the button that was pressed. Only a form that shows the box sends it, so
    whatever else begins a workspace keeps its pictures here."""
    return queries.has_vendor() and SHARES in request.POST


def _offer(request: HttpRequest, status: int = 200) -> HttpResponse:
    known = _known(request)
    pools = pool_queries.filled()
    samples = pool_queries.samples(pools)
    context = {
        "pools": [(pool, _title(pool), samples.get(pool.pk, [])) for pool in pools],
        "known": [(row, _title(row.pool)) for row in reversed(known)],
        "is_full": len(known) >= MOST and not _is_staff(request),
        "most": MOST,
        "untrained": not queries.backbone_info().trained,
        "has_vendor": queries.has_vendor(),
    }
    return render(request, "workspace/studio/start.html", context, status=status)


def _known(request: HttpRequest) -> list[Workspace]:
    """This browser's workspaces, the last used one at the end, with what is in them."""
    rows = Workspace.objects.select_related("pool").annotate(
        images=Count("categories__placements", distinct=True)
    )
    found = rows.in_bulk([UUID(one) for one in _ids(request)])
    return [found[UUID(one)] for one in _ids(request) if UUID(one) in found]


def _ids(request: HttpRequest) -> list[str]:
    known = request.session.get(KEY, [])
    return [str(one) for one in known] if isinstance(known, list) else []


def _remember(request: HttpRequest, row: Workspace) -> None:
    others = [one for one in _ids(request) if one != str(row.pk)]
    request.session[KEY] = [*others, str(row.pk)][-access.KEPT :]
    access.grant(request.session, row.pk)


def _mixed(request: HttpRequest) -> Features | None:
    """The ticked features; None where they do not go together."""
    try:
        return Features.model_validate(_ticked(request))
    except ValidationError:
        return None


def _ticked(request: HttpRequest) -> dict[str, bool]:
    ticked = request.POST.getlist("feature")
    return {name: name in ticked for name in Features.model_fields}


def _title(pool: Pool | None) -> str:
    if pool is None:
        return _("My own pictures")
    return str(TITLES.get(pool.name, pool.name))


def _is_offline(row: Workspace) -> bool:
    return row.settings.features.chat and row.settings.agents.provider == "offline"


def _is_staff(request: HttpRequest) -> bool:
    return bool(request.user.is_active and getattr(request.user, "is_staff", False))
