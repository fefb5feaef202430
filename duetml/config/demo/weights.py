"""Trying to fetch the backbone's weights, and giving up quickly where there is no network."""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from duetml.vision.fetch import FetchError, fetch
from duetml.vision.weights import OFFICIAL_SHA256_PREFIX

PROBE_SECONDS = 2.5


def try_to_fetch(url: str, target: Path, say: Callable[[str], None]) -> bool:
    """Whether the weights lie at `target` now; says why not in one sentence."""
    if not is_reachable(url):
        say("The image model's weights could not be fetched: no network. Going on without them.")
        return False
    say("Fetching the image model's weights (14 MB) …")
    try:
        fetch(url, target, OFFICIAL_SHA256_PREFIX, lambda done, total: None)
    except FetchError as problem:
        say(f"The image model's weights could not be fetched. {problem} Going on without them.")
        return False
    return True


def is_reachable(url: str, seconds: float = PROBE_SECONDS) -> bool:
    """Whether the server answers at all within `seconds`, looking up its name included."""
    answered = threading.Event()

    def ask() -> None:
        request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - fetch checks the scheme
        try:
            with urllib.request.urlopen(request, timeout=seconds):  # noqa: S310
                answered.set()
        except urllib.error.HTTPError:
            answered.set()  # it answers; what it says of the file is the fetching's to report
        except OSError:
            return

    # In a thread: nothing else bounds how long a name is looked up.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return answered.is_set()
