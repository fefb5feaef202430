"""Walking through a condition without taking part: a signed link, then a button."""

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from study.models import Study
from study.rules import codes
from study.services import enrolment
from study.services.preflight import preflight

SALT = "study.preview"
VALID_FOR = 30 * 24 * 3600


def links(study: Study) -> dict[str, str]:
    """One path per condition. Links hold the condition's number, not its name."""
    conditions = study.protocol.read().conditions
    return {
        condition.key: reverse("study:preview", args=[signing.dumps([study.pk, number], salt=SALT)])
        for number, condition in enumerate(conditions)
    }


@never_cache
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, signed: str) -> HttpResponse:
    try:
        study_id, condition = signing.loads(signed, salt=SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        raise Http404 from None
    study = get_object_or_404(Study, pk=study_id)
    missing = [one for one in preflight(study.protocol.read()) if one.code == "pool"]
    if request.method == "GET" or missing:
        return render(request, "study/preview.html", {"study": study, "missing": missing})
    token = codes.personal_token()
    language = translation.get_language() or ""
    enrolment.preview(study_id, condition, token=token, language=language, now=timezone.now())
    return redirect("study:enter", token)
