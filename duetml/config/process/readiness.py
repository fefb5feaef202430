"""Waiting until pages are served and every worker answers."""

import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPException

from celery import Celery
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from duetml.config.process.programs import WORKERS


def is_serving(host: str, port: int) -> bool:
    """Whether the web process answers /healthz."""
    try:
        address = health_address(host, port)
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False


def health_address(host: str, port: int) -> str:
    """Asked by name, so that a server open to a whole network is asked on this machine."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
    reachable = everywhere.get(host, host)
    bracketed = f"[{reachable}]" if ":" in reachable else reachable
    return f"http://{bracketed}:{port}/healthz"


def are_working(app: Celery) -> bool:
    """Whether every worker process answers a ping. Waits for at most half a second."""
    try:
        replies = app.control.ping(timeout=0.5, limit=len(WORKERS))
    except (OSError, KombuError, RedisError):
        return False
    return len(replies or []) >= len(WORKERS)


def someone_works(app: Celery) -> bool:
    """Whether any worker answers; False as well where the broker is away."""
    try:
        return bool(app.control.ping(timeout=0.5, limit=1))
    except (OSError, KombuError, RedisError):
        return False


def wait_for(condition: Callable[[], bool], until: float, given_up: Callable[[], bool]) -> bool:
    """Whether `condition` came to hold before the time `until` and before somebody gave up."""
    while time.monotonic() < until and not given_up():
        if condition():
            return True
        time.sleep(0.15)
    return False
