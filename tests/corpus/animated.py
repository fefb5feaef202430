"""Moving pictures: the first frame is the picture."""

from collections.abc import Iterator

from PIL import Image

from tests.corpus.case import BLUE, SIZE, Case, file, stored

NEXT = Image.new("RGB", SIZE, BLUE)


def cases() -> Iterator[Case]:
    for kind, name in (("GIF", "a.gif"), ("WEBP", "a.webp"), ("PNG", "a.png")):
        yield stored(
            f"an animated {kind}",
            name,
            lambda kind=kind: file(kind, save_all=True, append_images=[NEXT, NEXT], duration=100),  # type: ignore[misc]
        )
    yield stored("a GIF of ten thousand frames", "a.gif", lambda: _repeated(10_000))
    yield stored(
        "a WebP of three hundred frames",
        "a.webp",
        lambda: file(
            "WEBP", save_all=True, append_images=[NEXT, Image.new("RGB", SIZE)] * 150, method=0
        ),
    )


def _repeated(times: int) -> bytes:
    """One frame, written again and again."""
    data = file("GIF")
    start = 13 + 3 * 2 ** ((data[10] & 7) + 1)  # behind the header and its palette
    return data[:start] + data[start:-1] * times + data[-1:]
