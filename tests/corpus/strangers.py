"""What is something else: other kinds of pictures, other kinds of files, two things at once."""

from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

from duetml.vision.intake import Reason
from tests.corpus import jpegs
from tests.corpus.case import SECRET, Case, file, refused, stored

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<!doctype html><html><body><script>alert(1)</script></body></html>"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400)


def cases() -> Iterator[Case]:
    yield from _other_pictures()
    yield from _other_files()
    yield from _two_at_once()


def _other_pictures() -> Iterator[Case]:
    for kind, name in (
        ("BMP", "old.bmp"),
        ("TIFF", "scan.tif"),
        ("ICO", "icon.ico"),
        ("AVIF", "new.avif"),
        ("JPEG2000", "map.jp2"),
    ):
        yield refused(
            f"a {kind}",
            name,
            lambda kind=kind: file(kind),  # type: ignore[misc]
            Reason.UNSUPPORTED_FORMAT,
        )
    for what, name, data in (
        ("a HEIC of a phone", "IMG_1.HEIC", HEIC),
        ("a HEIC that calls itself JPEG", "IMG_1.jpg", HEIC),
        ("a Photoshop file", "work.psd", b"8BPS\0\1" + bytes(400)),
        ("a JPEG XL", "new.jxl", b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(400)),
        ("an SVG", "drawing.svg", SVG),
        ("an SVG with a declaration", "a.svg", b'\xef\xbb\xbf<?xml version="1.0"?>\n' + SVG),
        ("an SVG that calls itself PNG", "drawing.png", b"  \n" + SVG),
    ):
        yield refused(what, name, lambda data=data: data, Reason.UNSUPPORTED_FORMAT)  # type: ignore[misc]


def _other_files() -> Iterator[Case]:
    for what, name, data in (
        ("a web page", "page.html", PAGE),
        ("a web page that calls itself JPEG", "page.jpg", PAGE),
        ("an XML file", "data.xml", b'<?xml version="1.0"?><data><a/></data>'),
        ("entities that multiply", "laughs.svg.png", b"<!DOCTYPE lolz [<!ENTITY a 'ha'>]><lolz/>"),
        ("a text that calls itself JPEG", "notes.jpg", b"Dear sir, please find attached"),
        ("a script", "a.png", b"#!/bin/sh\nrm -rf /\n"),
        ("a PDF with a JPEG in it", "a.jpg", b"%PDF-1.7\n1 0 obj stream\n" + file("JPEG")),
        ("a zip with pictures", "pictures.zip", _zip()),
        ("a zip that calls itself JPEG", "pictures.jpg", _zip()),
        ("a program", "a.exe", b"MZ\x90\0" + bytes(300)),
    ):
        yield refused(what, name, lambda data=data: data, Reason.NOT_AN_IMAGE)  # type: ignore[misc]


def _two_at_once() -> Iterator[Case]:
    """Pictures for one program, something else for another: the picture is kept, and only that."""
    yield stored("a JPEG and a zip", "a.jpg", lambda: file("JPEG") + _zip())
    yield stored("a GIF and a script", "a.gif", lambda: file("GIF") + b"/*" + SECRET + b"*/=1;")
    yield stored("a PNG and a web page", "a.png", lambda: file("PNG") + PAGE + SECRET)
    yield stored(
        "a JPEG with a web page in its comment",
        "a.jpg",
        lambda: jpegs.with_segments(jpegs.segment(jpegs.COMMENT, PAGE + SECRET)),
    )


def _zip() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr(SECRET.decode(), file("PNG"))
    return out.getvalue()
