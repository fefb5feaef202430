"""Opening and closing a workspace, and noticing that somebody is there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.db import transaction

from duetml import prompts
from duetml.features import WorkspaceSettings
from duetml.live.log import record, workspace_stream
from duetml.workspace.models import Message, Pool, Workspace, WorkspaceImage


@transaction.atomic
def create(
    settings: WorkspaceSettings,
    *,
    task: str,
    language: str,
    pool: str | None,
    images: int | None,
    seed: int,
    closes_at: datetime | None,
    now: datetime,
    shares_images: bool = False,
    payers: Sequence[str] = (),
) -> Workspace:
    """A new workspace offering `images` pictures of the pool (None: all), drawn by Random(seed).

    The order is drawn too: that of the pool's files would give their names away. `shares_images`,
    `payers`: see Workspace. Raises Pool.DoesNotExist for an unknown pool and ValueError for one
    that holds too few pictures.
    """
    source = Pool.objects.get(name=pool) if pool else None
    workspace = Workspace.objects.create(
        settings_json=settings.model_dump(mode="json"),
        language=language,
        task=task,
        pool=source,
        draw_seed=seed,
        created_at=now,
        closes_at=closes_at,
        shares_images=shares_images,
        payers=list(payers),
    )
    drawn = _draw(source, images, seed) if source else []
    WorkspaceImage.objects.bulk_create(
        WorkspaceImage(
            workspace=workspace,
            image_id=image,
            origin=WorkspaceImage.Origin.POOL,
            position=position,
        )
        for position, image in enumerate(drawn)
    )
    opened = {"images": [str(image) for image in drawn]}
    record(workspace.stream, "workspace.opened", opened, at=now)
    if settings.features.chat:
        _greet(workspace, settings, now)
    return workspace


def _draw(pool: Pool, images: int | None, seed: int) -> list[UUID]:
    there = list(pool.entries.order_by("position").values_list("image_id", flat=True))
    wanted = len(there) if images is None else images
    if wanted > len(there):
        raise ValueError(f"pool {pool.name} holds {len(there)} pictures, {wanted} were asked for")
    return Random(seed).sample(there, wanted)


def _greet(workspace: Workspace, settings: WorkspaceSettings, now: datetime) -> None:
    greeting = prompts.load("greeting", settings.agents.prompts["greeting"], workspace.language)
    message = Message.objects.create(
        workspace=workspace,
        author=Message.Author.REACTIVE,
        text=greeting.text,
        at=now,
        offline=settings.agents.provider == "offline",
    )
    told = {"message": str(message.id), "text": message.text, "offline": message.offline}
    record(workspace.stream, "chat.greeted", told, at=now)


@transaction.atomic
def close(workspace_id: UUID | str, by: str, now: datetime) -> bool:
    """Close once; False where it was closed before (or is unknown)."""
    closed = Workspace.objects.filter(pk=workspace_id, closed_at=None).update(closed_at=now)
    if closed:
        record(workspace_stream(workspace_id), "workspace.closed", {"by": by}, at=now)
    return bool(closed)


@transaction.atomic
def reschedule(
    workspace_id: UUID | str, closes_at: datetime | None, why: str, now: datetime
) -> None:
    """Let an open workspace close at another time: now, while it is paused. Its page is told."""
    if Workspace.objects.filter(pk=workspace_id, closed_at=None).update(closes_at=closes_at):
        told = {"closes_at": closes_at.isoformat() if closes_at else "", "why": why}
        record(workspace_stream(workspace_id), "workspace.rescheduled", told, at=now)


PRESENT = timedelta(seconds=30)  # a page that was not heard of for longer has nobody in front of it


def seen(workspace_id: UUID | str, now: datetime, before: datetime | None = None) -> datetime:
    """Somebody has the page open, and had it `before`; returns `now`. The proactive agent counts
    from the first time on, and anew after a time away, unless it waits for boundaries."""
    Workspace.objects.filter(pk=workspace_id).update(seen_at=now)
    if before is not None and now - before < PRESENT:
        return now
    waiting = Workspace.objects.filter(pk=workspace_id, proactive_at=None, closed_at=None)
    waiting = waiting.filter(settings_json__features__proactive=True)
    waiting = waiting.exclude(settings_json__agents__proactive_trigger="boundary")
    workspace = waiting.first()
    if workspace is not None:
        pause = timedelta(seconds=workspace.settings.agents.proactive_interval_seconds)
        waiting.update(proactive_at=now + pause)
    return now


def typing(workspace_id: UUID | str, now: datetime) -> None:
    """Somebody is writing; no event, and nothing where no agent would wait for it."""
    rows = Workspace.objects.filter(pk=workspace_id, settings_json__features__proactive=True)
    rows.filter(settings_json__agents__preset="attentive").update(typing_at=now)


def locked(workspace_id: UUID | str) -> Workspace:
    """The row, locked until the transaction ends. One workspace's actions queue up here.

    Raises Workspace.DoesNotExist.
    """
    return Workspace.objects.select_for_update().get(pk=workspace_id)


def is_over(workspace: Workspace, now: datetime) -> bool:
    """Whether nothing may change any more: closed, or past its closing time."""
    return workspace.closed_at is not None or (
        workspace.closes_at is not None and workspace.closes_at <= now
    )
