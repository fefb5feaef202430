"""The staff's page of a study's links. What is made is told once, as a file to keep."""

import csv
from datetime import datetime, time

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from duetml.workspace.services.refusal import Refused
from study.models import Link, Study
from study.rules.access import Act
from study.services import audit
from study.services import links as service
from study.views.guard import study_page

PER_PAGE = 100
LARGEST_FILE = 500_000  # bytes


@study_page(Act.RUN)
@never_cache
@require_http_methods(["GET", "POST"])
def links(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    if request.method == "POST":
        try:
            return _make(request, study)
        except Refused as problem:
            messages.error(request, problem.message)
    now = timezone.now()
    page = Paginator(service.listed(study), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": study,
        "page": page,
        "rows": [(link, service.why_unusable(link, now)) for link in page],
        "public": request.build_absolute_uri(reverse("study:public", args=[slug])),
        "is_public_on": service.is_public_page_on(study),
        "is_prolific": study.protocol.read().recruitment.prolific,
        "kinds": Link.Kind.choices,
        "sent": request.POST,
    }
    return render(request, "study/links.html", context)


@study_page(Act.RUN)
@require_POST
def revoke(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(Study, slug=slug)
    number = request.POST.get("link", "")
    by = request.user.get_username()
    is_number = number.isascii() and number.isdigit() and len(number) < 12
    if is_number and service.revoke(slug, int(number), by, timezone.now()):
        audit.note(study, request.user, "link.revoked", number, timezone.now())
        messages.success(request, _("The link lets nobody in any more."))
    return redirect("study:links", slug)


@study_page(Act.RUN)
@require_POST
def general(request: HttpRequest, slug: str) -> HttpResponse:
    """Switch the general page on or off."""
    study, now = get_object_or_404(Study, slug=slug), timezone.now()
    is_on = request.POST.get("on") == "yes"
    service.switch_public_page(slug, is_on, request.user.get_username(), now)
    audit.note(study, request.user, "link.general", "on" if is_on else "off", now)
    return redirect("study:links", slug)


def _make(request: HttpRequest, study: Study) -> HttpResponse:
    """The new links as a file: they cannot be shown again. Raises Refused."""
    kind = request.POST.get("kind", "")
    if kind not in Link.Kind.values:
        raise Refused("kind", _("Choose what kind of links to make."))
    made = service.make(
        study.slug,
        Link.Kind(kind),
        _labels(request, Link.Kind(kind)),
        by=request.user.get_username(),
        now=timezone.now(),
        expires_at=_expiry(request.POST.get("expires", "")),
    )
    audit.note(study, request.user, "links.made", f"{len(made)} {kind}", timezone.now())
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-links.csv"'
    response["Cache-Control"] = "no-store"
    response.write("\ufeff")  # for spreadsheets
    table = csv.writer(response)
    table.writerow(["label", "link"])
    for one in made:
        address = request.build_absolute_uri(reverse("study:link", args=[one.token]))
        table.writerow([_plain(one.label), address])
    return response


def _labels(request: HttpRequest, kind: Link.Kind) -> list[str]:
    """One for each link: the lines that were pasted or uploaded; without any, as many empty ones as
    were asked for."""
    text = request.POST.get("labels", "")
    file = request.FILES.get("file")
    if file is not None:
        if (file.size or 0) > LARGEST_FILE:
            raise Refused("file", _("This file is too large for a list of labels."))
        text = file.read().decode("utf-8-sig", "replace")
    lines = [line.split(",")[0].strip().strip('"') for line in text.replace("\0", "").splitlines()]
    labels = [line for line in lines if line]
    if labels or kind == Link.Kind.LISTED:
        return labels
    number = request.POST.get("number", "1")
    return [""] * (int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0)


def _expiry(text: str) -> datetime | None:
    """The end of the day that was chosen."""
    if not text.strip():
        return None
    try:
        day = parse_date(text.strip())
    except ValueError:
        day = None
    if day is None:
        raise Refused("expiry", _("Write the day as 2026-12-31."))
    return timezone.make_aware(datetime.combine(day, time.max))


def _plain(label: str) -> str:
    """A spreadsheet must not take a label for a formula."""
    return f"'{label}" if label[:1] in ("=", "+", "-", "@", "\t") else label
