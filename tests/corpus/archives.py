"""Zip files a researcher might send: what becomes of every file in them, or why none is read."""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

from PIL import Image

from tests.corpus.case import file


@dataclass(frozen=True)
class Archive:
    """`added`: names that become pictures; `refused`: a part of each refusal's sentence by name;
    `hopeless`: a part of the sentence where nothing of it can be read."""

    what: str
    make: Callable[[], bytes]
    added: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    hopeless: str = ""

    def __str__(self) -> str:
        return self.what.replace(" ", "-")


def archives() -> Iterator[Archive]:
    yield Archive(
        "folders and pictures",
        lambda: packed({"cats/1.png": picture(1), "cats/sub/2.png": picture(2)}),
        ("cats/1.png", "cats/sub/2.png"),
    )
    yield Archive(
        "names that lead out of the zip file",
        lambda: packed({name: picture(1) for name in ("../../out.png", "/etc/out.png", "a.png")}),
        ("a.png",),
        {"../../out.png": "leads out", "/etc/out.png": "leads out"},
    )
    yield Archive(
        "names that lead out on Windows",
        lambda: packed({"..\\out.png": picture(1), "C:\\out.png": picture(2)}),
        (),
        {"C:\\out.png": "leads out"},  # the other begins with a dot: hidden
    )
    yield Archive(
        "a zip file in a zip file",
        lambda: packed({"inner.zip": packed({"1.png": picture(1)}), "2.png": picture(2)}),
        ("2.png",),
        {"inner.zip": "zip"},
    )
    yield Archive(
        "a bomb of one file",
        lambda: packed({"bomb.png": bytes(300_000_000), "2.png": picture(2)}),
        ("2.png",),
        {"bomb.png": "larger than 10 MB"},
    )
    yield Archive("a bomb that lies about its size", lying_bomb, (), {"bomb.png": ""})
    yield Archive("more than can be unpacked", endless, hopeless="more than")
    yield Archive(
        "a locked file", lambda: locked(packed({"1.png": picture(1)})), (), {"1.png": "encrypted"}
    )
    yield Archive(
        "an unusual packing",
        lambda: packed({"1.png": picture(1)}, ZIP_BZIP2),
        (),
        {"1.png": ""},
    )
    yield Archive(
        "a damaged file among good ones",
        lambda: damaged(packed({"1.png": picture(1), "2.png": picture(2)})),
        ("2.png",),
        {"1.png": ""},
    )
    yield Archive(
        "files of the system",
        lambda: packed(
            {
                "a/1.png": picture(1),
                "a/.DS_Store": b"x",
                "__MACOSX/a/._1.png": b"x",
                "Thumbs.db": b"",
            }
        ),
        ("a/1.png",),
    )
    yield Archive("a link", linked, (), {"link.png": "is a link"})
    yield Archive(
        "names of all kinds",
        lambda: packed({f"{name}.png": picture(3 + n) for n, name in enumerate(NAMES)}),
        tuple(f"{name}.png" for name in NAMES),
    )
    yield Archive("nothing", lambda: packed({}), hopeless="holds no files")
    yield Archive("folders only", lambda: packed({"a/": b"", "b/": b""}), hopeless="holds no files")
    yield Archive(
        "a zip file cut short",
        lambda: packed({"1.png": picture(1)})[:-20],
        hopeless="not a whole zip file",
    )
    yield Archive("a text", lambda: b"no zip at all", hopeless="not a whole zip file")
    yield Archive("no bytes", lambda: b"", hopeless="not a whole zip file")


NAMES = ("=cmd|'calc'!A1", "🦊", "がぞう", "x" * 250, "<b>", "a'b")


def picture(number: int) -> bytes:
    return file("PNG", Image.new("RGB", (32, 32), (number * 20 % 256, 90, number * 50 % 256)))


def packed(files: Mapping[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            info = ZipInfo(name)
            info.filename = name  # ZipInfo would tidy it up
            archive.writestr(info, data, method)
    return out.getvalue()


def lying_bomb() -> bytes:
    """The directory says a hundred bytes; it unpacks to fifty megabytes."""
    data = bytearray(packed({"bomb.png": bytes(50_000_000)}))
    for mark, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = data.index(mark) + offset
        data[at : at + 4] = struct.pack("<I", 100)
    return bytes(data)


def endless() -> bytes:
    """Three files that say they have four gigabytes each."""
    data = bytearray(packed({f"{n}.png": picture(n) for n in range(3)}))
    at = -1
    while (at := data.find(b"PK\1\2", at + 1)) >= 0:
        data[at + 24 : at + 28] = struct.pack("<I", 4_000_000_000)
    return bytes(data)


def locked(data: bytes) -> bytes:
    """Both headers say that a password is needed."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        changed[changed.index(mark) + offset] |= 1
    return bytes(changed)


def damaged(data: bytes) -> bytes:
    """A few bytes in the first file's body."""
    changed = bytearray(data)
    changed[60:70] = b"\xff" * 10
    return bytes(changed)


def linked() -> bytes:
    """A symbolic link, as Unix programs pack it: its body is a path."""
    info = ZipInfo("link.png")
    info.create_system = 3
    info.external_attr = 0o120777 << 16
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return out.getvalue()
