"""Sizes and codings that are unusual and yet pictures; and those that are none."""

from collections.abc import Iterator

from PIL import Image

from duetml.vision.intake import Reason
from tests.corpus import jpegs
from tests.corpus.case import BLUE, RED, Case, file, quarters, refused, stored

ALL_RED = (RED, RED, RED, RED)


def plain(size: tuple[int, int], kind: str = "PNG") -> bytes:
    return file(kind, Image.new("RGB", size, RED))


def cases() -> Iterator[Case]:
    yield stored("a JPEG", "a.jpg", lambda: file("JPEG"))
    yield stored("a PNG", "a.png", lambda: file("PNG"))
    yield stored("a WebP", "a.webp", lambda: file("WEBP"))
    yield stored("a GIF", "a.gif", lambda: file("GIF"))
    yield stored("a lossy WebP", "a.webp", lambda: file("WEBP", lossless=False, quality=95))
    yield stored("a progressive JPEG", "a.jpg", lambda: file("JPEG", progressive=True))
    yield stored("a JPEG with arithmetic coding", "a.jpg", lambda: jpegs.ARITHMETIC, size=(32, 32))
    yield stored("an MPO of a camera", "a.jpg", _two_in_one)
    yield stored("an interlaced GIF", "a.gif", lambda: file("GIF", interlace=1))
    yield stored(
        "a JPEG of twelve megapixels",
        "phone.jpg",
        lambda: file("JPEG", quarters((4000, 3000))),
        size=(1024, 768),
    )
    yield stored(
        "a PNG that is made smaller in strips",
        "scan.png",
        lambda: file("PNG", quarters((3500, 2500)), compress_level=1),
        size=(1024, 731),
    )
    yield stored(
        "a single pixel", "dot.gif", lambda: plain((1, 1), "GIF"), size=(1, 1), quarters=ALL_RED
    )
    yield stored(
        "a panorama twenty times as long as high",
        "pano.png",
        lambda: plain((2000, 100)),
        size=(1024, 51),
        quarters=ALL_RED,
    )
    yield refused("50000 by 1", "line.png", lambda: plain((50_000, 1)), Reason.TOO_NARROW)
    yield refused("1 by 50000", "line.png", lambda: plain((1, 50_000)), Reason.TOO_NARROW)
    yield refused("21 by 1", "line.gif", lambda: plain((21, 1), "GIF"), Reason.TOO_NARROW)
    yield refused(
        "a strip of a JPEG", "line.jpg", lambda: plain((4200, 200), "JPEG"), Reason.TOO_NARROW
    )


def _two_in_one() -> bytes:
    other = Image.new("RGB", (64, 48), BLUE)
    return file("MPO", save_all=True, append_images=[other], quality=92)
