from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, re_path
from django.utils import translation

from duetml.config import views as shell
from duetml.workspace import views
from duetml.workspace.models import Workspace


def stage(request: HttpRequest, workspace: UUID) -> HttpResponse:
    """A workspace's page as a study shows it: title, clock and Finish in the header."""
    row = Workspace.objects.get(pk=workspace)
    with translation.override(row.language):
        return render(
            request, "stage.html", {**views.page(row), "minimum_at": row.created_at.isoformat()}
        )


def finished(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"finished {datetime.now(UTC).isoformat()}")


urlpatterns = [
    path("stage/<uuid:workspace>/", stage),
    path("finished/", finished),
    path("i18n/", include("django.conf.urls.i18n")),
    re_path(
        "^i18n/js/(?P<room>workspace|rating)/$",
        shell.JavaScriptWords.as_view(),
        name="javascript-catalog",
    ),
    path("workspace/", include("duetml.workspace.urls")),
]
