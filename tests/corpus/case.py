"""One file of the corpus, and the picture most of them show: four colours in four quarters."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from duetml.vision.intake import Reason

Colour = tuple[int, int, int]
Quarters = tuple[Colour, Colour, Colour, Colour]  # top left, top right, bottom left, bottom right

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 180, 60), (40, 60, 210), (240, 220, 40)
USUAL: Quarters = (RED, GREEN, BLUE, YELLOW)
SIZE = (64, 48)
SECRET = b"SECRET-7f3a"  # of metadata, which must be gone


@dataclass(frozen=True)
class Stored:
    """A picture of this size whose quarters have these colours in their middle."""

    size: tuple[int, int] = SIZE
    quarters: Quarters = USUAL
    tolerance: int = 12


@dataclass(frozen=True)
class Case:
    """`what`: a sentence; `name`: the file's name as it is sent; `shown`: how a refusal names it,
    where that is not the name itself."""

    what: str
    name: str
    make: Callable[[], bytes]
    outcome: Stored | Reason
    shown: str = ""

    def __str__(self) -> str:
        return self.what.replace(" ", "-")


def stored(what: str, name: str, make: Callable[[], bytes], **expected: object) -> Case:
    return Case(what, name, make, Stored(**expected))  # type: ignore[arg-type]


def refused(
    what: str, name: str, make: Callable[[], bytes], reason: Reason, shown: str = ""
) -> Case:
    return Case(what, name, make, reason, shown)


def quarters(size: tuple[int, int] = SIZE, colours: Quarters = USUAL) -> Image.Image:
    image = Image.new("RGB", size)
    middle = (size[0] // 2, size[1] // 2)
    for number, colour in enumerate(colours):
        corner = (middle[0] * (number % 2), middle[1] * (number // 2))
        image.paste(colour, (*corner, size[0], size[1]) if number == 3 else (*corner, *size))
    return image


def file(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    out = BytesIO()
    usual: dict[str, dict[str, object]] = {
        "JPEG": {"quality": 92, "subsampling": 0},
        "WEBP": {"lossless": True},
    }
    (image or quarters()).save(out, kind, **{**usual.get(kind, {}), **options})
    return out.getvalue()
