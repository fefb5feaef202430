"""The groups from a statistician's table: given while the study is a draft, told in counts only."""

from collections import Counter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from duetml.live.log import everything, study_stream
from duetml.workspace.services.refusal import Refused
from study.models import Study
from study.rules.access import Act
from study.rules.protocol import ProtocolFile
from study.services import audit, drawing, studies
from study.views import tabs
from study.views.guard import study_page

LARGEST_BYTES = 2_000_000


@study_page(Act.DESIGN)
@never_cache
@require_http_methods(["GET", "POST"])
def allocation(request: HttpRequest, slug: str) -> HttpResponse:
    """The table that is there, as counts, and a form for another one. Its order is shown to nobody,
    but for what was sent just now and could not be used."""
    study = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    context: dict[str, object] = {}
    if request.method == "POST":
        try:
            text = _sent(request)
            context["text"] = text
            now = timezone.now()
            studies.set_table(slug, text, request.user.get_username(), now)
            audit.note(study, request.user, "allocation.table", "", now)
            messages.success(request, _("Done."))
            return redirect("study:allocation", slug)
        except Refused as problem:
            context["problems"] = problem.message.splitlines()
    protocol = study.protocol.read()
    context |= {
        "study": study,
        "conditions": protocol.conditions,
        "per_condition": protocol.allocation.per_condition,
        "takes_a_table": protocol.allocation.method == "table",
        "here": "protocol",
        "may": tabs.acts(request.user, study),
    }
    context |= _there(study, protocol)
    status = 422 if "problems" in context else 200
    return render(request, "study/allocation.html", context, status=status)


def _there(study: Study, protocol: ProtocolFile) -> dict[str, object]:
    """What is known of the table that was given: by whom and when, its digest and its counts, or
    why the protocol as it is now cannot use it."""
    if not study.allocation_table:
        return {}
    given = list(everything(study_stream(study.slug), kinds=["study.table_set"]))
    told: dict[str, object] = {"given": given[-1] if given else None, "is_there": True}
    try:
        table = drawing.checked_table(study.allocation_table, protocol)
    except Refused as problem:
        return told | {"misfits": problem.message.splitlines()}
    counts = {key: Counter(place.condition for place in places) for key, places in table.items()}
    names = [condition.key for condition in protocol.conditions]
    rows = [
        (sequence, stratum, [found[name] for name in names], found.total())
        for (sequence, stratum), found in sorted(counts.items())
    ]
    return told | {"rows": rows, "has_strata": any(stratum for _sequence, stratum in table)}


def _sent(request: HttpRequest) -> str:
    """What was uploaded or, without a file, typed. Raises Refused for a file that is too large."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "").replace("\r\n", "\n")
    if (file.size or 0) > LARGEST_BYTES:
        raise Refused("size", _("This file is too large for a table: it may have 2 MB."))
    return str(file.read(), "utf-8", "replace")
