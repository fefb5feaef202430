"""The back room of the rating, and what a study gets from it: invitations and downloads.

Scores appear here only once a study's results are unlocked, as everywhere else.
"""

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from duetml.live.log import everything
from duetml.workspace.admin import Record
from evaluation.exports import schema
from evaluation.exports.files import csv_text
from evaluation.exports.options import Options
from evaluation.models import Comment, Guess, Invitation, Rater, Rating, Showing, SideRating
from evaluation.services.exporting import exported
from evaluation.services.invitations import invite
from evaluation.services.lock import is_unlocked
from evaluation.work.export_ratings import ratings
from evaluation.work.export_scope import scope_of
from study.admin import StudyAdmin
from study.models import Study


@admin.action(description=_("Create an invitation for a rater (the link is shown once)"))
def create_invitation(self: StudyAdmin, request: HttpRequest, queryset: QuerySet[Model]) -> None:
    for study in _studies(queryset):
        token = invite(study, "", timezone.now())
        link = request.build_absolute_uri(reverse("evaluation:join", args=[token]))
        said = _("Rater's link for %(study)s, shown only now: %(link)s")
        messages.success(request, said % {"study": study.slug, "link": link})


@admin.action(description=_("Download the ratings (CSV)"))
def download_ratings(
    self: StudyAdmin, request: HttpRequest, queryset: QuerySet[Model]
) -> HttpResponse | None:
    return _download(request, queryset, "ratings.csv", _ratings)


@admin.action(description=_("Download the Mann–Whitney table (CSV)"))
def download_results(
    self: StudyAdmin, request: HttpRequest, queryset: QuerySet[Model]
) -> HttpResponse | None:
    return _download(request, queryset, "results.csv", _results)


def _studies(chosen: QuerySet[Model]) -> list[Study]:
    return list(Study.objects.filter(pk__in=chosen).select_related("protocol").order_by("slug"))


def _download(
    request: HttpRequest, queryset: QuerySet[Model], what: str, text: Callable[[Study], str]
) -> HttpResponse | None:
    """One study's file; a message instead where it is locked."""
    studies = _studies(queryset)
    if len(studies) != 1:
        messages.error(request, _("Please choose one study."))
        return None
    study = studies[0]
    if not is_unlocked(study):
        said = _("The results of %s are locked: unlock them on the study's page first.")
        messages.error(request, said % study.slug)
        return None
    response = HttpResponse(text(study), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-{what}"'
    exported(study, request.user.get_username(), what, timezone.now())
    return response


def _ratings(study: Study) -> str:
    return csv_text(schema.RATINGS, ratings(scope_of(study, Options())))


def _results(study: Study) -> str:
    # Imported when asked for: scipy has no place in a web process that starts.
    from evaluation.exports.comparison import result_rows
    from evaluation.work.export_outcomes import outcomes

    found = outcomes(study)
    return csv_text(schema.RESULTS, result_rows(found.participant, found.pooled))


admin.site.unregister(Study)


@admin.register(Study)
class StudyWithResults(StudyAdmin):
    """The study knows nothing of its evaluation, so the actions are added from here."""

    actions = (create_invitation, download_ratings, download_results)


@admin.register(Rater)
class RaterAdmin(Record):
    list_display = ("code", "study", "user", "joined_at", "trained_at", "shown", "finished_at")
    list_filter = ("study",)
    list_select_related = ("study", "user")


@admin.register(Invitation)
class InvitationAdmin(Record):
    list_display = ("__str__", "study", "created_at", "used_by", "withdrawn_at")
    list_filter = ("study",)
    list_select_related = ("study", "used_by")
    exclude = ("token_digest",)


class Unlocked(Record):
    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).filter(rater__study__unlocked_at__isnull=False)


@admin.register(Rating)
class RatingAdmin(Unlocked):
    list_display = ("rater", "submission", "criterion", "score", "reason", "version", "at")
    readonly_fields = ("history",)

    @admin.display(description=_("every change, from the log"))
    def history(self, rating: Rating) -> str:
        told = (
            f"{event.at:%Y-%m-%d %H:%M:%S}: {event.payload['was']} → {event.payload['score']}"
            for event in everything(rating.rater.stream, kinds=["rating.scored"])
            if event.payload["submission"] == str(rating.submission_id)
            and event.payload["criterion"] == rating.criterion
        )
        return "\n".join(told)

    list_filter = ("rater__study", "criterion", "rater")
    list_select_related = ("rater", "submission")


@admin.register(Comment)
class CommentAdmin(Unlocked):
    list_display = ("rater", "submission", "text", "at")
    list_filter = ("rater__study", "rater")
    list_select_related = ("rater", "submission")


@admin.register(Showing)
class ShowingAdmin(Record):
    """The plan: what is shown to whom, and whether it was handed in."""

    list_display = ("id", "rater", "kind", "submission", "submitted_at")
    list_filter = ("rater__study", "kind", "rater")
    list_select_related = ("rater", "submission")
    exclude = ("comment",)


@admin.register(SideRating)
class SideRatingAdmin(Record):
    list_display = ("showing", "criterion", "score", "reason", "at")
    list_filter = ("showing__rater__study", "showing__kind")
    list_select_related = ("showing",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        rows = super().get_queryset(request)
        return rows.filter(showing__rater__study__unlocked_at__isnull=False)


@admin.register(Guess)
class GuessAdmin(Unlocked):
    list_display = ("rater", "submission", "condition", "confidence", "at")
    list_filter = ("rater__study", "rater")
    list_select_related = ("rater", "submission")
