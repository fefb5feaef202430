"""Image pools: made and filled by staff."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from duetml.jobs import Job, enqueue
from duetml.vision.intake import Picture
from duetml.workspace.models import Pool, PoolImage
from duetml.workspace.services.images import store

LONGEST_SOURCE = 300


def get_or_create(name: str, licence: str, now: datetime) -> Pool:
    """The pool of that name; a licence note given replaces an empty one."""
    pool, _made = Pool.objects.get_or_create(
        name=name, defaults={"licence": licence, "created_at": now}
    )
    if licence and not pool.licence:
        pool.licence = licence
        pool.save(update_fields=["licence"])
    return pool


def add(pool: Pool, picture: Picture, source: str, now: datetime) -> bool:
    """Append a picture; False where the pool has it already. `source` is seen by staff only."""
    with transaction.atomic():
        Pool.objects.select_for_update().get(pk=pool.pk)
        image = store(picture, now)
        if pool.entries.filter(image=image).exists():
            return False
        top = pool.entries.aggregate(top=Max("position"))["top"]
        PoolImage.objects.create(
            pool=pool,
            image=image,
            position=0 if top is None else int(top) + 1,
            source=_storable(source)[-LONGEST_SOURCE:],
        )
        return True


def _storable(source: str) -> str:
    """A file's name may hold bytes that are no text; they become question marks."""
    return source.replace("\0", "").encode("utf-8", "replace").decode()


def embed(pool: Pool) -> None:
    """Have the features of a pool computed ahead of their use."""
    enqueue(Job.EMBED_POOL, pool=str(pool.pk))
