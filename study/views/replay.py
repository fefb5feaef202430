"""A workspace as it was, event by event, for the staff."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from duetml.workspace.models import WorkspaceImage
from duetml.workspace.views.pictures import serve
from study import note_queries, replay_queries
from study.models import Participant, Study
from study.replay_queries import Replayed
from study.rules.access import Act
from study.rules.protocol import words
from study.views.guard import study_page


@study_page(Act.RUN)
@never_cache
@require_GET
def replay(request: HttpRequest, slug: str, workspace: UUID) -> HttpResponse:
    study = _study(slug)
    shown = found(study, workspace)
    language = translation.get_language() or "en"
    step = shown.participant.protocol.read().steps[shown.step]
    notes = list(replay_queries.notes(shown))
    chosen = request.GET.get("note", "")
    features = shown.workspace.settings.features
    context = {
        "study": study,
        "person": shown.participant,
        "shown": shown,
        "step_title": words(step.title, language),
        "guide": [words(text, language) for text in guide(shown.participant)],
        "has_chat": features.chat and not shown.is_blind,
        "is_attentive": not shown.is_blind and shown.workspace.settings.agents.is_attentive,
        "opening": replay_queries.opening(shown),
        "count": replay_queries.count(shown),
        "notes": notes,
        "start": next((number for note, number in notes if str(note.pk) == chosen), 0),
        "words": kind_words(),
        "suggested": note_queries.codes(study),
    }
    return render(request, "study/replay.html", context)


@study_page(Act.RUN)
@never_cache
@gzip_page
@require_GET
def events(request: HttpRequest, slug: str, workspace: UUID) -> HttpResponse:
    """{events: […]}: a thousand after number ?after=, none after the last."""
    shown = found(_study(slug), workspace)
    text = request.GET.get("after", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise Http404
    return JsonResponse({"events": replay_queries.frames(shown, int(text))})


@study_page(Act.RUN)
@require_GET
def picture(
    request: HttpRequest, slug: str, workspace: UUID, image: UUID, size: str
) -> HttpResponse:
    shown = found(_study(slug), workspace)
    offers = WorkspaceImage.objects.select_related("image")
    row = get_object_or_404(offers, workspace=shown.workspace, image_id=image)
    return serve(row.image, size)


def found(study: Study, workspace: UUID) -> Replayed:
    try:
        return replay_queries.find(study, workspace)
    except Participant.DoesNotExist:
        raise Http404 from None


def guide(participant: Participant) -> list[dict[str, str]]:
    """What the protocol has the experimenter ask: the guides of its interviews."""
    found: list[dict[str, str]] = []
    for step in participant.protocol.read().steps:
        found += step.guide
    return found


def kind_words() -> dict[str, Any]:
    """What happened, in words, by kind of event. %(…)s are filled in by the page."""
    return {
        "workspace.opened": _("opened"),
        "workspace.closed": _("closed"),
        "category.created": _("category “%(name)s” made"),
        "category.renamed": _("category “%(was)s” renamed to “%(name)s”"),
        "category.deleted": _("category “%(name)s” deleted"),
        "category.merged": _("category “%(name)s” put into another"),
        "categories.ordered": _("categories put into another order"),
        "data.arranged": _("undone, redone or restored"),
        "images.added": _("%(n)s pictures put into “%(category)s”"),
        "images.moved": _("%(n)s pictures moved to “%(category)s”"),
        "images.copied": _("%(n)s pictures copied to “%(category)s”"),
        "images.removed": _("%(n)s pictures taken out of “%(category)s”"),
        "image.uploaded": _("a picture of their own added"),
        "training.requested": _("training %(number)s begun"),
        "training.done": _("training %(number)s done"),
        "training.failed": _("training %(number)s failed"),
        "test.requested": _("test of %(n)s pictures begun"),
        "test.done": _("test done"),
        "test.failed": _("test failed"),
        "chat.greeted": _("the assistant greets"),
        "chat.posted": _("the participant asks"),
        "chat.stopped": _("an answer is stopped"),
        "agent.called": _("an agent is asked"),
        "agent.answered": _("an agent answers"),
        "agent.failed": _("an agent fails"),
        "agent.withheld": _("an agent's words are withheld"),
        "advice.rated": _("advice judged"),
        "advice.dismissed": _("advice put away"),
        "proactive.toggled": _("the agent that speaks by itself switched on or off"),
        "action.late": _("something came after the end"),
    }


def _study(slug: str) -> Study:
    return get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
