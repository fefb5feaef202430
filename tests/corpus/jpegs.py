"""JPEG by hand: segments, colour transforms and codings that Pillow does not write."""

import base64
import struct

from PIL import Image

from tests.corpus.case import file, quarters

# 32 × 32, arithmetic coding, from libjpeg-turbo's jpegtran.
ARITHMETIC = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsL"
    "EBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"
    "FBQUFBQUFBQUFBQUFBQUFBQUFBT/yQARCAAgACADAREAAhEBAxEB/8wACgAQEAUBEBEF/9oADAMBAAIRAxEAPwD/ANH0"
    "57/ayZZInwyFgqDnjrERrGL+dHAT8uVEiYIzuZQ9+gYtTYyA/9k="
)
APP1, COMMENT = 0xE1, 0xFE


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def with_segments(*segments: bytes, data: bytes | None = None) -> bytes:
    """A JPEG with these segments right behind its first two bytes."""
    data = data or file("JPEG")
    return data[:2] + b"".join(segments) + data[2:]


def ycck() -> bytes:
    """Adobe's YCCK: the inverse of the colours as Y, Cb and Cr, and no black.

    Pillow writes CMYK as it is; that these are other components, only the Adobe marker says.
    """
    inverse = quarters().point(lambda value: 255 - value).convert("YCbCr")
    planes = [plane.point(lambda value: 255 - value) for plane in inverse.split()]
    data = bytearray(file("JPEG", Image.merge("CMYK", [*planes, Image.new("L", inverse.size, 0)])))
    data[data.index(b"Adobe") + 11] = 2
    return bytes(data)
