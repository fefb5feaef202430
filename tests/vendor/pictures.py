"""Whether an image_url is one the real API takes: a web address or a data URL of a picture."""

import binascii
import re
from base64 import b64decode
from hashlib import blake2b
from io import BytesIO

from PIL import Image

from tests.vendor.rejected import RejectedError

DATA = re.compile(r"data:([\w/+.-]*);base64,")
SIGNATURES = {
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}
MOST_BYTES = 20 * 2**20
HEAD = 24  # characters of base64 that hold every signature


class Pictures:
    """Checks pictures; one that was good once is good again (agents send the same ones each time).

    `light`: only the first bytes are looked at, for benches in which time is short.
    """

    def __init__(self, light: bool) -> None:
        self._light = light
        self._good: set[bytes] = set()

    def check(self, url: str, where: str) -> None:
        """Raises RejectedError."""
        if url.startswith(("http://", "https://")):
            return  # the real one would fetch it; this one stays on its machine
        start = DATA.match(url)
        if start is None:
            raise RejectedError(
                f"Invalid '{where}'. Expected a valid URL or a base64-encoded data URL, "
                f"but got a value that is neither.",
                where,
                "invalid_value",
            )
        kind = start.group(1)
        if kind not in SIGNATURES:
            raise _unsupported(f"but got unsupported MIME type '{kind}'")
        if self._light:
            _check_head(url[start.end() : start.end() + HEAD], kind)
            return
        digest = blake2b(url.encode(), digest_size=16).digest()
        if digest not in self._good:
            _check_whole(url[start.end() :], kind)
            self._good.add(digest)


def _check_head(encoded: str, kind: str) -> None:
    if not SIGNATURES[kind].match(_decoded(encoded)):
        raise _not_a_picture()


def _check_whole(encoded: str, kind: str) -> None:
    data = _decoded(encoded)
    if len(data) > MOST_BYTES or not SIGNATURES[kind].match(data):
        raise _not_a_picture()
    try:
        with Image.open(BytesIO(data)) as picture:
            picture.load()
    except Exception:  # Pillow knows many ways to say that this is no picture
        raise _not_a_picture() from None


def _decoded(encoded: str) -> bytes:
    if not encoded:
        raise _unsupported("but got empty base64-encoded bytes")
    try:
        return b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise RejectedError("Invalid base64 image_url.", None, "invalid_base64") from None


def _unsupported(what: str) -> RejectedError:
    return RejectedError(
        "Invalid image data. Expected a base64-encoded data URL with an image MIME type "
        f"(e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), {what}.",
        None,
        "invalid_image_format",
    )


def _not_a_picture() -> RejectedError:
    return RejectedError(
        "You uploaded an unsupported image. Please make sure your image is below 20 MB in size and "
        "has one of the following formats: ['png', 'jpeg', 'gif', 'webp'].",
        None,
        "invalid_image_format",
    )
