"""Hostile bytes in, a clean picture out: what every upload and every imported file passes through.

Nothing of the sent file survives but its pixels: metadata, animation and transparency are gone, the
size is bounded, and the result is always a JPEG. The web process runs this, so neither torch nor
scikit-learn is imported here.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import PurePath

from PIL import Image, UnidentifiedImageError

MEGA = 1_000_000
FULL_QUALITY = 90
THUMB_QUALITY = 85
EXIF_ORIENTATION = 0x0112

EXTENSIONS = {
    "JPEG": frozenset({".jpg", ".jpeg", ".jpe", ".jfif"}),
    "PNG": frozenset({".png"}),
    "WEBP": frozenset({".webp"}),
    "GIF": frozenset({".gif"}),
}
ALLOWED = "JPEG, PNG, WebP, GIF"

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
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    TRUNCATED = "truncated"
    WRONG_EXTENSION = "wrong_extension"


class Refused(Exception):  # noqa: N818 (a verdict on a file, not a failure)
    """This file does not become a picture.

    `limit` is what the file would have to keep to, for a person to read: "10 MB", "40 MP", the
    allowed formats, or, for a wrong extension, the format found inside. It is "" where there is no
    limit to name.
    """

    def __init__(self, reason: Reason, limit: str = "") -> None:
        super().__init__(f"{reason.value} {limit}".strip())
        self.reason = reason
        self.limit = limit


@dataclass(frozen=True)
class Limits:
    """What is accepted, and how large the stored picture and its thumbnail may be."""

    max_bytes: int = 10 * MEGA
    max_pixels: int = 40 * MEGA
    full_longest_side: int = 1024
    thumb_longest_side: int = 256


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
    pixels = _decode(data, name, limits)
    full = _shrunk(pixels, limits.full_longest_side)
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
    """The first frame, upright, RGB; its size is judged from the header, before decoding."""
    too_many_pixels = Refused(Reason.TOO_MANY_PIXELS, f"{limits.max_pixels / MEGA:g} MP")
    if _is_webp_cut_short(data):
        raise Refused(Reason.TRUNCATED)
    try:
        image = Image.open(BytesIO(data), formats=tuple(EXTENSIONS))
    except UnidentifiedImageError:
        raise _unidentified(data) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_many_pixels from None
    except Exception:  # Pillow's parsers raise almost anything when the bytes are hostile
        raise Refused(Reason.NOT_AN_IMAGE) from None
    with image:
        _check_extension(image, name)
        if image.width * image.height > limits.max_pixels:
            raise too_many_pixels
        try:
            # A JPEG can be decoded at half, quarter or eighth size: a 40 MP photograph then costs
            # little.
            image.draft("RGB", (limits.full_longest_side, limits.full_longest_side))
            image.load()
            return _flat_rgb(_upright(image))
        except Exception as error:
            truncated = isinstance(error, EOFError) or "truncated" in str(error).lower()
            raise Refused(Reason.TRUNCATED if truncated else Reason.NOT_AN_IMAGE) from None


def _unidentified(data: bytes) -> Refused:
    """Tell a picture of another kind (worth converting) from what is no picture at all."""
    others = (b"BM", b"II*\0", b"MM\0*", b"8BPS", b"\0\0\1\0", b"\0\0\0\x0cjP", b"<svg", b"<?xml")
    starts_like_another = data.startswith(others) or data[4:8] == b"ftyp"  # ftyp: HEIC and AVIF
    if starts_like_another:
        return Refused(Reason.UNSUPPORTED_FORMAT, ALLOWED)
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")):
        return Refused(Reason.TRUNCATED)  # the mark of an allowed format, but no whole header
    return Refused(Reason.NOT_AN_IMAGE)


def _is_webp_cut_short(data: bytes) -> bool:
    """WebP says its own length (RIFF header, little endian, counted from byte 8)."""
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return is_webp and int.from_bytes(data[4:8], "little") + 8 > len(data)


def _check_extension(image: Image.Image, name: str) -> None:
    # Several cameras write JPEGs with a second picture appended, which Pillow calls MPO.
    found = "JPEG" if image.format == "MPO" else str(image.format)
    if PurePath(name.strip()).suffix.lower() not in EXTENSIONS[found]:
        raise Refused(Reason.WRONG_EXTENSION, "WebP" if found == "WEBP" else found)


def _upright(image: Image.Image) -> Image.Image:
    try:
        orientation = image.getexif().get(EXIF_ORIENTATION)
    except Exception:  # broken metadata is no reason to lose a good picture
        return image
    turn = UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _flat_rgb(image: Image.Image) -> Image.Image:
    """RGB on white; 16-bit greys are scaled, where a plain conversion would clip them."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 257).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    # At 40 MP every copy counts: one layer with transparency and one without are all there is.
    layer = image if image.mode == "RGBA" else image.convert("RGBA")
    flat = Image.new("RGB", layer.size, "white")
    flat.paste(layer, mask=layer)
    return flat


def _shrunk(image: Image.Image, longest_side: int) -> Image.Image:
    scale = longest_side / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _as_jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
