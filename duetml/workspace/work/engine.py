"""The backbone of this process: loading it takes seconds, so it is loaded once."""

import logging
from functools import lru_cache
from threading import Lock

from django.conf import settings

from duetml.vision.backbone import Backbone, BackboneError, load_backbone

log = logging.getLogger(__name__)

_loading = Lock()


def backbone() -> Backbone:
    """Raises duetml.vision.weights.BackboneError where the configured file cannot be used."""
    with _loading:
        return _loaded()


def load_early() -> None:
    """What cannot be loaded is told now and again by every job that needs it."""
    try:
        backbone()
    except BackboneError as problem:
        log.error("%s", problem)


@lru_cache(maxsize=1)
def _loaded() -> Backbone:
    return load_backbone(settings.BACKBONE_PATH, settings.BACKBONE_CONVERTED)
