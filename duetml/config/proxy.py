"""Who asks, when a proxy stands before us."""

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The address of whoever asks. Only our own proxy is believed, and only its own entry (the last
    one): for a lock-out after wrong passwords, all people must not be one."""
    told = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return told.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
