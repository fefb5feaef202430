"""Reads about pools. The number of queries never depends on the number of pools or pictures."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Exists, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from duetml.workspace.models import Pool, PoolImage, Workspace, WorkspaceImage
from duetml.workspace.queries import backbone_info

SAMPLE = 6


def overview() -> QuerySet[Pool]:
    """Every pool by name, with `pictures`, `ready` (looked at by the installed backbone) and
    `workspaces` (that drew from it)."""
    entries = PoolImage.objects.filter(pool=OuterRef("pk"))
    seen = entries.filter(image__features__backbone=backbone_info().digest)
    drew = Workspace.objects.filter(pool=OuterRef("pk"))
    return Pool.objects.annotate(
        pictures=_count(entries, "pool"),
        ready=_count(seen, "pool"),
        workspaces=_count(drew, "pool"),
    ).order_by("name")


def filled() -> QuerySet[Pool]:
    """Those of them that hold pictures."""
    return overview().filter(Exists(PoolImage.objects.filter(pool=OuterRef("pk"))))


def entries_of(pool: Pool, search: str) -> QuerySet[PoolImage]:
    """The pool's pictures whose file name holds the words; `in_use` where a workspace had one."""
    offered = WorkspaceImage.objects.filter(workspace__pool=pool, image=OuterRef("image"))
    found = pool.entries.select_related("image").annotate(in_use=Exists(offered))
    for word in search.split():
        found = found.filter(source__icontains=word)
    return found.order_by("position")


def samples(pools: Iterable[Pool]) -> dict[int, list[UUID]]:
    """A few pictures of each pool. By id, which is drawn: the order of files would tell kinds."""
    wanted = PoolImage.objects.filter(pool=OuterRef("pool")).order_by("image_id")
    rows = PoolImage.objects.filter(
        pool__in=list(pools), image__in=Subquery(wanted.values("image_id")[:SAMPLE])
    ).order_by("image_id")
    found: dict[int, list[UUID]] = {}
    for pool, image in rows.values_list("pool_id", "image_id"):
        found.setdefault(pool, []).append(image)
    return found


def _count(rows: QuerySet[Model], key: str) -> Coalesce:
    counted = rows.order_by().values(key).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)
