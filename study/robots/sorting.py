"""Sorting pictures by what one sees: their mean colour. A participant knows no names of files."""

import asyncio
import io
from collections.abc import Sequence
from random import Random

from PIL import Image

from study.robots.browser import Browser

Colour = tuple[float, float, float]

NAMES: dict[str, tuple[tuple[str, Colour], ...]] = {
    "en": (
        ("dark things", (50, 50, 50)),
        ("bright things", (225, 225, 225)),
        ("warm colours", (180, 120, 80)),
        ("green places", (95, 125, 75)),
        ("cool & blue", (90, 120, 165)),
        ("in between", (128, 128, 128)),
    ),
    "ja": (
        ("暗いもの", (50, 50, 50)),
        ("明るいもの", (225, 225, 225)),
        ("暖かい色", (180, 120, 80)),
        ("緑のあるところ", (95, 125, 75)),
        ("青っぽいもの", (90, 120, 165)),
        ("その中間", (128, 128, 128)),
    ),
}


async def look(
    browser: Browser, workspace: str, images: Sequence[str], memory: dict[str, Colour]
) -> dict[str, Colour]:
    """Fetch the thumbnails and take their mean colours. `memory` keeps what was seen before."""
    gate = asyncio.Semaphore(6)

    async def see(image: str) -> None:
        if image not in memory:
            async with gate:
                data = await browser.fetch(f"/workspace/{workspace}/image/{image}/thumb.jpg")
            memory[image] = mean_colour(data)

    await asyncio.gather(*(see(image) for image in images))
    return {image: memory[image] for image in images}


def mean_colour(data: bytes) -> Colour:
    with Image.open(io.BytesIO(data)) as picture:
        red, green, blue = picture.convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    return float(red), float(green), float(blue)


def group(
    colours: dict[str, Colour], count: int, rng: Random, language: str
) -> dict[str, list[str]]:
    """name → images, in `count` groups around colours that a seeded choice names; none is empty."""
    begin = rng.sample(list(NAMES[language]), count)
    groups: dict[str, list[str]] = {name: [] for name, _ in begin}
    centres = dict(begin)
    for image, colour in colours.items():
        nearest = min(centres, key=lambda name: _distance(centres[name], colour))
        groups[nearest].append(image)
    for name in groups:
        if not groups[name]:
            largest = max(groups, key=lambda one: len(groups[one]))
            groups[name].append(groups[largest].pop())
    return groups


def drawn_picture(rng: Random) -> bytes:
    """A picture of one's own to upload: a few coloured patches, PNG."""
    picture = Image.new("RGB", (96, 72), _any_colour(rng))
    for _ in range(4):
        left, top = rng.randint(0, 70), rng.randint(0, 50)
        picture.paste(_any_colour(rng), (left, top, left + 24, top + 20))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _any_colour(rng: Random) -> tuple[int, int, int]:
    return rng.randrange(256), rng.randrange(256), rng.randrange(256)


def _distance(one: Colour, other: Colour) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
