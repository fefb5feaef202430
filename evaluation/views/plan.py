"""The staff's page of a study's raters: invitations and progress, in numbers only."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from duetml.workspace.services.refusal import Refused
from evaluation import queries
from evaluation.services import invitations
from study.models import Study
from study.rules.access import Act
from study.services import audit
from study.views.guard import study_page


@study_page(Act.SEE)
@never_cache
@require_GET
def page(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    open_ones = study.invitations.filter(used_by=None, withdrawn_at=None).order_by("created_at")
    context = {
        "study": study,
        "progress": queries.progress(study),
        "invitations": open_ones,
        "submissions": len(queries.to_rate(study)),
    }
    return render(request, "evaluation/plan.html", context)


@study_page(Act.RUN)
@require_POST
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    study, now = get_object_or_404(Study, slug=slug), timezone.now()
    token = invitations.invite(study, request.POST.get("note", "").strip(), now)
    link = request.build_absolute_uri(reverse("evaluation:join", args=[token]))
    audit.note(study, request.user, "rater.invited", request.POST.get("note", ""), now)
    messages.success(request, _("The rater's link, shown only now: %s") % link)
    return redirect("evaluation:plan", slug)


@study_page(Act.RUN)
@require_POST
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    study, now = get_object_or_404(Study, slug=slug), timezone.now()
    number = request.POST.get("invitation", "")
    try:
        row = int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0
        invitations.withdraw(study, row, request.user.get_username(), now)
        audit.note(study, request.user, "rater.withdrawn", str(row), now)
        messages.success(request, _("The link leads nowhere any more."))
    except Refused as problem:
        messages.error(request, problem.message)
    return redirect("evaluation:plan", slug)
