"""Frames to open browsers. A frame is a hint: losing one loses nothing, the row is the truth."""

import logging
from collections.abc import Mapping
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

log = logging.getLogger(__name__)


def group_of(stream: str) -> str:
    """The channel group of a stream (group names know no colon)."""
    return stream.replace(":", ".")


def push(stream: str, frame: Mapping[str, Any]) -> None:
    """Send a frame to every browser that watches the stream, now. Never raises: what was committed
    stands, and the work that is to follow it goes on."""
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(
            group_of(stream), {"type": "live.frame", "frame": dict(frame)}
        )
    except Exception as problem:  # the broker is away, or the frame cannot be packed
        log.warning("frame not pushed: %s", problem)


def push_after_commit(stream: str, frame: Mapping[str, Any]) -> None:
    transaction.on_commit(lambda: push(stream, frame))
