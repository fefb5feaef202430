"""The live monitor: everybody's step, time and trouble, and what the staff do about it.

While the results are locked its pages are the same to the byte whichever condition somebody is in.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from duetml.workspace.services.refusal import Refused
from study import agent_queries, flow_queries, monitor_queries, note_queries, person_queries
from study.models import Participant, Study
from study.monitor_queries import ORDERS, Row, Wanted
from study.rules import flow_chart
from study.rules.access import Act
from study.rules.troubles import Trouble
from study.services import access, audit, exclusion, notices, pausing
from study.views import spending
from study.views.guard import study_page
from study.views.spending import OfOne

TROUBLES = {
    Trouble.OVERDUE: gettext_lazy("overdue: should have been closed"),
    Trouble.OFFLINE: gettext_lazy("offline while the clock runs"),
    Trouble.ATTENTION: gettext_lazy("attention check missed"),
    Trouble.SILENT: gettext_lazy("does nothing for 5 minutes"),
    Trouble.STUCK: gettext_lazy("over 30 minutes on this page"),
    Trouble.AGENTS: gettext_lazy("agents failed"),
    Trouble.BY_CLOCK: gettext_lazy("a step was closed by the clock"),
    Trouble.LATE: gettext_lazy("something came late"),
}
SORTS = {
    "problems": gettext_lazy("problems first"),
    "seen": gettext_lazy("last seen"),
    "left": gettext_lazy("least time left"),
    "step": gettext_lazy("farthest"),
    "code": gettext_lazy("code"),
}


@dataclass(frozen=True)
class Shown:
    """`uses`: what their agents used, once that may be known."""

    row: Row
    needs: list[tuple[str, bool]]  # in words, and whether it is urgent
    remarks: list[str]
    uses: OfOne | None


@study_page(Act.SEE)
@never_cache
@require_GET
def live(request: HttpRequest, slug: str) -> HttpResponse:
    study = _study(slug)
    context = _list(request, study) | {
        "sorts": SORTS,
        "states": Participant.State.choices,
        "is_under_way": study.state in (Study.State.OPEN, Study.State.PILOT),
        "most_minutes": pausing.MOST_MINUTES,
        "may_run": access.may(request.user, study, Act.RUN),
    }
    return render(request, "study/live.html", context)


@study_page(Act.SEE)
@require_GET
def rows(request: HttpRequest, slug: str) -> HttpResponse:
    """The list alone, for the page that keeps itself up to date. Nothing is sent again that the
    browser has."""
    return _fresh(request, "study/live_rows.html", _list(request, _study(slug)))


@study_page(Act.SEE)
@require_GET
def flow(request: HttpRequest, slug: str) -> HttpResponse:
    """The CONSORT flow alone."""
    study = _study(slug)
    kind = Participant.Kind.ROBOT if study.simulated else Participant.Kind.LIVE
    if study.state == Study.State.PILOT:
        kind = Participant.Kind.PILOT
    found = flow_queries.flow(study, kind)
    chart = flow_chart.chart(found, flow_words())
    return _fresh(request, "study/live_flow.html", {"chart": chart, "flow": found})


@study_page(Act.RUN)
@require_POST
def act(request: HttpRequest, slug: str) -> HttpResponse:
    """Pause, resume or extend everybody."""
    study, by, now = _study(slug), request.user.get_username(), timezone.now()
    reason = request.POST.get("reason", "")
    acts: dict[str, Callable[[], object]] = {
        "pause": lambda: pausing.pause_study(slug, reason, by, now),
        "resume": lambda: pausing.resume_study(slug, by, now),
        "extend": lambda: pausing.extend_study(slug, _minutes(request), reason, by, now),
    }
    _do(request, study, acts, slug, now)
    return redirect("study:live", slug)


@study_page(Act.SEE)
@never_cache
@require_GET
def person(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    study = _study(slug)
    participant = _person(study, code)
    language, now = translation.get_language() or "en", timezone.now()
    may_run = access.may(request.user, study, Act.RUN)
    may_read = may_run or access.may(request.user, study, Act.EXPORT)
    known = person_queries.known(participant, language, may_read_answers=may_read)
    context = {
        "study": study,
        "known": known,
        "one": _shown(monitor_queries.row(study, participant.pk, language, now), {}),
        "person": participant,
        "suggested": note_queries.codes(study),
        "most_minutes": pausing.MOST_MINUTES,
        "longest": notices.LONGEST,
        "may_run": may_run,
        "may_read": may_read,
    }
    return render(request, "study/person.html", context)


@study_page(Act.RUN)
@require_POST
def act_on(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Pause, resume, extend, message, exclude or readmit one participant."""
    study, by, now = _study(slug), request.user.get_username(), timezone.now()
    participant = _person(study, code)
    who, reason = participant.pk, request.POST.get("reason", "")
    acts: dict[str, Callable[[], object]] = {
        "pause": lambda: pausing.pause(who, reason, by, now),
        "resume": lambda: pausing.resume(who, by, now),
        "extend": lambda: pausing.extend(_open(participant), _minutes(request), reason, by, now),
        "message": lambda: notices.send(who, reason, by, now),
        "exclude": lambda: exclusion.exclude(who, reason, by, now),
        "readmit": lambda: exclusion.readmit(who, reason, by, now),
    }
    _do(request, study, acts, code, now)
    return redirect("study:person", slug, code)


def flow_words() -> dict[str, Any]:
    """What the boxes of the flow say; by name, a reason's name or a state's."""
    return {
        "enrolled": _("Assessed for eligibility"),
        "before": _("Not assigned"),
        "under_way_before": _("still before it"),
        "screened_out": _("not eligible"),
        "turned_away": _("turned away: no place left"),
        "withdrawn": _("withdrawn"),
        "blocked": _("could not come back to a step"),
        "assigned": _("Assigned"),
        "assigned_all": _("All conditions (locked)"),
        "received": _("began the task"),
        "not_received": _("did not begin it"),
        "lost": _("Lost"),
        "under_way": _("still at it"),
        "excluded": _("Excluded"),
        "deleted": _("data deleted at their wish"),
        "analysed": _("Analysed"),
        "at": _("%(how)s at “%(step)s”"),
    }


def _list(request: HttpRequest, study: Study) -> dict[str, Any]:
    wanted = _wanted(request)
    language, now = translation.get_language() or "en", timezone.now()
    page = monitor_queries.page(study, wanted, language, now)
    used = _uses(study, page.rows)
    return {
        "study": study,
        "wanted": wanted,
        "page": page,
        "shown": [_shown(row, used) for row in page.rows],
        "with_uses": study.unlocked_at is not None,
        "query": _query(wanted, wanted.after),
        "first": _query(wanted, ""),
        "following": _query(wanted, page.next) if page.next else "",
    }


def _uses(study: Study, rows: list[Row]) -> dict[UUID, agent_queries.Use]:
    """What one participant's agents did tells the condition: only after the unlocking."""
    if study.unlocked_at is None:
        return {}
    return agent_queries.uses_of([row.id for row in rows])


def _shown(row: Row, used: dict[UUID, agent_queries.Use]) -> Shown:
    use = used.get(row.id)
    needs = [(str(TROUBLES[one]), one in _URGENT) for one in row.needs]
    past = [one for one in row.troubles if one not in row.needs]
    past += [Trouble.AGENTS] if use and use.outages else []
    remarks = [str(TROUBLES[one]) for one in past]
    return Shown(row, needs, remarks, spending.of_one(use) if use else None)


_URGENT = {Trouble.OVERDUE, Trouble.OFFLINE, Trouble.ATTENTION}


def _wanted(request: HttpRequest) -> Wanted:
    given = request.GET
    order, state = given.get("sort", ""), given.get("state", "")
    return Wanted(
        order=order if order in ORDERS else "problems",
        state=state if state in Participant.State.values else "",
        search=given.get("q", "").replace("\x00", "").strip()[:100],
        problems_only="problems" in given,
        after=given.get("after", "")[:500],
    )


def _query(wanted: Wanted, after: str) -> str:
    told = {
        "sort": wanted.order if wanted.order != "problems" else "",
        "state": wanted.state,
        "q": wanted.search,
        "problems": "on" if wanted.problems_only else "",
        "after": after,
    }
    return urlencode({name: value for name, value in told.items() if value})


def _fresh(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A part of a page, or the word that it is as it was."""
    body = render_to_string(template, context, request).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body)
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponseNotModified()
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return response


def _do(
    request: HttpRequest,
    study: Study,
    acts: dict[str, Callable[[], object]],
    what: str,
    now: datetime,
) -> None:
    """One of the acts, told to whoever did it and noted in the audit."""
    name = request.POST.get("act", "")
    if name not in acts:
        raise Http404
    try:
        acts[name]()
    except Refused as problem:
        messages.error(request, problem.message)
        return
    reason = request.POST.get("reason", "")[: notices.LONGEST]
    audit.note(study, request.user, f"monitor.{name}", what, now, reason=reason)
    messages.success(request, _("Done."))


def _minutes(request: HttpRequest) -> int:
    text = request.POST.get("minutes", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _open(participant: Participant) -> int:
    run = participant.steps.filter(index=participant.step, closed_at=None).first()
    if run is None:
        raise Refused("over", _("This step is over: no time can be added any more."))
    return run.pk


def _study(slug: str) -> Study:
    return get_object_or_404(Study.objects.select_related("protocol"), slug=slug)


def _person(study: Study, code: str) -> Participant:
    try:
        return person_queries.find(study, code)
    except Participant.DoesNotExist:
        raise Http404 from None
