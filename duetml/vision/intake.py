"""Hostile bytes in, a clean picture out: what every upload and every imported file passes through.

Nothing of the sent file survives but its pixels, in sRGB: metadata, animation and transparency are
gone, the size is bounded, and the result is always a JPEG. The same pixels are the same picture,
whatever was written around them. The web process runs this, so neither torch nor scikit-learn is
imported here, and what is decoded at one time is bounded.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from pathlib import PurePath

from PIL import Image

from duetml.vision import colours, png
from duetml.vision.room import Room

MEGA = 1_000_000
FULL_QUALITY = 90
THUMB_QUALITY = 85
EXIF_ORIENTATION = 0x0112

EXTENSIONS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "GIF": (".gif",),
}
ALLOWED = "JPEG, PNG, WebP, GIF"

# Bytes that decoding costs for a pixel, measured: libwebp keeps two canvases and Pillow two copies.
BYTES_PER_PIXEL = {"JPEG": 4, "PNG": 4, "WEBP": 16, "GIF": 3}
DECODING = Room(256 * MEGA)
MOST_SCANS = 100  # of a progressive JPEG; cameras and programs write about ten
STRIP_PIXELS = MEGA

# EXIF 2.3, tag 0x0112: how the stored pixels must be turned to stand upright.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Reason(StrEnum):
    """Why a file was refused; the page words it."""

    EMPTY = "empty"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_NARROW = "too_narrow"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    TRUNCATED = "truncated"
    WRONG_EXTENSION = "wrong_extension"


class Refused(Exception):  # noqa: N818 (a verdict on a file, not a failure)
    """This file does not become a picture.

    `limit` is what the file would have to keep to, for a person to read: "10 MB", "40 MP", "20"
    (times as long as wide), the allowed formats, or, for a wrong extension, the format found
    inside. It is "" where there is no limit to name.
    """

    def __init__(self, reason: Reason, limit: str = "") -> None:
        super().__init__(f"{reason.value} {limit}".strip())
        self.reason = reason
        self.limit = limit


@dataclass(frozen=True)
class Limits:
    """What is accepted, and how large the stored picture and its thumbnail may be.

    A picture more than 20 times as long as wide would be a line of a few pixels once it is stored:
    nobody could see what it shows, and the classifier, which sees squares, neither.
    """

    max_bytes: int = 10 * MEGA
    max_pixels: int = 40 * MEGA
    # Where the decoder needs far more than the picture itself.
    fewer_pixels: Mapping[str, int] = field(default_factory=lambda: {"WEBP": 16 * MEGA})
    longest_to_shortest: int = 20
    full_longest_side: int = 1024
    thumb_longest_side: int = 256

    def pixels(self, kind: str) -> int:
        return min(self.max_pixels, self.fewer_pixels.get(kind, self.max_pixels))


@dataclass(frozen=True)
class Picture:
    """A picture as it is stored. `width` and `height` are those of `full_jpeg`, in pixels."""

    sha256: str  # of full_jpeg
    full_jpeg: bytes
    thumb_jpeg: bytes
    width: int
    height: int
    source_sha256: str  # of the bytes that came in


DEFAULT_LIMITS = Limits()


def read_picture(data: bytes, name: str, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """Check and re-encode one file; `name` is only looked at for its extension.

    The same bytes give the same picture. Raises Refused, and nothing else, for anything that cannot
    be used.
    """
    if not data:
        raise Refused(Reason.EMPTY)
    if len(data) > limits.max_bytes:
        raise Refused(Reason.TOO_MANY_BYTES, f"{limits.max_bytes / MEGA:g} MB")
    full = _decode(data, name, limits)
    full_jpeg = _as_jpeg(full, FULL_QUALITY)
    return Picture(
        sha256=hashlib.sha256(full_jpeg).hexdigest(),
        full_jpeg=full_jpeg,
        thumb_jpeg=_as_jpeg(_shrunk(full, limits.thumb_longest_side), THUMB_QUALITY),
        width=full.width,
        height=full.height,
        source_sha256=hashlib.sha256(data).hexdigest(),
    )


def _decode(data: bytes, name: str, limits: Limits) -> Image.Image:
    """The first frame, upright, sRGB, as large as it is stored; the size it comes in is judged from
    the header, before decoding."""
    if _is_webp_cut_short(data):
        raise Refused(Reason.TRUNCATED)
    with _opened(data, limits) as image:
        kind = _kind(image)
        _check_extension(kind, name)
        _check_size(image, kind, limits)
        if kind == "JPEG" and data.count(b"\xff\xda") > MOST_SCANS:
            raise Refused(Reason.NOT_AN_IMAGE)  # made to be slow: every scan visits every pixel
        # A JPEG can be decoded at half, quarter or eighth size: a 40 MP photograph then costs
        # little.
        image.draft("RGB", (limits.full_longest_side, limits.full_longest_side))
        with DECODING.taken(_cost(image, kind)):
            try:
                image.load()
                small = _shrunk(_small(image, limits), limits.full_longest_side)
                return _upright(image, colours.in_srgb(small, image))
            except Exception as error:
                truncated = isinstance(error, EOFError) or "truncated" in str(error).lower()
                raise Refused(Reason.TRUNCATED if truncated else Reason.NOT_AN_IMAGE) from None


def _opened(data: bytes, limits: Limits) -> Image.Image:
    try:
        return Image.open(BytesIO(png.only_picture(data)), formats=tuple(EXTENSIONS))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(Reason.TOO_MANY_PIXELS, f"{limits.max_pixels / MEGA:g} MP") from None
    except Exception:  # Pillow's parsers raise almost anything when the bytes are hostile
        raise _unidentified(data) from None


def _kind(image: Image.Image) -> str:
    # Several cameras write JPEGs with a second picture appended, which Pillow calls MPO.
    return "JPEG" if image.format == "MPO" else str(image.format)


def _check_size(image: Image.Image, kind: str, limits: Limits) -> None:
    if image.width * image.height > limits.pixels(kind):
        raise Refused(Reason.TOO_MANY_PIXELS, f"{limits.pixels(kind) / MEGA:g} MP")
    if max(image.size) > limits.longest_to_shortest * min(image.size):
        raise Refused(Reason.TOO_NARROW, str(limits.longest_to_shortest))


def _cost(image: Image.Image, kind: str) -> int:
    """About how many bytes decoding needs; `image` was drafted already."""
    cost = image.width * image.height * BYTES_PER_PIXEL[kind]
    if not image.info.get("progressive"):
        return cost
    scale = getattr(image, "decoderconfig", (1,))[0] or 1
    # All coefficients are kept, two bytes each, at full size, until the last scan was read.
    return cost + image.width * image.height * scale**2 * 2 * len(image.getbands())


def _unidentified(data: bytes) -> Refused:
    """Tell a picture of another kind (worth converting) from what is no picture at all."""
    others = (b"BM", b"II*\0", b"MM\0*", b"8BPS", b"\0\0\1\0", b"\0\0\0\x0cjP", b"\0\0\0\x0cJXL")
    is_heic_or_avif = data[4:8] == b"ftyp"
    if data.startswith(others) or is_heic_or_avif or _looks_like_svg(data[:1000]):
        return Refused(Reason.UNSUPPORTED_FORMAT, ALLOWED)
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")):
        return Refused(Reason.TRUNCATED)  # the mark of an allowed format, but no whole header
    return Refused(Reason.NOT_AN_IMAGE)


def _looks_like_svg(head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith(b"<svg") or (start.startswith((b"<?xml", b"<!--")) and b"<svg" in start)


def _is_webp_cut_short(data: bytes) -> bool:
    """WebP says its own length (RIFF header, little endian, counted from byte 8)."""
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return is_webp and int.from_bytes(data[4:8], "little") + 8 > len(data)


def _check_extension(found: str, name: str) -> None:
    if PurePath(name.strip()).suffix.lower() not in EXTENSIONS[found]:
        raise Refused(Reason.WRONG_EXTENSION, "WebP" if found == "WEBP" else found)


def _upright(source: Image.Image, image: Image.Image) -> Image.Image:
    try:
        orientation = source.getexif().get(EXIF_ORIENTATION)
    except Exception:  # broken metadata is no reason to lose a good picture
        return image
    turn = UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _small(image: Image.Image, limits: Limits) -> Image.Image:
    """Flat (see _flat), at most about half as large again as it is stored.

    Strip by strip: a second copy at full size, in another mode, would cost as much as decoding.
    """
    factor = max(1, 2 * max(image.size) // (3 * limits.full_longest_side))
    if factor == 1 and image.mode in ("RGB", "L", "CMYK") and not image.has_transparency_data:
        return image
    rows = factor * max(1, STRIP_PIXELS // (factor * image.width))
    small: Image.Image | None = None
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        strip = _flat(image.crop((0, top, image.width, bottom))).reduce(factor)
        if small is None:
            small = Image.new(strip.mode, (strip.width, -(-image.height // factor)))
        small.paste(strip, (0, top // factor))
    if small is None:
        raise Refused(Reason.NOT_AN_IMAGE)
    return small


def _flat(image: Image.Image) -> Image.Image:
    """L, CMYK or RGB, on white; 16-bit greys are scaled, where a plain conversion would clip."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 257).convert("L")
    if image.has_transparency_data:
        layer = image if image.mode == "RGBA" else image.convert("RGBA")
        flat = Image.new("RGB", layer.size, "white")
        flat.paste(layer, mask=layer)
        return flat
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _shrunk(image: Image.Image, longest_side: int) -> Image.Image:
    scale = longest_side / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _as_jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.info = {}  # Pillow would write a comment it has read
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
