"""Stored features as arrays. NumPy only: the agents' side reads them without loading torch."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from duetml.workspace.models import Feature

STORED = np.dtype("<f4")


def stored_features(images: Sequence[str], backbone: str) -> dict[str, NDArray[np.float32]]:
    """Image id → (d,) float32, for those images this backbone has looked at. One query."""
    rows = _of(images, backbone)
    return {
        str(image): np.frombuffer(vector, dtype=STORED)
        for image, vector in rows.values_list("image_id", "vector")
    }


def missing(images: Sequence[str], backbone: str) -> list[str]:
    """The images this backbone has not looked at, in their order, each once."""
    rows = _of(images, backbone)
    known = {str(image) for image in rows.values_list("image_id", flat=True)}
    return [image for image in dict.fromkeys(images) if image not in known]


def _of(images: Sequence[str], backbone: str) -> QuerySet[Feature]:
    ids = [UUID(image) for image in images]
    return Feature.objects.filter(image__in=ids, backbone=backbone)


def as_bytes(vector: NDArray[np.float32]) -> bytes:
    return vector.astype(STORED).tobytes()
