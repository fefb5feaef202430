"""Who gets to a page of a study, and the note that they were there."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone

from study.models import Study
from study.rules.access import Act
from study.services import access, audit

View = Callable[..., HttpResponseBase]


def study_page(act: Act) -> Callable[[View], View]:
    """For those who may `act` in the study `slug`. Whoever has no role in it is told that there is
    none; whoever has another one, that it is not for them.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, **kwargs: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not request.user.is_staff:
                raise PermissionDenied
            study = get_object_or_404(Study, slug=slug)
            if not access.role_of(request.user, study):
                raise Http404
            if not access.may(request.user, study, act):
                raise PermissionDenied
            if request.method == "GET":
                audit.note_view(study, request.user, request.path, timezone.now())
            return view(request, slug, **kwargs)

        return guarded

    return decorate
