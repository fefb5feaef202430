"""Features of pictures, computed once per picture and backbone, by a worker."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.core.files.storage import default_storage

from duetml.workspace.models import Feature, Image, PoolImage
from duetml.workspace.work import engine
from duetml.workspace.work.features import as_bytes, missing

BATCH = 32
AT_ONCE = 1000

Progress = Callable[[int, int], None]


def embed_images(images: Sequence[str], on_batch: Progress | None = None) -> int:
    """Store the features that are missing; returns how many were computed.

    Every batch is stored as it comes, so that work cut short is not lost. `on_batch(done, total)`
    counts the missing ones; what it raises ends the work. Two workers doing the same is harmless.
    """
    backbone = engine.backbone()
    todo = missing(images, backbone.digest)
    for start in range(0, len(todo), BATCH):
        batch = todo[start : start + BATCH]
        rows = Image.objects.in_bulk(batch)
        found = [row for row in (rows.get(UUID(image)) for image in batch) if row is not None]
        vectors = backbone.embed([_read(image) for image in found])
        Feature.objects.bulk_create(
            [
                Feature(image=image, backbone=backbone.digest, vector=as_bytes(vector))
                for image, vector in zip(found, vectors, strict=True)
            ],
            ignore_conflicts=True,
        )
        if on_batch is not None:
            on_batch(start + len(batch), len(todo))
    return len(todo)


def embed_pool(pool: str) -> None:
    entries = PoolImage.objects.filter(pool_id=pool).order_by("position")
    images = [str(image) for image in entries.values_list("image_id", flat=True)]
    for start in range(0, len(images), AT_ONCE):
        embed_images(images[start : start + AT_ONCE])


def _read(image: Image) -> bytes:
    with default_storage.open(image.full_path) as file:
        data: bytes = file.read()
        return data
