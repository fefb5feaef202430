"""Counts requests by the name of their address, never by the address: that may be a secret."""

import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from duetml.config.logs.tracing import request_id
from duetml.config.metrics.shared import this_process

METHODS = {"GET", "POST", "HEAD", "OPTIONS"}


def counted(
    get: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware; also gives the request's id to the thread that answers."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request_id.set(request.headers.get("X-Request-ID"))
        begun = time.perf_counter()
        response = get(request)
        _count(request, response, time.perf_counter() - begun)
        return response

    return middleware


def _count(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    match = request.resolver_match
    route = (match.view_name if match else "") or "other"
    method = request.method if request.method in METHODS else "other"
    status = f"{response.status_code // 100}xx"
    tally = this_process.tally
    tally.add("duetml_requests_total", route=route, method=str(method), status=status)
    tally.observe("duetml_request_seconds", seconds, route=route, method=str(method))
