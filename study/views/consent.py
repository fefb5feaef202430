"""A copy of the information and consent for a participant to keep: one file, whole in itself."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from study import queries
from study.forms import questions
from study.models import Participant
from study.rules.protocol import paragraphs, words
from study.views.visitor import nobody, speak_to, who

STYLE = Path(__file__).with_name("consent_copy.css")


@never_cache
@require_GET
def copy(request: HttpRequest) -> HttpResponse:
    """In the participant's language, from the protocol they began with; also after they stopped."""
    participant_id = who(request)
    if participant_id is None:
        return nobody(request)
    participant = speak_to(request, participant_id)
    response = HttpResponse(render_to_string("study/consent_copy.html", _context(participant)))
    name = f"consent-{participant.code}.html"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _context(participant: Participant) -> dict[str, object]:
    protocol, language = participant.protocol.read(), participant.language
    step = protocol.steps[0]  # always the consent
    agreed_at = queries.agreed_at(participant)
    answers = queries.answers_of(participant).items()
    given = {item: value for (key, item), value in answers if key == step.key}
    return {
        # A file has its style in it, unlike a page.
        "style": mark_safe(f"<style>{STYLE.read_text('utf-8')}</style>"),  # noqa: S308 - our own file
        "study": words(protocol.title, language),
        "title": words(step.title, language),
        "body": paragraphs(words(step.body, language)) if step.body else [],
        "version": step.version,
        "questions": questions(step, language, given, {}),
        "agreed_at": agreed_at,
        "may_still_agree": agreed_at is None and participant.state == Participant.State.ACTIVE,
        "is_deleted": participant.erased_at is not None,
        "participant": participant,
        "digest": participant.protocol.digest,
        "contact": protocol.contact,
        "ethics": protocol.ethics,
        "retention": protocol.retention,
    }
