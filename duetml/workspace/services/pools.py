"""Image pools: made, filled and looked after by staff. Every change is an event of the pool."""

import re
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, ProtectedError
from django.utils.translation import gettext as _

from duetml.jobs import Job, enqueue
from duetml.live.log import pool_stream, record
from duetml.vision.intake import Picture
from duetml.workspace.models import Image, Pool, PoolImage, Workspace, WorkspaceImage
from duetml.workspace.queries import UNFINISHED
from duetml.workspace.services.images import store
from duetml.workspace.services.refusal import Refused
from duetml.workspace.services.wording import one_line, paragraphs

NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9_]{0,59}")
LONGEST_LICENCE = 2000
LONGEST_SOURCE = 300

# Asked before a pool loses pictures, with how many it would keep; raises Refused where somebody
# counts on them. A workspace knows nothing of studies: those who do add themselves (apps.py).
keepers: list[Callable[[Pool, int], None]] = []


def create(name: str, licence: str, by: str, now: datetime) -> Pool:
    """A new, empty pool. Raises Refused."""
    name, licence = name.strip(), _licence(licence)
    if not NAME.fullmatch(name):
        raise Refused(
            "name",
            _(
                "A pool's name has 1 to 60 of the letters a–z, digits, - and _,"
                " and begins with a letter or digit."
            ),
        )
    if Pool.objects.filter(name__iexact=name).exists():
        raise Refused("name_taken", _("There is a pool of that name already."))
    return get_or_create(name, licence, now, by)


@transaction.atomic
def get_or_create(name: str, licence: str, now: datetime, by: str = "") -> Pool:
    """The pool of that name; a licence note given replaces an empty one."""
    pool, is_new = Pool.objects.get_or_create(
        name=name, defaults={"licence": licence, "created_at": now}
    )
    if is_new:
        record(pool_stream(name), "pool.created", {"by": by, "licence": licence}, at=now)
    elif licence and not pool.licence:
        _change_licence(pool, licence, by, now)
    return pool


@transaction.atomic
def change_licence(pool_id: int, licence: str, by: str, now: datetime) -> None:
    """Raises Refused."""
    pool, licence = locked(pool_id), _licence(licence)
    if licence != pool.licence:
        _change_licence(pool, licence, by, now)


@transaction.atomic
def add(pool: Pool, picture: Picture, source: str, now: datetime, by: str | None = None) -> bool:
    """Append a picture; False where the pool has it already. `source` is seen by staff only.

    With `by`, somebody adds this one picture, which is an event of its own.
    """
    locked(pool.pk)
    image = append(pool, picture, source, now)
    if image is not None and by is not None:
        told = {"by": by, "image": str(image.id), "source": shown_source(source)}
        record(pool_stream(pool.name), "pool.picture_added", told, at=now)
    return image is not None


def append(pool: Pool, picture: Picture, source: str, now: datetime) -> Image | None:
    """The new picture of a locked pool; None where the pool has it already."""
    image = store(picture, now)
    if pool.entries.filter(image=image).exists():
        return None
    top = pool.entries.aggregate(top=Max("position"))["top"]
    position = 0 if top is None else int(top) + 1
    source = shown_source(source)
    PoolImage.objects.create(pool=pool, image=image, position=position, source=source)
    return image


def shown_source(source: str) -> str:
    """A file's name without bytes that are no text or that change how the text around it reads."""
    return one_line(source.encode("utf-8", "replace").decode())[-LONGEST_SOURCE:]


@transaction.atomic
def remove(pool_id: int, image_id: UUID, by: str, now: datetime) -> None:
    """Take a picture out of the pool, and away altogether where nothing else has it.

    Raises Refused where a workspace was offered it: its records would show a gap.
    """
    pool = locked(pool_id)
    entry = pool.entries.select_related("image").filter(image_id=image_id).first()
    if entry is None:
        return
    if WorkspaceImage.objects.filter(workspace__pool=pool, image_id=image_id).exists():
        raise Refused("in_use", _("This picture was offered in a workspace, so it has to stay."))
    _ask_keepers(pool, pool.entries.count() - 1)
    told = {"by": by, "image": str(image_id), "source": entry.source}
    entry.delete()
    record(pool_stream(pool.name), "pool.picture_removed", told, at=now)
    _forget(entry.image)


@transaction.atomic
def delete(pool_id: int, by: str, now: datetime) -> None:
    """Delete a pool that no workspace drew from. Raises Refused."""
    pool = locked(pool_id)
    if Workspace.objects.filter(pool=pool).exists():
        raise Refused("in_use", _("Workspaces drew from this pool, so it has to stay."))
    if pool.imports.filter(state__in=UNFINISHED).exists():
        raise Refused("importing", _("Pictures are still being added. Wait until that is done."))
    _ask_keepers(pool, 0)
    images = [entry.image for entry in pool.entries.select_related("image")]
    record(pool_stream(pool.name), "pool.deleted", {"by": by, "pictures": len(images)}, at=now)
    pool.delete()
    for image in images:
        _forget(image)


def embed(pool: Pool) -> None:
    """Have the features of a pool computed ahead of their use."""
    enqueue(Job.EMBED_POOL, pool=str(pool.pk))


def locked(pool_id: int) -> Pool:
    """The row, locked until the transaction ends: its pictures stay as they are. Raises Refused."""
    found = Pool.objects.select_for_update().filter(pk=pool_id).first()
    if found is None:
        raise Refused("no_pool", _("This pool does not exist any more."))
    return found


def _ask_keepers(pool: Pool, left: int) -> None:
    for keep in keepers:
        keep(pool, left)


def _licence(text: str) -> str:
    licence = paragraphs(text)
    if len(licence) > LONGEST_LICENCE:
        raise Refused(
            "licence",
            _("A licence note has at most %(most)d characters.") % {"most": LONGEST_LICENCE},
        )
    return licence


def _change_licence(pool: Pool, licence: str, by: str, now: datetime) -> None:
    told = {"by": by, "licence": licence, "was": pool.licence}
    pool.licence = licence
    pool.save(update_fields=["licence"])
    record(pool_stream(pool.name), "pool.licence_changed", told, at=now)


def _forget(image: Image) -> None:
    """Row and files, unless a pool or a workspace still has them. Last in a transaction: files know
    no rollback."""
    if image.pool_entries.exists() or WorkspaceImage.objects.filter(image=image).exists():
        return
    try:
        with transaction.atomic():
            image.delete()
            if connection.vendor == "postgresql":
                # It checks references at the end; somebody may have made one in this moment.
                connection.check_constraints()
    except (ProtectedError, IntegrityError):
        return
    for path in (image.full_path, image.thumb_path):
        default_storage.delete(path)
