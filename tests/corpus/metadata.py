"""What is written around the pixels: used where it turns the picture, and gone in any case."""

import zlib
from collections.abc import Iterator
from io import BytesIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.corpus import jpegs, pngs
from tests.corpus.case import SECRET, SIZE, Case, file, quarters, stored

ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825
# What was done to the upright picture before it was written with this orientation.
LAID_DOWN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def cases() -> Iterator[Case]:
    yield from _orientations()
    yield from _secrets()
    yield from _broken()


def _orientations() -> Iterator[Case]:
    for number in range(1, 9):
        yield stored(
            f"EXIF orientation {number}",
            "a.jpg",
            lambda number=number: turned("JPEG", number),  # type: ignore[misc]
        )
    yield stored("EXIF orientation in a PNG", "a.png", lambda: turned("PNG", 6))
    yield stored("EXIF orientation in a WebP", "a.webp", lambda: turned("WEBP", 8))
    yield stored(
        "EXIF orientation of a large photograph",
        "phone.jpg",
        lambda: turned("JPEG", 6, (3000, 4000)),
        size=(768, 1024),
    )
    yield stored("an orientation there is not", "a.jpg", lambda: turned("JPEG", 9))


def turned(kind: str, orientation: int, size: tuple[int, int] = SIZE) -> bytes:
    upright = quarters(size)
    laid = LAID_DOWN.get(orientation)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return file(kind, upright.transpose(laid) if laid is not None else upright, exif=exif)


def _secrets() -> Iterator[Case]:
    yield stored("EXIF with a camera and a place", "a.jpg", lambda: file("JPEG", exif=_place()))
    yield stored("EXIF with a place in a PNG", "a.png", lambda: file("PNG", exif=_place()))
    yield stored("EXIF with a place in a WebP", "a.webp", lambda: file("WEBP", exif=_place()))
    yield stored("XMP", "a.jpg", lambda: jpegs.with_segments(jpegs.segment(jpegs.APP1, _XMP)))
    yield stored(
        "a comment", "a.jpg", lambda: jpegs.with_segments(jpegs.segment(jpegs.COMMENT, SECRET))
    )
    yield stored(
        "a thumbnail that shows more",
        "a.jpg",
        lambda: jpegs.with_segments(jpegs.segment(0xE2, b"MPF\0" + SECRET)),
    )
    yield stored("texts in a PNG", "a.png", _texts)
    yield stored("a comment in a GIF", "a.gif", lambda: file("GIF", comment=SECRET))


def _broken() -> Iterator[Case]:
    for what, body in (
        ("EXIF without sense", b"Exif\0\0" + b"\xff\x00garbage" * 20),
        ("EXIF that points outside", b"Exif\0\0II*\0" + b"\xff\xff\xff\x7f"),
        ("EXIF that points at itself", b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\x08"),
        ("EXIF cut short", b"Exif\0\0MM"),
    ):
        yield stored(
            what,
            "a.jpg",
            lambda body=body: jpegs.with_segments(jpegs.segment(jpegs.APP1, body)),  # type: ignore[misc]
        )
    yield stored(
        "a text in a PNG that unpacks to fifty megabytes",
        "a.png",
        lambda: pngs.with_chunks([pngs.chunk(b"zTXt", b"note\0\0" + _fifty_megabytes())]),
    )
    yield stored(
        "a colour profile in a PNG that unpacks to fifty megabytes",
        "a.png",
        lambda: pngs.with_chunks([pngs.chunk(b"iCCP", b"icc\0\0" + _fifty_megabytes())]),
    )


_XMP = (
    b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>' + SECRET
) + b"</rdf:RDF></x:xmpmeta>"


def _fifty_megabytes() -> bytes:
    return zlib.compress(bytes(50_000_000))


def _place() -> Image.Exif:
    exif = Image.Exif()
    exif[MAKE] = SECRET.decode()
    exif.get_ifd(GPS).update({1: "N", 2: (35.0, 39.0, 29.0), 3: "E", 4: (139.0, 44.0, 28.0)})
    loaded = Image.Exif()
    loaded.load(exif.tobytes())
    return loaded


def _texts() -> bytes:
    info = PngInfo()
    info.add_text("Author", SECRET.decode())
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode(), zip=True)
    out = BytesIO()
    quarters().save(out, "PNG", pnginfo=info)
    return out.getvalue()
