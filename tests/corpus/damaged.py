"""Files of which a part is missing or wrong."""

from collections.abc import Iterator

from PIL import Image

from duetml.vision.intake import Reason
from tests.corpus.case import Case, file, quarters, refused, stored

NAMES = {"JPEG": "cut.jpg", "PNG": "cut.png", "WEBP": "cut.webp", "GIF": "cut.gif"}


def cases() -> Iterator[Case]:
    for kind, name in NAMES.items():
        for percent in (10, 50, 95):
            yield refused(
                f"{percent} percent of a {kind}",
                name,
                lambda kind=kind, percent=percent: _cut(kind, percent),  # type: ignore[misc]
                Reason.TRUNCATED,
            )
        yield refused(
            f"the first bytes of a {kind}",
            name,
            lambda kind=kind: file(kind)[:11],  # type: ignore[misc]
            Reason.NOT_AN_IMAGE if kind == "WEBP" else Reason.TRUNCATED,
        )
    yield refused("a progressive JPEG cut short", "cut.jpg", _cut_progressive, Reason.TRUNCATED)
    yield refused("no bytes at all", "none.jpg", lambda: b"", Reason.EMPTY)
    yield refused("zeros", "zeros.png", lambda: bytes(5000), Reason.NOT_AN_IMAGE)
    yield refused("a PNG that lost its line ends", "ftp.png", _without_returns, Reason.NOT_AN_IMAGE)
    yield stored("a JPEG with garbage behind it", "a.jpg", lambda: file("JPEG") + b"\x1f" * 9000)
    yield stored("a PNG with garbage behind it", "a.png", lambda: file("PNG") + b"\xff\xd8" * 999)


def _cut(kind: str, percent: int) -> bytes:
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    data = file(kind, noise)
    return data[: len(data) * percent // 100]


def _cut_progressive() -> bytes:
    data = file("JPEG", quarters((640, 480)), progressive=True)
    return data[: len(data) * 6 // 10]


def _without_returns() -> bytes:
    """Sent as text: \\r\\n became \\n."""
    return file("PNG").replace(b"\r\n", b"\n")
