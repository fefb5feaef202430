"""Small files that unpack to far too much."""

from collections.abc import Iterator

from PIL import Image

from duetml.vision.intake import Reason
from tests.corpus import jpegs, pngs
from tests.corpus.case import Case, Quarters, file, quarters, refused, stored

BLACK: Quarters = ((0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0))


def cases() -> Iterator[Case]:
    for size in ((6400, 6400), (20_000, 20_000), (65_535, 65_535)):
        yield refused(
            f"a PNG that claims {size[0]} by {size[1]}",
            "bomb.png",
            lambda size=size: pngs.claiming(size),  # type: ignore[misc]
            Reason.TOO_MANY_PIXELS,
        )
    yield refused(
        "a PNG of 49 megapixels",
        "bomb.png",
        lambda: pngs.blank((7000, 7000)),
        Reason.TOO_MANY_PIXELS,
    )
    yield stored(
        "a PNG of 36 megapixels",
        "large.png",
        lambda: pngs.blank((6000, 6000), pngs.RGB),
        size=(1024, 1024),
        quarters=BLACK,
    )
    yield refused(
        "a GIF of 49 megapixels",
        "bomb.gif",
        lambda: file("GIF", Image.new("P", (7000, 7000))),
        Reason.TOO_MANY_PIXELS,
    )
    yield refused("a GIF that claims a large screen", "bomb.gif", _wide_gif, Reason.TOO_MANY_PIXELS)
    yield refused(
        "a WebP of 17 megapixels",
        "bomb.webp",
        lambda: file("WEBP", Image.new("RGB", (4130, 4130)), method=0),
        Reason.TOO_MANY_PIXELS,
    )
    yield refused("a WebP that claims all it can", "bomb.webp", _wide_webp, Reason.TOO_MANY_PIXELS)
    yield refused(
        "a JPEG of 49 megapixels",
        "bomb.jpg",
        lambda: file("JPEG", Image.new("L", (7000, 7000))),
        Reason.TOO_MANY_PIXELS,
    )
    yield refused("a JPEG of a thousand scans", "slow.jpg", _many_scans, Reason.NOT_AN_IMAGE)
    yield refused("eleven megabytes", "big.jpg", lambda: bytes(11_000_000), Reason.TOO_MANY_BYTES)


def _wide_gif() -> bytes:
    data = bytearray(file("GIF"))
    data[6:10] = b"\xff\xff\xff\xff"
    return bytes(data)


def _wide_webp() -> bytes:
    """VP8L: signature, then 14 bits each of width and height less one."""
    data = bytearray(file("WEBP"))
    at = data.index(b"VP8L") + 9
    bits = int.from_bytes(data[at : at + 4], "little") >> 28 << 28
    data[at : at + 4] = (bits | 16_382 << 14 | 16_382).to_bytes(4, "little")
    return bytes(data)


def _many_scans() -> bytes:
    """A progressive JPEG whose last scan comes again and again: each visits every block."""
    data = file("JPEG", quarters((640, 480)), progressive=True)
    last = data.rindex(b"\xff\xda")
    return jpegs.with_segments(data=data[:-2] + data[last:-2] * 1000 + data[-2:])
