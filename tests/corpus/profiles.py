"""ICC profiles (ICC.1:2010, version 2 and 4) of a few numbers: primaries and a tone curve."""

import struct
from collections.abc import Mapping

Primaries = tuple[tuple[float, float, float], ...]  # XYZ of red, green and blue, adapted to D50

DISPLAY_P3: Primaries = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)
ADOBE_RGB: Primaries = (
    (0.60974, 0.31111, 0.01947),
    (0.20528, 0.62567, 0.06087),
    (0.14919, 0.06322, 0.74457),
)
WHITE = (0.9642, 1.0, 0.8249)


def rgb(name: str, primaries: Primaries, curve: bytes, padding: int = 0) -> bytes:
    """`padding`: so many bytes of a private tag."""
    tags = {b"wtpt": _xyz(WHITE), b"desc": _description(name), b"cprt": _text("none")}
    for colour, xyz in zip("rgb", primaries, strict=True):
        tags[f"{colour}XYZ".encode()] = _xyz(xyz)
        tags[f"{colour}TRC".encode()] = curve
    if padding:
        tags[b"priv"] = b"data\0\0\0\0\0\0\0\1" + bytes(padding)
    return _profile(b"RGB ", tags)


def grey(name: str, curve: bytes) -> bytes:
    tags = {b"wtpt": _xyz(WHITE), b"desc": _description(name), b"cprt": _text("none")}
    return _profile(b"GRAY", tags | {b"kTRC": curve})


def gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


def srgb_curve() -> bytes:
    numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    body = b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)
    return b"para\0\0\0\0\0\3\0\0" + body


def display_p3() -> bytes:
    return rgb("Display P3", DISPLAY_P3, srgb_curve())


def adobe_rgb(padding: int = 0) -> bytes:
    return rgb("Adobe RGB (1998)", ADOBE_RGB, gamma(2.19921875), padding)


def _profile(space: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    at = 128 + 4 + 12 * len(tags)
    table, bodies = struct.pack(">I", len(tags)), b""
    for tag, raw in tags.items():
        body = raw + bytes(-len(raw) % 4)
        table += struct.pack(">4sII", tag, at + len(bodies), len(raw))
        bodies += body
    head = struct.pack(
        ">I4sI4s4s4s", at + len(bodies), b"none", 0x02400000, b"mntr", space, b"XYZ "
    )
    head += struct.pack(">6H", 2026, 1, 5, 9, 0, 0) + b"acsp" + bytes(28)
    head += b"".join(struct.pack(">i", round(number * 65536)) for number in WHITE)
    return head.ljust(128, b"\0") + table + bodies


def _xyz(numbers: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(one * 65536)) for one in numbers)


def _description(name: str) -> bytes:
    text = name.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)


def _text(text: str) -> bytes:
    return b"text\0\0\0\0" + text.encode() + b"\0"
