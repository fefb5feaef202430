"""A pen for one figure: outlined shapes on a transparent layer, in coordinates 0 to 100.

x runs to the right and y downwards; creatures look to the right. Layers are drawn large and shrunk
later, which is what makes their edges smooth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, radians, sin
from random import Random
from typing import Literal

from PIL import Image, ImageDraw

LAYER = 600  # pixels of a layer's side
UNIT = LAYER / 100
OUTLINE = 1.3

Colour = tuple[int, int, int]
Point = tuple[float, float]
Pattern = Literal["plain", "stripes", "spots", "patches"]

INK: Colour = (45, 40, 52)
WHITE: Colour = (252, 251, 247)
RED: Colour = (214, 62, 58)
ORANGE: Colour = (240, 140, 50)
YELLOW: Colour = (247, 204, 70)
GREEN: Colour = (96, 165, 82)
LEAF: Colour = (70, 135, 70)
BLUE: Colour = (70, 128, 200)
SKY: Colour = (130, 190, 225)
PURPLE: Colour = (140, 95, 175)
PINK: Colour = (240, 150, 170)
BROWN: Colour = (140, 95, 62)
WOOD: Colour = (196, 148, 98)
STEEL: Colour = (188, 194, 204)


@dataclass(frozen=True)
class Look:
    """What varies between two figures of the same kind."""

    main: Colour
    second: Colour
    pattern: Pattern = "plain"


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """The colour `share` of the way from a to b."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0) -> list[Point]:
    """The outline of an ellipse, turned clockwise by `turn` degrees."""
    c, s = cos(radians(turn)), sin(radians(turn))
    steps = [2 * pi * i / 72 for i in range(72)]
    return [
        (x + rx * cos(t) * c - ry * sin(t) * s, y + rx * cos(t) * s + ry * sin(t) * c)
        for t in steps
    ]


def smooth(points: Sequence[Point], closed: bool = True) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    n = len(points)
    curve: list[Point] = []
    for i in range(n if closed else n - 1):
        around = [
            points[k % n] if closed else points[min(max(k, 0), n - 1)] for k in range(i - 1, i + 3)
        ]
        curve.extend(_between(around, step / 12) for step in range(12))
    return curve if closed else [*curve, points[-1]]


def _between(around: Sequence[Point], t: float) -> Point:
    a, b, c, d = around

    def along(p: float, q: float, r: float, s: float) -> float:
        return 0.5 * (
            2 * q
            + (r - p) * t
            + (2 * p - 5 * q + 4 * r - s) * t**2
            + (3 * q - p - 3 * r + s) * t**3
        )

    return along(a[0], b[0], c[0], d[0]), along(a[1], b[1], c[1], d[1])


def rounded(x0: float, y0: float, x1: float, y1: float, radius: float) -> list[Point]:
    """The outline of a box with round corners."""
    corners = (
        (x1 - radius, y1 - radius, 0),
        (x0 + radius, y1 - radius, 1),
        (x0 + radius, y0 + radius, 2),
        (x1 - radius, y0 + radius, 3),
    )
    return [
        (x + radius * cos((quarter + i / 8) * pi / 2), y + radius * sin((quarter + i / 8) * pi / 2))
        for x, y, quarter in corners
        for i in range(9)
    ]


class Pen:
    """Draws one figure of one look; `layer` is the result."""

    def __init__(self, look: Look, rng: Random) -> None:
        self.look = look
        self.rng = rng
        self.layer = Image.new("RGBA", (LAYER, LAYER), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self.layer)
        self._pattern: Image.Image | None = None

    def shape(self, points: Sequence[Point], fill: Colour, outline: float = OUTLINE) -> None:
        """A filled shape with a darker outline."""
        self._draw.polygon(_pixels(points), fill=fill)
        self._outline(points, fill, outline)

    def body(self, points: Sequence[Point]) -> None:
        """A shape in the look's main colour that carries its pattern."""
        main = self.look.main
        self._draw.polygon(_pixels(points), fill=main)
        if self.look.pattern != "plain":
            mask = Image.new("L", self.layer.size, 0)
            ImageDraw.Draw(mask).polygon(_pixels(points), fill=255)
            self.layer.paste(self._patterned(), (0, 0), mask)
        self._outline(points, main, OUTLINE)

    def blob(self, points: Sequence[Point], fill: Colour, outline: float = OUTLINE) -> None:
        self.shape(smooth(points), fill, outline)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour, turn: float = 0) -> None:
        self.shape(ellipse(x, y, rx, ry, turn), fill)

    def box(
        self, x0: float, y0: float, x1: float, y1: float, fill: Colour, radius: float = 1.5
    ) -> None:
        self.shape(rounded(x0, y0, x1, y1, radius), fill)

    def line(self, points: Sequence[Point], colour: Colour, width: float = 1.6) -> None:
        """A stroke with round ends."""
        pixels = _pixels(points)
        self._draw.line(pixels, fill=colour, width=round(width * UNIT), joint="curve")
        r = width * UNIT / 2
        for x, y in (pixels[0], pixels[-1]):
            self._draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def curve(self, points: Sequence[Point], colour: Colour, width: float = 1.6) -> None:
        self.line(smooth(points, closed=False), colour, width)

    def dot(self, x: float, y: float, r: float, colour: Colour) -> None:
        """A disc without an outline."""
        self._draw.polygon(_pixels(ellipse(x, y, r, r)), fill=colour)

    def eye(self, x: float, y: float, r: float = 3.2) -> None:
        self.dot(x, y, r + 0.8, INK)
        self.dot(x, y, r, WHITE)
        self.dot(x + r * 0.25, y, r * 0.62, INK)
        self.dot(x + r * 0.45, y - r * 0.3, r * 0.2, WHITE)

    def _outline(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        if width:
            closed = [*points, points[0], points[1]]
            self._draw.line(
                _pixels(closed),
                fill=mixed(fill, INK, 0.6),
                width=round(width * UNIT),
                joint="curve",
            )

    def _patterned(self) -> Image.Image:
        if self._pattern is None:
            self._pattern = _pattern_image(self.look, self.rng)
        return self._pattern


def _pixels(points: Sequence[Point]) -> list[Point]:
    return [(x * UNIT, y * UNIT) for x, y in points]


def _pattern_image(look: Look, rng: Random) -> Image.Image:
    image = Image.new("RGBA", (LAYER, LAYER), look.main)
    draw = ImageDraw.Draw(image)
    if look.pattern == "stripes":
        for x in range(-20, 110, 13):
            draw.polygon(
                _pixels([(x, 0), (x + 5.5, 0), (x + 15.5, 100), (x + 10, 100)]), fill=look.second
            )
        return image
    gap, radius = (13, 3.2) if look.pattern == "spots" else (27, 8.5)
    for row, y in enumerate(range(0, 101, gap)):
        for x in range(0, 101, gap):
            centre_x = x + (row % 2) * gap / 2 + rng.uniform(-0.12, 0.12) * gap
            centre_y = y + rng.uniform(-0.12, 0.12) * gap
            draw.polygon(
                _pixels(ellipse(centre_x, centre_y, radius, radius * 0.9)), fill=look.second
            )
    return image
