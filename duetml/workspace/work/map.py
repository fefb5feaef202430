"""One map of all pictures: look at those that are new, lay all of them out, save it."""

import logging
from collections.abc import Callable
from threading import Event

import numpy as np
from django.utils import timezone

from duetml.live.log import workspace_stream
from duetml.live.push import push
from duetml.vision.layout import layout
from duetml.vision.weights import BackboneError
from duetml.workspace.models import PictureMap
from duetml.workspace.services import maps
from duetml.workspace.work import engine
from duetml.workspace.work.embed import embed_images
from duetml.workspace.work.features import stored_features
from duetml.workspace.work.lease import LeaseLostError, kept

log = logging.getLogger(__name__)


def draw_map(map_id: str) -> None:
    """Claim the map and do it; nothing happens where it is not to be had."""
    row = PictureMap.claim(map_id, timezone.now())
    if row is None:
        return
    try:
        with kept(row) as lost:
            points = _points(row, lost)
        maps.finish(row, points, timezone.now())
    except LeaseLostError:
        log.warning("map %s is done by another worker", row.id)
    except BackboneError as problem:
        log.error("map %s: %s", row.id, problem)
        maps.fail(row, "backbone", timezone.now())
    except Exception:
        log.exception("map %s failed", row.id)
        maps.fail(row, "crashed", timezone.now())


def _points(row: PictureMap, lost: Event) -> list[list[float]]:
    embed_images(row.images, _teller(row, lost))
    _tell(row, 0, 1, "arranging")
    vectors = stored_features(row.images, engine.backbone().digest)
    points: list[list[float]] = layout(np.stack([vectors[image] for image in row.images])).tolist()
    _tell(row, 1, 1, "arranging")
    return points


def _teller(row: PictureMap, lost: Event) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if lost.is_set():
            raise LeaseLostError
        _tell(row, done, total, "looking")

    return tell


def _tell(row: PictureMap, done: int, total: int, phase: str) -> None:
    told = {"type": "progress", "map": str(row.id), "done": done, "total": total, "phase": phase}
    push(workspace_stream(row.workspace_id), told)
