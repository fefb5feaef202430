"""A stand-in for the model vendor: a real HTTP server on this machine that speaks chat completions.

    with Vendor() as vendor:
        vendor.script(reply("Try broader names."), fails(500))
        vendor.always(hangs(), to="proactive")
        ... OpenAIClient("any key", vendor.url) ...
        vendor.requests[0].images

By hand, or for a bench in another process: `python -m tests.vendor --port 8123`, then
OPENAI_BASE_URL=http://127.0.0.1:8123/v1 (see tests.vendor.control for what it tells and takes).
"""

from tests.vendor.behaviour import (
    Behaviour,
    broken_json,
    cut,
    drips,
    fails,
    filtered,
    hangs,
    rate_limited,
    refuses,
    reply,
    sends,
)
from tests.vendor.seen import Seen
from tests.vendor.server import Vendor

__all__ = [
    "Behaviour",
    "Seen",
    "Vendor",
    "broken_json",
    "cut",
    "drips",
    "fails",
    "filtered",
    "hangs",
    "rate_limited",
    "refuses",
    "reply",
    "sends",
]
