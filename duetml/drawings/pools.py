"""The demo's three image pools: which figures, in which looks and scenes, in which order.

Every kind appears five times with other colours, patterns, numbers, sizes and backgrounds, so that
a pool can be sorted by kind, but as well by colour, pattern, number, place, or use.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from random import Random
from typing import Literal

from PIL import Image

from duetml.drawings import canvas as ink
from duetml.drawings import creatures, growing, scenes, swimmers, things
from duetml.drawings.canvas import LAYER, Colour, Look, Pattern, Pen
from duetml.drawings.scenes import SIDE, Scene

PoolName = Literal["practice", "animals", "mixed"]

PICTURE_SIDE = 320
QUALITY = 90
EACH = 5

Place = tuple[float, float, float]

# Where figures are, by how many there are, in shares of the scene's side: x of the centre, y, size.
# y is that of the centre for what floats, and of the ground below the figure for what stands.
FLOATING: Mapping[int, tuple[Place, ...]] = {
    1: ((0.5, 0.53, 0.74),),
    2: ((0.28, 0.4, 0.48), (0.71, 0.62, 0.5)),
    3: ((0.5, 0.28, 0.42), (0.25, 0.68, 0.42), (0.75, 0.7, 0.42)),
}
STANDING: Mapping[int, tuple[Place, ...]] = {
    1: ((0.5, 0.89, 0.74),),
    2: ((0.29, 0.77, 0.46), (0.71, 0.91, 0.5)),
    3: ((0.5, 0.71, 0.38), (0.23, 0.89, 0.42), (0.77, 0.92, 0.42)),
}
NUMBERS = (1, 1, 1, 2, 3)
SIZES = (0.72, 0.9, 1.0, 1.12)
PATTERNS: tuple[Pattern, ...] = ("plain", "plain", "stripes", "spots", "patches")


@dataclass(frozen=True)
class Drawing:
    """One picture of a pool; the name says what it shows and never reaches a participant."""

    name: str
    jpeg: bytes


@dataclass(frozen=True)
class Kind:
    """What is drawn, in which plausible colours, where, and whether it stands on something."""

    draw: Callable[[Pen], None]
    colours: tuple[Colour, ...]
    scenes: tuple[Scene, ...]
    stands: bool = True


BRIGHT = (ink.RED, ink.ORANGE, ink.YELLOW, ink.GREEN, ink.BLUE, ink.PURPLE, ink.PINK)
FUR = ((222, 150, 84), (128, 126, 132), (238, 226, 206), (150, 106, 72), (78, 72, 80))
SKIN = ((104, 150, 92), (150, 132, 84), (196, 112, 76), (84, 120, 150), (176, 168, 80))
GREYS = ((150, 156, 168), (120, 136, 156), (176, 168, 172))
INDOORS = (scenes.room, scenes.paper, scenes.room)
FLAT = (scenes.table, scenes.paper)
WATER = (scenes.underwater,)
AIR = (scenes.sky, scenes.meadow, scenes.night)

ANIMALS: Mapping[str, Kind] = {
    "fish": Kind(swimmers.fish, BRIGHT, WATER, stands=False),
    "whale": Kind(
        swimmers.whale, ((84, 124, 168), (96, 104, 130), (70, 150, 170)), WATER, stands=False
    ),
    "octopus": Kind(swimmers.octopus, BRIGHT, WATER, stands=False),
    "crab": Kind(
        swimmers.crab, (ink.RED, ink.ORANGE, ink.BLUE), (scenes.desert, scenes.underwater)
    ),
    "turtle": Kind(swimmers.turtle, SKIN, (scenes.meadow, scenes.underwater, scenes.desert)),
    "frog": Kind(
        swimmers.frog,
        (ink.GREEN, (150, 180, 70), ink.ORANGE, ink.BLUE),
        (scenes.pond, scenes.forest),
    ),
    "snake": Kind(creatures.snake, SKIN, (scenes.desert, scenes.forest, scenes.meadow)),
    "bird": Kind(creatures.bird, BRIGHT, (scenes.meadow, scenes.forest, scenes.snow)),
    "duck": Kind(swimmers.duck, (ink.YELLOW, ink.WHITE, ink.BROWN), (scenes.pond,)),
    "owl": Kind(creatures.owl, FUR[:4], (scenes.night, scenes.forest)),
    "penguin": Kind(swimmers.penguin, ((60, 66, 90), (50, 52, 60)), (scenes.snow,)),
    "butterfly": Kind(creatures.butterfly, BRIGHT, AIR, stands=False),
    "bee": Kind(creatures.bee, BRIGHT, (scenes.sky, scenes.meadow), stands=False),
    "ladybird": Kind(
        creatures.ladybird, (ink.RED, ink.YELLOW, ink.ORANGE), (scenes.meadow, scenes.forest)
    ),
    "snail": Kind(creatures.snail, BRIGHT, (scenes.meadow, scenes.forest)),
    "cat": Kind(creatures.cat, FUR, (scenes.room, scenes.meadow, scenes.night, scenes.street)),
    "dog": Kind(creatures.dog, FUR, (scenes.room, scenes.meadow, scenes.street, scenes.snow)),
    "elephant": Kind(creatures.elephant, GREYS, (scenes.desert, scenes.meadow)),
}

MIXED: Mapping[str, Kind] = {
    "cup": Kind(things.cup, BRIGHT, INDOORS),
    "chair": Kind(things.chair, BRIGHT, INDOORS),
    "guitar": Kind(things.guitar, (ink.WOOD, ink.RED, ink.BLUE, ink.BROWN), INDOORS),
    "drum": Kind(things.drum, BRIGHT, INDOORS),
    "scissors": Kind(things.scissors, BRIGHT, FLAT, stands=False),
    "hammer": Kind(things.hammer, (ink.WOOD, ink.RED, ink.BLUE, ink.YELLOW), FLAT, stands=False),
    "car": Kind(things.car, BRIGHT, (scenes.street, scenes.desert, scenes.street)),
    "boat": Kind(things.boat, BRIGHT, (scenes.pond,)),
    "plane": Kind(things.plane, BRIGHT, (scenes.sky, scenes.night, scenes.sky), stands=False),
    "hat": Kind(things.hat, (ink.WOOD, *BRIGHT), INDOORS),
    "book": Kind(things.book, BRIGHT, FLAT, stands=False),
    "lamp": Kind(things.lamp, BRIGHT, (scenes.room,)),
    "umbrella": Kind(things.umbrella, BRIGHT, (scenes.street, scenes.paper), stands=False),
    "ball": Kind(things.ball, BRIGHT, (scenes.meadow, scenes.room)),
    "clock": Kind(things.clock, BRIGHT, INDOORS),
    "potted-plant": Kind(
        growing.potted_plant, (ink.ORANGE, ink.BROWN, ink.BLUE, ink.WHITE), INDOORS
    ),
    "flower": Kind(growing.flower, BRIGHT, (scenes.meadow, scenes.paper)),
    "tree": Kind(growing.tree, (ink.GREEN, ink.YELLOW, ink.ORANGE), (scenes.meadow, scenes.snow)),
    "carrot": Kind(growing.carrot, (ink.ORANGE, ink.RED), FLAT, stands=False),
    "apple": Kind(
        growing.apple, (ink.RED, ink.GREEN, ink.YELLOW), (scenes.table, scenes.meadow, scenes.paper)
    ),
    "fish": ANIMALS["fish"],
    "bird": ANIMALS["bird"],
    "cat": ANIMALS["cat"],
    "rabbit": Kind(creatures.rabbit, FUR[:4], (scenes.meadow, scenes.snow)),
}

PRACTICE: Mapping[str, Kind] = {
    "star": Kind(things.star, BRIGHT, (scenes.paper, scenes.night), stands=False),
    "heart": Kind(things.heart, BRIGHT, (scenes.paper,), stands=False),
    "apple": MIXED["apple"],
    "banana": Kind(growing.banana, (ink.YELLOW, ink.GREEN), FLAT, stands=False),
    "cherries": Kind(growing.cherries, (ink.RED, (150, 40, 70)), FLAT, stands=False),
    "mushroom": Kind(
        growing.mushroom, (ink.RED, ink.BROWN, ink.ORANGE), (scenes.forest, scenes.paper)
    ),
    "kite": Kind(things.kite, BRIGHT, (scenes.sky, scenes.meadow), stands=False),
    "teddy": Kind(things.teddy, FUR[:4], (scenes.room, scenes.paper)),
}

POOLS: Mapping[PoolName, Mapping[str, Kind]] = {
    "practice": PRACTICE,  # 8 kinds, 40 pictures
    "animals": ANIMALS,  # 18 kinds, 90 pictures
    "mixed": MIXED,  # 24 kinds, 120 pictures
}


def draw_pool(name: PoolName, seed: int) -> Iterator[Drawing]:
    """The pictures of a pool in a shuffled order: 320 x 320 JPEGs, the same for the same seed."""
    rng = Random(f"{name} {seed}")
    titles = [(title, index) for title in POOLS[name] for index in range(EACH)]
    rng.shuffle(titles)
    for title, index in titles:
        # A generator of its own, so that a change in one figure leaves the other pictures as they
        # are.
        own = Random(f"{name} {seed} {title} {index}")
        yield Drawing(f"{title}-{index + 1}.jpg", _jpeg(_picture(POOLS[name][title], index, own)))


PRACTICE_SEED = 42  # pictures that no pool of a study holds


@lru_cache(maxsize=64)
def jpeg_of(name: str) -> bytes:
    """One drawing by pool, kind and number ("animals/fish-1"), beside every pool that is drawn.

    Raises KeyError for a kind that is not there.
    """
    pool, _, rest = name.partition("/")
    title, _, number = rest.rpartition("-")
    own = Random(f"{pool} {PRACTICE_SEED} {title} {number}")
    kinds = {str(key): value for key, value in POOLS.items()}
    return _jpeg(_picture(kinds[pool][title], int(number) - 1, own))


def _picture(kind: Kind, index: int, rng: Random) -> Image.Image:
    image = kind.scenes[index % len(kind.scenes)](rng)
    look = _look(kind, index, rng)
    number = rng.choice(NUMBERS)
    size = rng.choice(SIZES)
    looks_left = rng.random() < 0.5
    for x, y, share in (STANDING if kind.stands else FLOATING)[number]:
        figure = _figure(kind, look, looks_left, round(share * size * SIDE), rng)
        left, top = round(x * SIDE - figure.width / 2), round(y * SIDE - figure.height / 2)
        if kind.stands:
            top = round(y * SIDE - figure.height * 0.95)
            image = scenes.with_shadow(image, x * SIDE, y * SIDE, figure.width * 0.8)
        image.paste(figure, (left, top), figure)
    return image


def _look(kind: Kind, index: int, rng: Random) -> Look:
    main = kind.colours[(index + rng.randrange(len(kind.colours))) % len(kind.colours)]
    others = [colour for colour in (*BRIGHT, ink.WHITE, ink.INK) if colour != main]
    return Look(
        main=main, second=rng.choice(others), pattern=PATTERNS[(index + rng.randrange(2)) % EACH]
    )


def _figure(kind: Kind, look: Look, looks_left: bool, side: int, rng: Random) -> Image.Image:
    pen = Pen(look, rng)
    kind.draw(pen)
    layer = pen.layer
    if looks_left:
        layer = layer.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    lean = rng.uniform(-4, 4) if kind.stands else rng.uniform(-14, 14)
    layer = layer.rotate(lean, Image.Resampling.BILINEAR, expand=not kind.stands)
    scale = side / LAYER
    size = (round(layer.width * scale), round(layer.height * scale))
    return layer.resize(size, Image.Resampling.LANCZOS)


def _jpeg(image: Image.Image) -> bytes:
    small = image.resize((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.LANCZOS)
    out = BytesIO()
    small.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
