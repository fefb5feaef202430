"""What a rater sees and does. Nothing here reads a condition, a participant or another rater.

Whoever is logged in and no rater of the study gets the 404 of a submission that does not exist.
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_POST

from duetml.live.log import ClientStamp
from duetml.workspace.models import Image
from duetml.workspace.services.refusal import Refused
from evaluation import queries
from evaluation.models import Rater
from evaluation.services import queue as queue_service
from evaluation.services import scores
from evaluation.views.reading import category_views, criterion_views, requirement
from study.models import Submission


@never_cache
@require_GET
@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """The rater's submissions in their order, per study (nearly always one)."""
    now = timezone.now()
    raters = [queue_service.refresh(rater, now) for rater in queries.raters_of(request.user.pk)]
    studies = []
    for rater in raters:
        entries = queries.entries(rater)
        left = [entry for entry in entries if not entry.complete]
        studies.append(
            {
                "title": rater.study.title if len(raters) > 1 else "",
                "entries": entries,
                "done": len(entries) - len(left),
                "next": left[0] if left else None,
                "unlocked": rater.study.unlocked_at is not None,
            }
        )
    status = 200 if studies else 403
    context = {"studies": studies, "owner": request.user.pk}
    return render(request, "evaluation/queue.html", context, status=status)


@never_cache
@require_GET
@login_required
def page(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    rater, submission = _mine(request, submission_id)
    queue_service.mark_shown(rater, str(submission.pk))
    rater = queue_service.refresh(rater, timezone.now())
    number = rater.order.index(str(submission.pk))
    language = get_language() or "en"
    protocol = rater.study.protocol.read()
    context = {
        "submission": submission.pk,
        "number": number + 1,
        "of": len(rater.order),
        "before": rater.order[number - 1] if number else None,
        "after": rater.order[number + 1] if number + 1 < len(rater.order) else None,
        "requirement": requirement(protocol, submission.content, language),
        "categories": category_views(submission.content),
        "criteria": criterion_views(protocol, queries.scores_of(rater, submission), language),
        "comment": queries.comment_of(rater, submission),
        "longest_comment": scores.LONGEST_COMMENT,
        "unlocked": rater.study.unlocked_at is not None,
        "owner": request.user.pk,
    }
    return render(request, "evaluation/rating.html", context)


@require_POST
def score(request: HttpRequest, submission_id: UUID) -> JsonResponse:
    """{criterion, score, id, at} → {"saved", "seq"}."""
    rater, submission = _mine(request, submission_id)
    try:
        body, stamp = _body(request)
        criterion, value = body.get("criterion"), body.get("score")
        if not isinstance(criterion, str) or type(value) is not int:
            raise Refused("score", _("A score is a whole number from 1 to 5."))
        event = scores.score(rater, submission, criterion, value, stamp, timezone.now())
    except Refused as refused:
        return _refusal(refused)
    return JsonResponse({"saved": event.at.isoformat(), "seq": event.seq})


@require_POST
def comment(request: HttpRequest, submission_id: UUID) -> JsonResponse:
    """{text, id, at} → {"saved", "seq"}."""
    rater, submission = _mine(request, submission_id)
    try:
        body, stamp = _body(request)
        text = body.get("text")
        if not isinstance(text, str):
            raise Refused("text", _("A comment is text."))
        event = scores.comment(rater, submission, text, stamp, timezone.now())
    except Refused as refused:
        return _refusal(refused)
    return JsonResponse({"saved": event.at.isoformat(), "seq": event.seq})


@require_GET
@cache_control(private=True, max_age=86_400)
def image(request: HttpRequest, submission_id: UUID, image_id: UUID, size: str) -> HttpResponse:
    """A picture of this submission. No date and no name of a file goes with it."""
    _rater, submission = _mine(request, submission_id)
    if size not in ("thumb", "full") or str(image_id) not in queries.images_in(submission):
        raise Http404
    picture = Image.objects.filter(pk=image_id).first()
    path = picture and (picture.thumb_path if size == "thumb" else picture.full_path)
    if not path or not default_storage.exists(path):
        raise Http404
    with default_storage.open(path) as file:
        return HttpResponse(file.read(), content_type="image/jpeg")


def _mine(request: HttpRequest, submission_id: UUID) -> tuple[Rater, Submission]:
    if not request.user.is_authenticated:
        raise PermissionDenied  # so that a page left open can say “log in again”
    found = queries.find_for_rater(request.user.pk, submission_id)
    if found is None:
        raise Http404
    return found


def _body(request: HttpRequest) -> tuple[dict[str, Any], ClientStamp]:
    """The JSON object of a request and its client stamp. Raises Refused for anything else."""
    try:
        body = json.loads(request.body)
        stamp = ClientStamp(UUID(body["id"]), _moment(body.get("at")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refused(
            "request", _("This browser sent something unreadable. Please reload the page.")
        ) from None
    return body, stamp


def _moment(value: object) -> datetime | None:
    moment = parse_datetime(value) if isinstance(value, str) else None
    return moment if moment and moment.tzinfo else None


def _refusal(refused: Refused) -> JsonResponse:
    status = 409 if refused.code == "unlocked" else 400
    return JsonResponse(
        {"refused": {"code": refused.code, "message": refused.message}}, status=status
    )
