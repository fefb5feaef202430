"""One map of all pictures: look at those that are new, lay all of them out, save it."""

from functools import partial
from threading import Event

import numpy as np
from django.utils import timezone

from duetml.vision.layout import layout
from duetml.workspace.models import PictureMap
from duetml.workspace.services import maps
from duetml.workspace.work import engine
from duetml.workspace.work.embed import embed_images
from duetml.workspace.work.failing import failing
from duetml.workspace.work.features import stored_features
from duetml.workspace.work.lease import kept
from duetml.workspace.work.progress import teller


def draw_map(map_id: str) -> None:
    """Claim the map and do it; nothing happens where it is not to be had."""
    row = PictureMap.claim(map_id, timezone.now())
    if row is None:
        return
    with failing(row, maps.fail):
        with kept(row) as lost:
            points = _points(row, lost)
        maps.finish(row, points, timezone.now())


def _points(row: PictureMap, lost: Event) -> list[list[float]]:
    tell = teller(row, "map", lost)
    embed_images(row.images, partial(tell, "looking"))
    tell("arranging", 0, 1)
    vectors = stored_features(row.images, engine.backbone().digest)
    points: list[list[float]] = layout(np.stack([vectors[image] for image in row.images])).tolist()
    tell("arranging", 1, 1)
    return points
