"""The results page for staff. Until the results are unlocked nothing but progress is read."""

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from evaluation import queries
from evaluation.figures.likert import Bar, likert_bars
from evaluation.views import wording
from evaluation.work.results import Results, results
from study.models import Participant, Study
from study.rules.protocol import words


@never_cache
@require_GET
def page(request: HttpRequest, slug: str) -> HttpResponse:
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    if not request.user.is_staff:
        raise Http404
    study = get_object_or_404(Study.objects.select_related("protocol"), slug=slug)
    protocol = study.protocol.read()
    robots = study.participants.filter(kind=Participant.Kind.ROBOT).count()
    context = {
        "study": study,
        "remarks": wording.remarks(study, protocol, robots, queries.untrained_runs(study)),
        "submissions": queries.rateable(study.pk).count(),
        "progress": queries.progress(study),
        "criteria": [
            (criterion.key.upper(), words(criterion.text, get_language() or "en"))
            for criterion in protocol.rating.criteria
        ],
    }
    if study.unlocked_at is None:
        return render(request, "evaluation/locked.html", context)
    return render(request, "evaluation/results.html", context | _report(results(study)))


def _report(found: Results) -> dict[str, object]:
    return {
        "found": found,
        "findings": [
            wording.finding(row, found.treatment, found.control) for row in found.participant.rows
        ],
        "tables": [wording.table_row(row) for row in found.participant.rows],
        "pooled": [wording.table_row(row) for row in found.pooled.rows],
        "pooled_n": wording.pooled_sizes(found.pooled),
        "reachable": wording.reachable(found.participant),
        "scales": [wording.scale_row(scale) for scale in found.scales],
        "criteria_figure": _figure(
            found.criteria, _("Scores per criterion and condition"), _("worst"), _("best")
        ),
        "answers_figure": _figure(
            found.answers, _("Answers per item and condition"), _("disagree"), _("agree")
        ),
    }


def _figure(bars: tuple[Bar, ...], title: str, low: str, high: str) -> SafeString | None:
    if not any(bar.total for bar in bars):
        return None
    return mark_safe(likert_bars(bars, title, low, high))  # noqa: S308 - every word in it is escaped
