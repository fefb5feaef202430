"""Who works on a study, and what they looked at and changed."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from duetml.workspace.services.refusal import Refused
from study.models import AuditEntry, Membership, Study
from study.rules.access import Act
from study.services import access
from study.services.audit_words import said
from study.views.guard import study_page

PER_PAGE = 100


@study_page(Act.DESIGN)
@never_cache
@require_http_methods(["GET", "POST"])
def members(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(Study, slug=slug)
    if request.method == "POST":
        return _change(request, study)
    context = {
        "study": study,
        "members": study.memberships.select_related("user").order_by("user__username"),
        "roles": Membership.Role.choices,
    }
    return render(request, "study/members.html", context)


def _change(request: HttpRequest, study: Study) -> HttpResponse:
    name = request.POST.get("name", "").strip()
    by, now = User.objects.get_by_natural_key(request.user.get_username()), timezone.now()
    try:
        if request.POST.get("act") == "remove":
            access.take_out(study, name, by, now)
        else:
            access.let_in(study, name, request.POST.get("role", ""), by, now)
        messages.success(request, _("Done."))
    except Refused as problem:
        messages.error(request, problem.message)
    return redirect("study:members", study.slug)


@study_page(Act.DESIGN)
@never_cache
@require_GET
def audit(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(Study, slug=slug)
    entries = AuditEntry.objects.filter(study=study).order_by("-at", "-pk")
    if user := request.GET.get("user", "")[:150].replace("\0", ""):
        entries = entries.filter(user=user)
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    context = {"study": study, "page": page, "wanted": user}
    context["entries"] = [(one, said(one.action)) for one in page]
    return render(request, "study/audit.html", context)
