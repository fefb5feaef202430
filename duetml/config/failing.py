"""The page of a request that failed: our mistake, or something that is away for a moment."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template

from duetml.media import MediaError

AWAY = (OperationalError, InterfaceError, MediaError)
SECONDS = "5"


def failed(request: HttpRequest) -> HttpResponse:
    """Status 503 while the database or the pictures' storage does not answer: what asks by itself
    asks again, and so does a page that was only looked at. Else 500.
    """
    if not isinstance(sys.exc_info()[1], AWAY):
        return HttpResponse(get_template("500.html").render(), status=500)
    response = HttpResponse(get_template("503.html").render(), status=503)
    response["Retry-After"] = SECONDS
    if request.method == "GET":
        response["Refresh"] = SECONDS
    return response
