"""The backbone of this process: loading it takes seconds, so it is loaded once."""

from functools import lru_cache
from threading import Lock

from django.conf import settings

from duetml.vision.backbone import Backbone, load_backbone

_loading = Lock()


def backbone() -> Backbone:
    """Raises duetml.vision.weights.BackboneError where the configured file cannot be used."""
    with _loading:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> Backbone:
    return load_backbone(settings.BACKBONE_PATH)
