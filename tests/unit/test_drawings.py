"""The drawn image pools: complete, repeatable, and every picture one that the intake accepts."""

from collections import Counter
from io import BytesIO
from itertools import islice

import pytest
from PIL import Image

from duetml.drawings import PoolName, draw_pool
from duetml.drawings.pools import POOLS
from duetml.vision.intake import read_picture


def test_the_same_seed_draws_the_same_pictures() -> None:
    first, second = (list(islice(draw_pool("animals", 5), 4)) for _ in range(2))
    assert first == second


def test_another_seed_draws_other_pictures() -> None:
    first, second = ({d.jpeg for d in islice(draw_pool("practice", seed), 4)} for seed in (1, 2))
    assert not first & second


@pytest.mark.parametrize(("name", "size"), [("practice", 40), ("animals", 90), ("mixed", 120)])
def test_a_pool_promises_its_number_of_pictures(name: PoolName, size: int) -> None:
    assert len(POOLS[name]) * 5 == size


def test_the_practice_pool_is_whole_and_no_two_pictures_are_alike() -> None:
    drawings = list(draw_pool("practice", 1))
    kinds = Counter(drawing.name.rsplit("-", 1)[0] for drawing in drawings)
    assert len({drawing.jpeg for drawing in drawings}) == 40
    assert set(kinds.values()) == {5}
    assert kinds.keys() == POOLS["practice"].keys()


@pytest.mark.parametrize("name", ["animals", "mixed"])
def test_pictures_pass_the_intake_with_their_names(name: PoolName) -> None:
    for drawing in islice(draw_pool(name, 1), 12):
        picture = read_picture(drawing.jpeg, drawing.name)
        assert (picture.width, picture.height) == (320, 320)


def test_pictures_fill_their_frame_with_more_than_background() -> None:
    for drawing in islice(draw_pool("mixed", 3), 12):
        with Image.open(BytesIO(drawing.jpeg)) as image:
            colours = image.convert("RGB").quantize(16).getcolors()
        assert colours is not None
        assert len(colours) >= 8
