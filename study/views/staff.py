"""The researcher's pages. While a study is open, none of them says who is in which condition."""

from collections.abc import Callable, Sequence
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from duetml.workspace.services.refusal import Refused
from duetml.workspace.views import staff_only
from study import agent_queries, monitor_queries, queries
from study.models import Study
from study.monitor_queries import Row, Wanted
from study.queries import Totals
from study.rules.access import Act
from study.rules.caps import Stage
from study.services import access, audit, studies
from study.services.preflight import OVERRIDES, preflight
from study.services.preflight_list import warnings
from study.views import preview, spending, tabs
from study.views.guard import study_page
from study.views.spending import OfOne, Warned

LONGEST_REASON = 2000


@staff_only
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    found = queries.overview(access.studies_of(request.user))
    warned = _warnings([study for study, totals in found if _is_under_way(study, totals)])
    rows = [
        (study, totals, _need(study, totals, warned.get(study.pk, [])), warned.get(study.pk, []))
        for study, totals in found
    ]
    return render(request, "study/staff_home.html", {"rows": rows})


@study_page(Act.SEE)
@never_cache
@require_GET
def study(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    protocol = found.protocol.read()
    totals = queries.totals(found)
    now = timezone.now()
    spent = spending.statement(found, protocol, now)
    language = translation.get_language() or "en"
    people = monitor_queries.page(found, Wanted(), language, now).rows
    context = {
        "study": found,
        "protocol": protocol,
        "totals": totals,
        "need": _need(found, totals, spent.warnings if spent else []),
        "findings": [] if found.state == Study.State.CLOSED else preflight(protocol),
        "link": request.build_absolute_uri(reverse("study:public", args=[slug])),
        "previews": preview.links(found),
        "spent": spent,
        "may": tabs.acts(request.user, found),
        "people": [(one, None) for one in people],
    }
    if spent is not None and found.unlocked_at is not None:
        context["people"] = _with_costs(people)
    return render(request, "study/staff_study.html", context)


@study_page(Act.SEE)
@never_cache
@require_GET
def agents(request: HttpRequest, slug: str) -> HttpResponse:
    """The parts of the study's page that go on by themselves."""
    found = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    spent = spending.statement(found, found.protocol.read(), timezone.now())
    return render(request, "study/agents.html", {"study": found, "spent": spent})


@study_page(Act.DESIGN)
@require_POST
def open_study(request: HttpRequest, slug: str) -> HttpResponse:
    """What is not made up takes a written reason, where real participants will come."""
    overrides = [one for one in request.POST.getlist("override") if one in OVERRIDES]
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]

    def opened() -> Study:
        now = timezone.now()
        study = Study.objects.select_related("protocol").get(slug=slug)
        left = warnings(study, now)
        if left and not reason:
            text = _("The pre-flight has warnings: say why the study opens all the same.")
            raise Refused("reason", text)
        return studies.open_study(slug, now, overrides, reason, left)

    return _act(request, slug, "study.opened", opened, reason=reason)


@study_page(Act.DESIGN)
@require_POST
def pilot(request: HttpRequest, slug: str) -> HttpResponse:
    overrides = [one for one in request.POST.getlist("override") if one in OVERRIDES]
    act = partial(studies.pilot, slug, timezone.now(), overrides)
    return _act(request, slug, "study.piloted", act)


@study_page(Act.DESIGN)
@require_POST
def close_study(request: HttpRequest, slug: str) -> HttpResponse:
    act = partial(studies.close_study, slug, timezone.now())
    return _act(request, slug, "study.closed", act)


@study_page(Act.DESIGN)
@require_POST
def unlock(request: HttpRequest, slug: str) -> HttpResponse:
    by = request.user.get_username()
    reason = request.POST.get("reason", "")[:LONGEST_REASON]
    act = partial(studies.unlock, slug, by, timezone.now(), reason)
    return _act(request, slug, "results.unlocked", act, reason=reason)


def _act(
    request: HttpRequest, slug: str, name: str, action: Callable[[], Study], **told: str
) -> HttpResponse:
    """Do it if the study's name was typed; say what came of it on the study's page."""
    study = get_object_or_404(Study, slug=slug)
    if request.POST.get("confirm", "").strip() != slug:
        messages.error(request, _("Nothing was done: type the study's name to confirm."))
        return redirect("study:study", slug)
    try:
        action()
        audit.note(study, request.user, name, "", timezone.now(), **told)
        messages.success(request, _("Done."))
    except Refused as problem:
        messages.error(request, problem.message)
    return redirect("study:study", slug)


def _is_under_way(study: Study, totals: Totals) -> bool:
    return study.state == Study.State.OPEN or totals.active > 0


def _warnings(studies: Sequence[Study]) -> dict[int, list[Warned]]:
    """What their caps give reason to say, by study."""
    found = agent_queries.caps(studies, timezone.now())
    budgets = {one.pk: one.protocol.read().agents.budget for one in studies}
    return {
        pk: [spending.warned(use, budgets[pk]) for use in uses if use.stage is not Stage.FREE]
        for pk, uses in found.items()
    }


def _with_costs(people: Sequence[Row]) -> list[tuple[Row, OfOne | None]]:
    """Each with what their agents used: for after the unlocking, as it tells the condition."""
    uses = agent_queries.uses_of([one.id for one in people])
    return [(one, spending.of_one(uses[one.id]) if one.id in uses else None) for one in people]


def _need(study: Study, totals: Totals, warned: Sequence[Warned]) -> str:
    """The one thing a study needs now."""
    if study.state == Study.State.DRAFT:
        return _("Check it and open it.")
    if study.state == Study.State.PILOT:
        return _("Pilot it, then open it.")
    if study.state == Study.State.CLOSED:
        if study.unlocked_at is not None:
            return _("Read the results.")
        if totals.active:
            return _("Wait for those who are still at it.")
        return _("Unlock the results when the ratings are complete.")
    left = totals.places - totals.taken
    if left and any(one.stops_enrolment for one in warned):
        return _("Wait: a cap on the agents is reached, so nobody new can begin.")
    if left:
        return _("Invite participants: %(left)d of %(places)d places are free.") % {
            "left": left,
            "places": totals.places,
        }
    if totals.active:
        return _("Wait: %(active)d participants are still at it.") % {"active": totals.active}
    return _("Close it: everybody is done.")
