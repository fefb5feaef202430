"""Which pictures an agent is shown, and how large."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps


@dataclass(frozen=True)
class ImageBudget:
    per_category: int = 4
    total: int = 24
    longest_side: int = 256


def choose(order: Mapping[str, Sequence[str]], budget: ImageBudget) -> dict[str, list[str]]:
    """The image ids to show of each category, from ids ordered most telling first.

    Every category gets its first picture before any gets a second, and so on; where the total ends
    in the middle of a round, the categories that come first have one more.
    """
    chosen: dict[str, list[str]] = {name: [] for name in order}
    left = budget.total
    for place in range(budget.per_category):
        for name in [name for name, ids in order.items() if len(ids) > place][: max(left, 0)]:
            chosen[name].append(order[name][place])
            left -= 1
    return chosen


def shrink(jpeg: bytes, longest_side: int) -> bytes:
    """The picture as an upright RGB JPEG whose longer side is at most `longest_side` pixels.

    Raises PIL.UnidentifiedImageError or OSError for bytes that are not a whole picture.
    """
    with Image.open(BytesIO(jpeg)) as opened:
        opened.draft("RGB", (longest_side, longest_side))  # JPEG: decode at a fraction of the size
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    picture.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    out = BytesIO()
    picture.save(out, "JPEG", quality=85)  # a new file: no EXIF, so no places or names are sent
    return out.getvalue()
