"""Features of pictures, computed once per picture and backbone, by a worker."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from threading import Condition
from uuid import UUID

from django.core.files.storage import default_storage

from duetml.vision.backbone import Backbone
from duetml.workspace.models import Feature, Image, PoolImage, WorkspaceImage
from duetml.workspace.work import engine
from duetml.workspace.work.features import as_bytes, missing

BATCH = 16  # also how long somebody may wait for a picture that another job has in hand
AT_ONCE = 1000

Progress = Callable[[int, int], None]


class _InHand:
    """What a job of this process is working on, so that no other does the same."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._changed = Condition()

    def take(self, names: Sequence[str], count: int) -> list[str]:
        """Up to `count` of them that nobody has in hand."""
        with self._changed:
            taken = [name for name in names if name not in self._names][:count]
            self._names.update(taken)
            return taken

    def give_back(self, names: Sequence[str]) -> None:
        with self._changed:
            self._names.difference_update(names)
            self._changed.notify_all()

    def wait_for(self, names: Sequence[str]) -> None:
        """Until nobody has any of them in hand."""
        with self._changed:
            self._changed.wait_for(lambda: self._names.isdisjoint(names))


_in_hand = _InHand()


def embed_images(images: Sequence[str], on_batch: Progress | None = None) -> int:
    """Store the features that are missing; returns how many that were.

    Every batch is stored as it comes, so that work cut short is not lost. `on_batch(done, total)`
    counts the missing ones; what it raises ends the work. Jobs that want the same pictures share
    the work; in several processes they would do it twice, which is harmless.
    """
    backbone = engine.backbone()
    left = missing(images, backbone.digest)
    total, tried = len(left), set[str]()
    while left:
        with closing(_embed_free(left, backbone)) as stored:
            for batch in stored:
                tried.update(batch)
                if on_batch is not None:
                    on_batch(len(tried), total)
        _in_hand.wait_for(left)
        left = [image for image in missing(left, backbone.digest) if image not in tried]
    return total


def _embed_free(images: Sequence[str], backbone: Backbone) -> Generator[list[str]]:
    """Look at those that no other job has in hand; gives each batch once it is stored.

    While one batch is stored, the next is worked on.
    """
    begun: deque[tuple[list[str], list[Image]]] = deque()

    def pictures() -> Iterator[list[bytes]]:
        left = list(images)
        while batch := _in_hand.take(left, BATCH):
            rows: list[Image] = []
            begun.append((batch, rows))  # at once: what is not noted here is in hand for ever
            left = [image for image in left if image not in batch]
            rows += Image.objects.in_bulk(_ids(missing(batch, backbone.digest))).values()
            yield [_read(row) for row in rows]

    try:
        for vectors in backbone.embed_batches(pictures()):
            batch, rows = begun[0]
            found = [
                Feature(image=row, backbone=backbone.digest, vector=as_bytes(vector))
                for row, vector in zip(rows, vectors, strict=True)
            ]
            Feature.objects.bulk_create(found, ignore_conflicts=True)
            _in_hand.give_back(batch)
            begun.popleft()
            yield batch
    finally:
        for batch, _ in begun:
            _in_hand.give_back(batch)


def embed_uploads(image: str) -> None:
    """Look at what lies waiting in the workspaces of this picture, the picture itself included.

    Many come at once, each with a message of its own: the first job does them all.
    """
    offered = WorkspaceImage.objects.filter(image=UUID(image))
    for workspace in offered.values_list("workspace", flat=True):
        name = f"uploads of {workspace}"
        if not _in_hand.take([name], 1):
            continue
        try:
            _embed_uploads_of(workspace)
        finally:
            _in_hand.give_back([name])


def _embed_uploads_of(workspace: UUID) -> None:
    """Until none is left that was not tried: others arrive while the first are looked at."""
    uploads = WorkspaceImage.objects.filter(
        workspace=workspace, origin=WorkspaceImage.Origin.UPLOAD
    )
    waiting = uploads.exclude(image__features__backbone=engine.backbone().digest)
    tried: set[UUID] = set()
    while new := [one for one in waiting.values_list("image", flat=True) if one not in tried]:
        tried.update(new)
        embed_images([str(one) for one in new])


def embed_pool(pool: str) -> None:
    entries = PoolImage.objects.filter(pool_id=pool).order_by("position")
    images = [str(image) for image in entries.values_list("image_id", flat=True)]
    for start in range(0, len(images), AT_ONCE):
        embed_images(images[start : start + AT_ONCE])


def _ids(images: Sequence[str]) -> list[UUID]:
    return [UUID(image) for image in images]


def _read(image: Image) -> bytes:
    with default_storage.open(image.full_path) as file:
        data: bytes = file.read()
        return data
