"""What a rater sees and does. Nothing here reads a condition, a participant or another rater.

A submission is known to a browser by its showing alone: an id of this rater's. Whoever is logged in
and is not the rater gets the 404 of a showing that does not exist.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_POST

from duetml.drawings.pools import jpeg_of
from duetml.live.log import ClientStamp
from duetml.live.models import Event
from duetml.workspace.models import Image
from duetml.workspace.services.refusal import Refused
from duetml.workspace.views.pictures import serve
from evaluation import queries
from evaluation.models import Rater, Showing
from evaluation.rules import guidelines
from evaluation.services import queue as queue_service
from evaluation.services import scores
from evaluation.services.scores import Stale, Verdict
from evaluation.views.reading import category_views, criterion_views, practised, requirement
from study.rules.protocol import paragraphs, words

MOST_LOOKED = 5_000


@never_cache
@require_GET
@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """What comes next, and the rater's submissions in their order, per study (mostly one)."""
    now = timezone.now()
    raters = [queue_service.refresh(rater, now) for rater in queries.raters_of(request.user.pk)]
    studies = [_overview(rater, len(raters) > 1) for rater in raters]
    status = 200 if studies else 403
    context = {"studies": studies, "owner": request.user.pk}
    return render(request, "evaluation/queue.html", context, status=status)


def _overview(rater: Rater, is_one_of_many: bool) -> dict[str, Any]:
    entries = queries.entries(rater)
    left = [entry for entry in entries if not entry.submitted]
    return {
        "title": rater.study.title if is_one_of_many else "",
        "rater": rater.address,
        "stage": queries.stage(rater, entries).value,
        "entries": entries,
        "done": len(entries) - len(left),
        "next": left[0] if left else None,
        "unlocked": rater.study.unlocked_at is not None,
    }


@never_cache
@require_GET
@login_required
def page(request: HttpRequest, showing_id: UUID) -> HttpResponse:
    showing = _mine(request, showing_id)
    if showing.kind == Showing.Kind.PRACTICE:
        return render(request, "evaluation/rating.html", _practice(showing))
    rater = showing.rater
    if rater.trained_at is None:
        return redirect("evaluation:queue")
    queue_service.mark_shown(rater, queue_service.place_of(rater, showing))
    rater = queue_service.refresh(rater, timezone.now())
    entries = queries.entries(rater)
    ids = [entry.showing for entry in entries]
    number = ids.index(str(showing.pk))
    context = _shown(showing) | {
        "number": number + 1,
        "of": len(ids),
        "before": ids[number - 1] if number else None,
        "after": ids[number + 1] if number + 1 < len(ids) else None,
        "is_locked": rater.study.unlocked_at is not None or rater.finished_at is not None,
        "requirement": requirement(
            rater.study.protocol.read(), showing.submission.content, get_language() or "en"
        )
        if showing.submission
        else "",
    }
    return render(request, "evaluation/rating.html", context)


def _practice(showing: Showing) -> dict[str, Any]:
    language = get_language() or "en"
    protocol = showing.rater.study.protocol.read()
    case = guidelines.practice(protocol)[showing.case or 0]
    ids = [str(one.pk) for one in queries.practice_entries(showing.rater)]
    number = ids.index(str(showing.pk))
    is_over = showing.submitted_at is not None
    context = _shown(showing) | {
        "number": number + 1,
        "of": len(ids),
        "before": ids[number - 1] if number else None,
        "after": str(showing.pk),  # its own page again, with what was expected
        "is_practice": True,
        "is_locked": is_over,
        "requirement": words(case.task, language),
        "rater": showing.rater.address,
        "following": ids[number + 1] if number + 1 < len(ids) else None,
    }
    if is_over:
        given = queries.judgements_of(showing)
        context["practised"] = practised(protocol, case.scores, given, language)
    return context


def _shown(showing: Showing) -> dict[str, Any]:
    language = get_language() or "en"
    protocol = showing.rater.study.protocol.read()
    content = queries.content_of(showing)
    return {
        "showing": showing.pk,
        "owner": showing.rater.user_id,
        "categories": category_views(content, language),
        "criteria": criterion_views(protocol, queries.judgements_of(showing), language),
        "comment": queries.comment_of(showing),
        "comment_version": showing.comment_version,
        "longest_comment": scores.LONGEST_COMMENT,
        "longest_reason": scores.LONGEST_REASON,
        "intro": paragraphs(guidelines.intro(protocol, language)),
        "example_task": guidelines.example_task(protocol, language),
    }


@require_POST
def score(request: HttpRequest, showing_id: UUID) -> JsonResponse:
    """{criterion, score or null, reason, version, id, at} → {"saved", "seq", "version"}."""

    def act(showing: Showing, body: dict[str, Any], stamp: ClientStamp) -> Event:
        criterion, value, reason = body.get("criterion"), body.get("score"), body.get("reason", "")
        if not isinstance(criterion, str) or not (value is None or type(value) is int):
            raise Refused("score", _("A score is a whole number from 1 to 5."))
        if not isinstance(reason, str):
            raise Refused("reason", _("Please say why you cannot judge."))
        now, version = timezone.now(), _version(body)
        return scores.score(showing, criterion, Verdict(value, reason), version, stamp, now)

    return _acted(request, showing_id, act)


@require_POST
def comment(request: HttpRequest, showing_id: UUID) -> JsonResponse:
    """{text, version, id, at} → {"saved", "seq", "version"}."""

    def act(showing: Showing, body: dict[str, Any], stamp: ClientStamp) -> Event:
        text = body.get("text")
        if not isinstance(text, str):
            raise Refused("text", _("A comment is text."))
        return scores.comment(showing, text, _version(body), stamp, timezone.now())

    return _acted(request, showing_id, act)


@require_POST
def submit(request: HttpRequest, showing_id: UUID) -> JsonResponse:
    """{id, at} → {"saved", "seq"}."""

    def act(showing: Showing, body: dict[str, Any], stamp: ClientStamp) -> Event:
        return scores.submit(showing, stamp, timezone.now(), language=get_language())

    return _acted(request, showing_id, act)


@require_POST
def looked(request: HttpRequest, showing_id: UUID) -> JsonResponse:
    """{seen: [number, …], zoomed: [number, …], id, at} → {"saved", "seq"}."""

    def act(showing: Showing, body: dict[str, Any], stamp: ClientStamp) -> Event:
        seen, zoomed = _numbers(body.get("seen")), _numbers(body.get("zoomed"))
        return scores.looked(showing, seen, zoomed, stamp, timezone.now())

    return _acted(request, showing_id, act)


@require_GET
@cache_control(private=True, max_age=86_400)
def picture(request: HttpRequest, showing_id: UUID, number: int, size: str) -> HttpResponse:
    """A picture of this showing by its number from 1. No date or file name goes with it."""
    showing = _mine(request, showing_id)
    there = queries.content_of(showing).numbered()
    if size not in ("thumb", "full") or number not in there:
        raise Http404
    name = there[number][1]
    if showing.kind == Showing.Kind.PRACTICE:
        return HttpResponse(jpeg_of(name), content_type="image/jpeg")
    image = Image.objects.filter(pk=name).first()
    if image is None:
        raise Http404
    return serve(image, size)


def _mine(request: HttpRequest, showing_id: UUID) -> Showing:
    if not request.user.is_authenticated:
        raise PermissionDenied  # so that a page left open can say “log in again”
    found = queries.find_for_rater(request.user.pk, showing_id)
    if found is None:
        raise Http404
    return found


def _acted(
    request: HttpRequest,
    showing_id: UUID,
    act: Callable[[Showing, dict[str, Any], ClientStamp], Event],
) -> JsonResponse:
    showing = _mine(request, showing_id)
    try:
        event = act(showing, *_body(request))
    except Refused as refused:
        return _refusal(refused)
    told = {"saved": event.at.isoformat(), "seq": event.seq}
    return JsonResponse(told | {"version": event.payload.get("version", 0)})


def _body(request: HttpRequest) -> tuple[dict[str, Any], ClientStamp]:
    """The JSON object of a request and its client stamp. Raises Refused for anything else."""
    try:
        body = json.loads(request.body)
        stamp = ClientStamp(UUID(body["id"]), _moment(body.get("at")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _unreadable() from None
    return body, stamp


def _unreadable() -> Refused:
    said = _("This browser sent something unreadable. Please reload the page.")
    return Refused("request", said)


def _version(body: dict[str, Any]) -> int:
    version = body.get("version")
    if type(version) is not int or not 0 <= version < 2**31:
        raise Refused(
            "request", _("This browser sent something unreadable. Please reload the page.")
        )
    return version


def _numbers(value: object) -> list[int]:
    if not isinstance(value, list) or len(value) > MOST_LOOKED:
        return []
    return [one for one in value if type(one) is int]


def _moment(value: object) -> datetime | None:
    moment = parse_datetime(value) if isinstance(value, str) else None
    return moment if moment and moment.tzinfo else None


def _refusal(refused: Refused) -> JsonResponse:
    is_conflict = refused.code in ("unlocked", "stale", "finished", "practised")
    told: dict[str, Any] = {"code": refused.code, "message": refused.message}
    if isinstance(refused, Stale):
        told["current"] = refused.current
    return JsonResponse({"refused": told}, status=409 if is_conflict else 400)
