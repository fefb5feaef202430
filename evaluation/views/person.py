"""What a rater does around the scores: says who they are, is trained, finishes, guesses."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from duetml.workspace.services.refusal import Refused
from evaluation import queries
from evaluation.models import Rater
from evaluation.rules import guidelines
from evaluation.rules.background import BACKGROUND
from evaluation.rules.stages import Stage
from evaluation.services import finishing, training
from evaluation.services import queue as queue_service
from evaluation.services.finishing import Guessed
from evaluation.views.reading import criterion_views
from study.forms import questions
from study.rules.answers import read_all
from study.rules.protocol import Step, paragraphs, words

View = Callable[..., HttpResponse]
CANNOT_TELL = "none"
CONFIDENCES = range(1, 6)


def of_rater(view: View) -> View:
    """For the rater of that address alone; for everybody else it is not there."""

    @wraps(view)
    @never_cache
    @login_required
    def mine(request: HttpRequest, rater: str) -> HttpResponse:
        found = queries.rater_of(request.user.pk, rater)
        if found is None:
            raise Http404
        return view(request, queue_service.refresh(found, timezone.now()))

    return mine


@require_http_methods(["GET", "POST"])
@of_rater
def about(request: HttpRequest, rater: Rater) -> HttpResponse:
    language = get_language() or "en"
    step = Step(key="background", kind="form", title={"en": "About you"}, items=list(BACKGROUND))
    given: Mapping[str, object] = rater.background
    if request.method == "POST":
        answers = read_all(BACKGROUND, request.POST.dict())
        if not answers.refused:
            training.describe(rater, answers.values, timezone.now())
            return redirect("evaluation:queue")
        asked = questions(step, language, request.POST.dict(), answers.refused)
        return render(request, "evaluation/about.html", {"questions": asked}, status=422)
    context = {"questions": questions(step, language, given, {})}
    return render(request, "evaluation/about.html", context)


@require_http_methods(["GET", "POST"])
@of_rater
def trained(request: HttpRequest, rater: Rater) -> HttpResponse:
    """The guidelines, the practice, and the button that ends the training."""
    if request.method == "POST":
        try:
            training.finish(rater, timezone.now())
        except Refused as refused:
            return _training(request, rater, refused.message)
        return redirect("evaluation:queue")
    return _training(request, rater)


def _training(request: HttpRequest, rater: Rater, complaint: str = "") -> HttpResponse:
    language = get_language() or "en"
    protocol = rater.study.protocol.read()
    practice = queries.practice_entries(rater)
    context = {
        "rater": rater,
        "intro": paragraphs(guidelines.intro(protocol, language)),
        "example_task": guidelines.example_task(protocol, language),
        "criteria": criterion_views(protocol, {}, language),
        "practice": practice,
        "left": sum(one.submitted_at is None for one in practice),
        "complaint": complaint,
    }
    status = 400 if complaint else 200
    return render(request, "evaluation/training.html", context, status=status)


@require_POST
@of_rater
def finish(request: HttpRequest, rater: Rater) -> HttpResponse:
    with suppress(Refused):  # the queue says what is left
        finishing.finish(rater, timezone.now())
    return redirect("evaluation:queue")


@require_http_methods(["GET", "POST"])
@of_rater
def guess(request: HttpRequest, rater: Rater) -> HttpResponse:
    """Which condition each submission was of; asked only when no score can change any more."""
    entries = queries.entries(rater)
    if queries.stage(rater, entries) is not Stage.GUESS:
        return redirect("evaluation:queue")
    language = get_language() or "en"
    described = guidelines.described_conditions(rater.study.protocol.read())
    rated = [entry for entry in entries if not entry.is_repeat]
    complaint = ""
    if request.method == "POST":
        # The number of the condition, not its name, stands on the page.
        keys = {str(at): key for at, (key, _words) in enumerate(described)} | {CANNOT_TELL: ""}
        given = {
            entry.submission: Guessed(
                keys[request.POST[f"guess-{entry.number}"]],
                int(request.POST[f"sure-{entry.number}"]),
            )
            for entry in rated
            if request.POST.get(f"guess-{entry.number}") in keys
            and request.POST.get(f"sure-{entry.number}") in {str(one) for one in CONFIDENCES}
        }
        try:
            finishing.guess(rater, given, timezone.now())
        except Refused as refused:
            complaint = refused.message
        else:
            return redirect("evaluation:queue")
    context = {
        "entries": [(entry, _chosen(request, entry.number)) for entry in rated],
        "conditions": [(str(at), words(text, language)) for at, (_, text) in enumerate(described)],
        "confidences": [str(one) for one in CONFIDENCES],
        "cannot_tell": CANNOT_TELL,
        "complaint": complaint,
    }
    return render(request, "evaluation/guess.html", context, status=422 if complaint else 200)


def _chosen(request: HttpRequest, number: int) -> tuple[str, str]:
    return request.POST.get(f"guess-{number}", ""), request.POST.get(f"sure-{number}", "")
