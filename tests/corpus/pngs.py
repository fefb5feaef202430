"""PNG by hand: chunks and samples that no encoder writes."""

import struct
import zlib
from collections.abc import Iterable

from PIL import Image

from tests.corpus.case import quarters

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, RGBA = 0, 2, 6
CHANNELS = {GREY: 1, RGB: 3, RGBA: 4}


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(size: tuple[int, int], depth: int, kind: int) -> bytes:
    return SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, 0))


def sixteen_bit(image: Image.Image, kind: int) -> bytes:
    """A picture with 16 bits a sample: 8-bit v becomes 257 v."""
    image = image.convert({GREY: "L", RGB: "RGB", RGBA: "RGBA"}[kind])
    samples = image.tobytes()
    row = image.width * CHANNELS[kind]
    lines = (samples[at : at + row] for at in range(0, len(samples), row))
    body = b"".join(b"\0" + bytes(v for v in line for _ in range(2)) for line in lines)
    return header(image.size, 16, kind) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def blank(size: tuple[int, int], kind: int = GREY) -> bytes:
    """Real pixels, all black, as small as deflate can make them."""
    packer = zlib.compressobj(1)
    row = bytes(1 + size[0] * CHANNELS[kind])
    body = b"".join([*(packer.compress(row) for _ in range(size[1])), packer.flush()])
    return header(size, 8, kind) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def claiming(size: tuple[int, int]) -> bytes:
    """A few bytes whose header promises any size."""
    idat = chunk(b"IDAT", zlib.compress(b"\0" * 99))
    return header(size, 8, RGB) + idat + chunk(b"IEND", b"")


def with_chunks(extra: Iterable[bytes], image: Image.Image | None = None) -> bytes:
    """The usual picture with further chunks behind its header."""
    image = image or quarters()
    row = image.width * 3
    lines = (image.tobytes()[at : at + row] for at in range(0, row * image.height, row))
    idat = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + line for line in lines)))
    return header(image.size, 8, RGB) + b"".join(extra) + idat + chunk(b"IEND", b"")
