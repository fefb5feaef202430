"""The one place where staff without a second factor are stopped."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

SECOND, ENROL = "second-factor", "second-factor-enrol"
OPEN = {SECOND, ENROL, "login", "logout", "set_language", "healthz", "readyz", "favicon.ico"}


class SecondFactorGate:
    """Middleware: leads staff to the second step of their login before any other page answers.

    Static files are answered before it. People who are not staff pass.
    """

    def __init__(self, get: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get = get

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get(request)

    def process_view(
        self, request: HttpRequest, view: object, args: Any, kwargs: Any
    ) -> HttpResponseRedirect | None:
        match = request.resolver_match
        if not settings.SECOND_FACTOR or (match and match.view_name in OPEN):
            return None
        if not request.user.is_staff or is_verified(request):
            return None
        # What was sent cannot be sent again; where it was sent from is not known.
        back = request.get_full_path() if request.method == "GET" else "/"
        return HttpResponseRedirect(f"{reverse(SECOND)}?{urlencode({'next': back})}")


def is_verified(request: HttpRequest) -> bool:
    """Whether this session gave a code of a device that its user still has."""
    return getattr(request.user, "otp_device", None) is not None
