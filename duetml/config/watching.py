"""What a monitor asks: /healthz, and from here or with a token /readyz and /metrics."""

import ipaddress
import json
import time
from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from duetml.config import health
from duetml.config.metrics.text import metrics

KEEP_SECONDS = 2  # many ask, one looks


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This web process lives."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Everything runs that a study needs (200), or not (503), with a sentence for each."""
    if not may_watch(request):
        return _forbidden()
    found = _checked(int(time.time() / KEEP_SECONDS))
    ready = all(check.ok for check in found.values())
    told = {name: {"ok": check.ok, "says": check.says} for name, check in found.items()}
    text = json.dumps({"ready": ready, **told}, indent=1)
    return HttpResponse(text, content_type="application/json", status=200 if ready else 503)


@never_cache
@require_safe
def metrics_text(request: HttpRequest) -> HttpResponse:
    if not may_watch(request):
        return _forbidden()
    try:
        text = metrics(time.time())
    except (OSError, RedisError, DatabaseError) as problem:
        text = f"# Nothing can be told: {type(problem).__name__}; see /readyz.\n"
        return HttpResponse(text, content_type="text/plain; charset=utf-8", status=503)
    return HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")


def may_watch(request: HttpRequest) -> bool:
    """From the local network without a proxy between us, or with DUETML_METRICS_TOKEN."""
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    if token and constant_time_compare(given, f"Bearer {token}"):
        return True
    if "X-Forwarded-For" in request.headers:  # the proxy speaks for somebody else
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_private
    except ValueError:
        return False


@lru_cache(maxsize=1)
def _checked(moment: int) -> dict[str, health.Check]:
    return health.checks(time.time())


def _forbidden() -> HttpResponse:
    return HttpResponseForbidden(
        "Ask from this machine's network, or send DUETML_METRICS_TOKEN as a bearer token.\n",
        content_type="text/plain",
    )
