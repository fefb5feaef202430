"""Backgrounds: where a figure is shown. Drawn at 960 x 960 pixels, later shrunk to a third."""

from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from duetml.drawings.canvas import Colour, mixed

SIDE = 960

Scene = Callable[[Random], Image.Image]


def _gradient(top: Colour, bottom: Colour) -> Image.Image:
    column = Image.new("RGB", (1, SIDE))
    for y in range(SIDE):
        column.putpixel((0, y), mixed(top, bottom, y / (SIDE - 1)))
    return column.resize((SIDE, SIDE), Image.Resampling.NEAREST)


def _hill(draw: ImageDraw.ImageDraw, rng: Random, y: int, colour: Colour) -> None:
    x = rng.randint(100, 860)
    draw.ellipse((x - 1100, y, x + 1100, y + 1500), fill=colour)


def _cloud(draw: ImageDraw.ImageDraw, x: int, y: int, size: int, colour: Colour) -> None:
    for dx, dy, r in ((-1.0, 0.1, 0.6), (0.0, -0.2, 0.9), (1.0, 0.1, 0.65), (0.4, 0.15, 0.7)):
        cx, cy, radius = x + dx * size, y + dy * size, r * size
        draw.ellipse(
            (cx - radius, cy - radius * 0.75, cx + radius, cy + radius * 0.75), fill=colour
        )


def meadow(rng: Random) -> Image.Image:
    """Sky, hills and grass."""
    image = _gradient((172, 216, 240), (232, 244, 246))
    draw = ImageDraw.Draw(image)
    _cloud(draw, rng.randint(120, 840), rng.randint(90, 190), 70, (250, 252, 253))
    _hill(draw, rng, 480, (176, 208, 140))
    _hill(draw, rng, 590, (146, 190, 112))
    for _ in range(70):
        x, y = rng.randint(0, SIDE), rng.randint(690, SIDE)
        draw.line(
            (x, y, x + rng.randint(-9, 9), y - rng.randint(18, 34)), fill=(104, 156, 84), width=6
        )
    return image


def forest(rng: Random) -> Image.Image:
    """Trunks and crowns behind a clearing."""
    image = _gradient((196, 222, 190), (222, 234, 200))
    draw = ImageDraw.Draw(image)
    for x in range(-20, SIDE, 150):
        left = x + rng.randint(0, 60)
        draw.rectangle((left, 100, left + 44, 700), fill=(140, 112, 84))
        for _ in range(5):
            cx, cy, r = left + 22 + rng.randint(-80, 80), rng.randint(0, 200), rng.randint(70, 110)
            shade = mixed((98, 146, 92), (134, 176, 110), rng.random())
            draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=shade)
    draw.ellipse((-300, 620, SIDE + 300, 1500), fill=(160, 178, 108))
    return image


def desert(rng: Random) -> Image.Image:
    """Sun and dunes."""
    image = _gradient((250, 220, 166), (252, 240, 208))
    draw = ImageDraw.Draw(image)
    x = rng.randint(150, 800)
    draw.ellipse((x - 75, 80, x + 75, 230), fill=(250, 190, 90))
    _hill(draw, rng, 520, (232, 194, 130))
    _hill(draw, rng, 640, (220, 176, 112))
    return image


def snow(rng: Random) -> Image.Image:
    """Ice and falling snow."""
    image = _gradient((168, 196, 222), (218, 232, 242))
    draw = ImageDraw.Draw(image)
    _hill(draw, rng, 520, (226, 238, 246))
    _hill(draw, rng, 640, (244, 249, 252))
    for _ in range(60):
        px, py, r = rng.randint(0, SIDE), rng.randint(0, SIDE), rng.randint(4, 10)
        draw.ellipse((px - r, py - r, px + r, py + r), fill=(255, 255, 255))
    return image


def underwater(rng: Random) -> Image.Image:
    """Blue depth with sand, weed and bubbles."""
    image = _gradient((116, 196, 222), (44, 116, 168))
    draw = ImageDraw.Draw(image)
    draw.ellipse((-400, 820, SIDE + 400, 1500), fill=(222, 202, 150))
    for _ in range(6):
        x, base = rng.randint(20, SIDE - 20), rng.randint(840, 900)
        for step in range(9):
            offset = 14 if step % 2 else -14
            y = base - step * 26
            draw.ellipse((x + offset - 16, y - 26, x + offset + 16, y + 26), fill=(66, 140, 106))
    for _ in range(14):
        x, y, r = rng.randint(0, SIDE), rng.randint(0, 760), rng.randint(8, 22)
        draw.ellipse((x - r, y - r, x + r, y + r), outline=(206, 236, 246), width=5)
    return image


def pond(rng: Random) -> Image.Image:
    """Water seen from above its surface, with ripples and reeds."""
    image = _gradient((190, 224, 240), (226, 240, 240))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 470, SIDE, SIDE), fill=(110, 176, 204))
    draw.rectangle((0, 440, SIDE, 480), fill=(132, 178, 112))
    for _ in range(22):
        x, y, w = rng.randint(0, SIDE), rng.randint(520, 940), rng.randint(50, 120)
        draw.arc((x - w, y - 14, x + w, y + 14), 20, 160, fill=(176, 216, 230), width=6)
    for _ in range(7):
        x = rng.choice((rng.randint(10, 170), rng.randint(790, 950)))
        top = rng.randint(270, 400)
        draw.line((x, 560, x + rng.randint(-20, 20), top), fill=(96, 140, 84), width=10)
        draw.ellipse((x - 13, top - 50, x + 13, top + 40), fill=(128, 88, 58))
    return image


def sky(rng: Random) -> Image.Image:
    """Open air with clouds."""
    image = _gradient((112, 178, 228), (212, 234, 246))
    draw = ImageDraw.Draw(image)
    for _ in range(4):
        _cloud(
            draw, rng.randint(60, 900), rng.randint(80, 900), rng.randint(60, 110), (246, 250, 253)
        )
    return image


def night(rng: Random) -> Image.Image:
    """Moon and stars over a dark hill."""
    image = _gradient((34, 42, 84), (84, 92, 140))
    draw = ImageDraw.Draw(image)
    for _ in range(50):
        x, y, r = rng.randint(0, SIDE), rng.randint(0, 620), rng.randint(2, 6)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(250, 246, 214))
    x = rng.randint(120, 840)
    draw.ellipse((x - 70, 70, x + 70, 210), fill=(250, 240, 190))
    _hill(draw, rng, 640, (58, 84, 88))
    return image


def street(rng: Random) -> Image.Image:
    """Houses along a road."""
    image = _gradient((186, 216, 236), (232, 240, 242))
    draw = ImageDraw.Draw(image)
    for x in range(-40, SIDE, 200):
        top = rng.randint(240, 420)
        wall = rng.choice(((226, 196, 170), (204, 212, 200), (214, 200, 214), (232, 218, 178)))
        draw.rectangle((x, top, x + 190, 680), fill=wall)
        for wy in range(top + 40, 620, 100):
            for wx in (x + 35, x + 115):
                draw.rectangle((wx, wy, wx + 42, wy + 54), fill=(150, 178, 196))
    draw.rectangle((0, 670, SIDE, 710), fill=(196, 194, 190))
    draw.rectangle((0, 710, SIDE, SIDE), fill=(142, 144, 150))
    for x in range(-30, SIDE, 220):
        draw.rectangle((x, 850, x + 110, 868), fill=(238, 236, 226))
    return image


def room(rng: Random) -> Image.Image:
    """A wall and a floor."""
    wall = rng.choice(((238, 226, 206), (214, 226, 226), (232, 216, 218), (222, 228, 208)))
    image = _gradient(mixed(wall, (255, 255, 255), 0.25), wall)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 660, SIDE, SIDE), fill=(198, 160, 120))
    draw.rectangle((0, 645, SIDE, 668), fill=(246, 242, 234))
    for y in range(740, SIDE, 75):
        draw.line((0, y, SIDE, y), fill=(178, 140, 102), width=5)
    return image


def table(rng: Random) -> Image.Image:
    """A wooden table top, seen from above."""
    base = rng.choice(((214, 172, 124), (190, 146, 104), (228, 196, 152)))
    image = Image.new("RGB", (SIDE, SIDE), base)
    draw = ImageDraw.Draw(image)
    for y in range(0, SIDE, 160):
        draw.rectangle((0, y, SIDE, y + 160), fill=mixed(base, (120, 84, 54), rng.uniform(0, 0.14)))
        draw.line((0, y, SIDE, y), fill=mixed(base, (90, 60, 40), 0.45), width=5)
    return image


def paper(rng: Random) -> Image.Image:
    """One calm colour."""
    colours = ((250, 246, 236), (226, 238, 246), (248, 228, 226), (230, 242, 224), (240, 232, 248))
    colour = rng.choice(colours)
    return _gradient(mixed(colour, (255, 255, 255), 0.5), colour)


def with_shadow(image: Image.Image, x: float, y: float, width: float) -> Image.Image:
    """The same scene with a soft shadow where a figure stands; all in pixels of the scene."""
    quarter = SIDE // 4  # a blur needs no resolution
    left, top, right, bottom = x - width / 2, y - width * 0.08, x + width / 2, y + width * 0.08
    shade = Image.new("L", (quarter, quarter), 0)
    ImageDraw.Draw(shade).ellipse((left / 4, top / 4, right / 4, bottom / 4), fill=84)
    soft = shade.filter(ImageFilter.GaussianBlur(3.5)).resize(image.size, Image.Resampling.BILINEAR)
    shaded = image.copy()
    shaded.paste((30, 30, 44), mask=soft)
    return shaded
