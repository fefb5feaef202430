"""The chunks of a PNG that make its picture; the rest is never looked at."""

import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Texts, times and further frames say nothing about the picture, and a text may be a bomb.
KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"iCCP", b"eXIf"})
MOST_PROFILE_BYTES = 1_000_000


def only_picture(data: bytes) -> bytes:
    """Other formats and what follows a damaged chunk are handed on as they are."""
    if not data.startswith(SIGNATURE):
        return data
    return SIGNATURE + b"".join(_kept(data))


def _kept(data: bytes) -> Iterator[memoryview]:
    at = len(SIGNATURE)
    view = memoryview(data)
    while at + 12 <= len(data):
        length = int.from_bytes(view[at : at + 4], "big")
        kind = bytes(view[at + 4 : at + 8])
        end = at + 12 + length
        if kind in KEPT and not (kind == b"iCCP" and _is_bomb(bytes(view[at + 8 : end - 4]))):
            yield view[at:end]
        if kind == b"IEND":
            return
        at = end
    yield view[at:]


def _is_bomb(body: bytes) -> bool:
    """iCCP: name, 0, method, compressed profile (PNG, third edition, 11.3.2.3)."""
    packed = body[body.find(b"\0") + 2 :]
    try:
        profile = zlib.decompressobj().decompress(packed, MOST_PROFILE_BYTES + 1)
    except zlib.error:
        return True
    return len(profile) > MOST_PROFILE_BYTES
