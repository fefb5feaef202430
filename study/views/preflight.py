"""What there is to do before a study opens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from study.models import Study
from study.rules.access import Act
from study.services import preflight_list
from study.services.preflight import preflight as in_the_way
from study.services.preflight_state import State
from study.views import tabs
from study.views.guard import study_page


@study_page(Act.DESIGN)
@never_cache
@require_GET
def preflight(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    findings = in_the_way(study.protocol.read())
    checks = preflight_list.listed(study, findings, timezone.now())
    context = {
        "study": study,
        "checks": checks,
        "findings": findings,
        "left": sum(one.state is not State.OK for one in checks),
        "may": tabs.acts(request.user, study),
        "here": "preflight",
    }
    return render(request, "study/preflight.html", context)
