"""Names of people that mean nothing outside the exports of one study."""

import base64
import hmac
from collections.abc import Iterable

SHORTEST = 6  # characters of 5 bits


def pseudonyms(key: bytes, prefix: str, people: Iterable[str]) -> dict[str, str]:
    """By person: the prefix and letters and digits of a keyed digest; as many as tell them apart,
    so that the same key and the same people give the same names."""
    digests = {person: _digest(key, f"{prefix}:{person}") for person in people}
    length = SHORTEST
    while len({digest[:length] for digest in digests.values()}) < len(digests):
        length += 2
    return {person: prefix + digest[:length] for person, digest in digests.items()}


def _digest(key: bytes, what: str) -> str:
    digest = hmac.new(key, what.encode(), "sha256").digest()
    return base64.b32encode(digest).decode().lower().rstrip("=")
