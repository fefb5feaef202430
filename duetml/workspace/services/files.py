"""Files people bring: made into pictures, or refused with a sentence that names the file."""

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from duetml.vision import intake
from duetml.vision.intake import Reason
from duetml.vision.room import Room
from duetml.workspace.services.refusal import Refused
from duetml.workspace.services.wording import clipped, one_line

LONGEST_NAME_SHOWN = 60
LIMITS = intake.DEFAULT_LIMITS
ARRIVING = Room(64 * intake.MEGA)  # bytes of files in memory at one time


def received(file: "UploadedFile[bytes]") -> intake.Picture:
    """What `read` makes of an uploaded file. However many arrive at once, few are in memory."""
    with ARRIVING.taken(file.size or 0):
        return read(file.read(), file.name or "")


def read(data: bytes, name: str) -> intake.Picture:
    """Raises Refused with a sentence that names the file and the limit."""
    try:
        return intake.read_picture(data, name, LIMITS)
    except intake.Refused as refused:
        raise Refused(refused.reason.value, _sentence(refused, name)) from None


def too_large(name: str) -> Refused:
    limit = f"{LIMITS.max_bytes / intake.MEGA:g} MB"
    refused = intake.Refused(Reason.TOO_MANY_BYTES, limit)
    return Refused(refused.reason.value, _sentence(refused, name))


def shown(name: str) -> str:
    """A file's own name without its folders, safe to show."""
    return clipped(one_line(name.replace("\\", "/").rsplit("/", 1)[-1]), LONGEST_NAME_SHOWN)


def _sentence(refused: intake.Refused, name: str) -> str:
    values = {"name": shown(name), "limit": refused.limit}
    texts = {
        Reason.EMPTY: _("“%(name)s” is empty."),
        Reason.TOO_MANY_BYTES: _("“%(name)s” is larger than %(limit)s."),
        Reason.TOO_MANY_PIXELS: _("“%(name)s” has more than %(limit)s (megapixels)."),
        Reason.TOO_NARROW: _(
            "“%(name)s” is too narrow: one side is more than %(limit)s times as long as the other."
        ),
        Reason.NOT_AN_IMAGE: _("“%(name)s” is not an image."),
        Reason.UNSUPPORTED_FORMAT: _("“%(name)s” is of a kind that cannot be used: %(limit)s can."),
        Reason.TRUNCATED: _("“%(name)s” is damaged: its end is missing."),
        Reason.WRONG_EXTENSION: _(
            "“%(name)s” holds a %(limit)s image: its ending is wrong. Rename it and add it again."
        ),
    }
    return texts[refused.reason] % values
