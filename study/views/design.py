"""A study's protocol in the browser: a new study, another version, what differs."""

from dataclasses import asdict
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from duetml.workspace.services.refusal import Refused
from duetml.workspace.views import staff_only
from study.models import Study, StudyVersion
from study.rules.access import Act
from study.rules.diff import Change, differences
from study.rules.protocol import ProtocolError, ProtocolFile, read_protocol, words
from study.services import audit, studies, versions, wording
from study.services.preflight import Finding, lacking_pools
from study.views import tabs
from study.views.guard import study_page

BUILT_IN = Path(__file__).parents[1] / "protocols"
LARGEST_BYTES = 2_000_000


@staff_only
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A study from a built-in protocol, a file or what was typed; whoever makes it owns it."""
    context: dict[str, object] = {"built_in": _built_in(), "slug": request.POST.get("slug", "")}
    if request.method == "POST":
        source = _sent(request)
        context |= {"source": source, "chosen": request.POST.get("built_in", "")}
        try:
            if not source.strip():
                raise Refused("source", _("Choose a protocol to begin with, a file, or type one."))
            by = User.objects.get_by_natural_key(request.user.get_username())
            made = studies.create(
                request.POST.get("slug", "").strip(), source, now=timezone.now(), by=by
            )
            audit.note(made, request.user, "study.created", "", timezone.now())
            return redirect("study:protocol", made.slug)
        except ProtocolError as problem:
            context["problems"] = wording.told(problem.problems)
        except Refused as problem:
            context["complaint"] = problem.message
    status = 422 if request.method == "POST" else 200
    return render(request, "study/new.html", context, status=status)


@study_page(Act.DESIGN)
@never_cache
@require_http_methods(["GET", "POST"])
def protocol(request: HttpRequest, slug: str) -> HttpResponse:
    """The protocol, and its versions; sending another one makes it the newest."""
    study = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    context: dict[str, object] = {"study": study, "source": study.protocol.source}
    if request.method == "POST":
        source, reason = _sent(request), request.POST.get("reason", "")[:2000]
        context |= {"source": source, "reason": reason}
        by, now = request.user.get_username(), timezone.now()
        try:
            if "check" in request.POST:
                checked = read_protocol(source)
                told = wording.changed(differences(study.protocol.read(), checked))
                context |= {
                    "changes": told,
                    "is_checked": True,
                    "warnings": _lacking(study, checked),
                }
            else:
                made = versions.amend(slug, source, reason, by, now)
                text = _("Saved as version %(number)d.") % {"number": made.number}
                audit.note(study, request.user, "protocol.changed", text, now, reason=reason)
                messages.success(request, text)
                return redirect("study:protocol", slug)
        except ProtocolError as problem:
            context["problems"] = wording.told(problem.problems)
        except Refused as problem:
            context["complaint"] = problem.message
    if request.method == "GET":
        context["warnings"] = _lacking(study, study.protocol.read())
    context["versions"] = _history(study)
    context |= {"here": "protocol", "may": tabs.acts(request.user, study)}
    status = 422 if "problems" in context or "complaint" in context else 200
    return render(request, "study/protocol.html", context, status=status)


@study_page(Act.DESIGN)
@never_cache
@require_POST
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """What is wrong with a text, while it is written: {problems: [{line, place, text, fix}],
    warnings: [text]}. A warning keeps nobody from saving."""
    study = get_object_or_404(Study, slug=slug)
    try:
        warned = [one.text for one in _lacking(study, read_protocol(_sent(request)))]
    except ProtocolError as problem:
        told = [asdict(one) for one in wording.told(problem.problems)]
        return JsonResponse({"problems": told, "warnings": []})
    return JsonResponse({"problems": [], "warnings": warned})


def _lacking(study: Study, protocol: ProtocolFile) -> list[Finding]:
    """The pools that are not as they must be for those who are still to come."""
    return [] if study.state == Study.State.CLOSED else lacking_pools(protocol)


@study_page(Act.SEE)
@require_GET
def download(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    response = HttpResponse(study.protocol.source, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}.yaml"'
    return response


def _sent(request: HttpRequest) -> str:
    """What was uploaded, chosen or typed, in this order."""
    file = request.FILES.get("file")
    if file is not None and (file.size or 0) <= LARGEST_BYTES:
        return str(file.read(), "utf-8", "replace")
    chosen = request.POST.get("built_in", "")
    if chosen and chosen in {name for name, _title in _built_in()}:
        return (BUILT_IN / f"{chosen}.yaml").read_text("utf-8")
    return request.POST.get("source", "").replace("\r\n", "\n")


def _built_in() -> list[tuple[str, str]]:
    language = translation.get_language() or "en"
    return [
        (file.stem, words(read_protocol(file.read_text("utf-8")).title, language))
        for file in sorted(BUILT_IN.glob("*.yaml"))
    ]


def _history(study: Study) -> list[tuple[StudyVersion, list[Change]]]:
    """(version, what changed since the one before), the newest first."""
    rows = list(study.versions.select_related("protocol"))
    told: list[tuple[StudyVersion, list[Change]]] = []
    for number, row in enumerate(rows):
        before = rows[number - 1].protocol.read() if number else None
        changes = differences(before, row.protocol.read()) if before else []
        told.append((row, wording.changed(changes)))
    return told[::-1]
