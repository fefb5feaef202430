"""Test data: pictures, pools and workspaces, as a person or a study would have made them."""

import colorsys
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from PIL import Image as Pillow

from duetml.features import AgentSettings, Features, ModelSettings, WorkspaceSettings
from duetml.live.log import ClientStamp, everything
from duetml.vision.intake import read_picture
from duetml.workspace.models import Image, Pool, Workspace
from duetml.workspace.services import pools, workspaces
from duetml.workspace.services.actions import Done, perform
from duetml.workspace.services.images import store

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)  # long past for a worker, which reads the clock
BASELINE = Features()
DUETML = Features(chat=True, ask_data=True, ask_test=True, proactive=True)


def a_picture(number: int = 0, side: int = 48, kind: str = "JPEG") -> bytes:
    """A picture file; another number is another colour."""
    hue, level = number * 0.381966 % 1, 0.5 + number % 5 / 10
    colour = tuple(round(255 * part) for part in colorsys.hsv_to_rgb(hue, 0.8, level))
    out = BytesIO()
    Pillow.new("RGB", (side, side), colour).save(out, kind)
    return out.getvalue()


def an_image(number: int = 0) -> Image:
    return store(read_picture(a_picture(number), "picture.jpg"), NOW)


def a_pool(name: str = "animals", pictures: int = 6) -> Pool:
    pool = pools.get_or_create(name, "made for tests", NOW)
    for number in range(pictures):
        pools.add(pool, read_picture(a_picture(number), "p.jpg"), f"kind/{number}.jpg", NOW)
    return pool


def a_workspace(
    features: Features = BASELINE,
    *,
    pictures: int = 6,
    language: str = "en",
    provider: str = "offline",
    weights: str = "untrained",
    minutes: float | None = None,
    shares_images: bool = True,
    payers: tuple[str, ...] = (),
    **agents: Any,
) -> Workspace:
    """A workspace opened at NOW that offers all pictures of a pool made for it; `agents` are
    settings of theirs."""
    pool = a_pool(f"pool-{uuid4().hex[:8]}", pictures) if pictures else None
    return workspaces.create(
        WorkspaceSettings(
            features=features,
            agents=AgentSettings.model_validate({"provider": provider} | agents),
            model=ModelSettings(weights=weights),
        ),
        task="Sort the animals as you like.",
        language=language,
        pool=None if pool is None else pool.name,
        images=None,
        seed=1,
        closes_at=None if minutes is None else NOW + timedelta(minutes=minutes),
        now=NOW,
        shares_images=shares_images,
        payers=payers,
    )


def images_of(workspace: Workspace) -> list[str]:
    """Ids in the order offered."""
    offered = workspace.offered.order_by("position")
    return [str(image) for image in offered.values_list("image_id", flat=True)]


def do(
    workspace: Workspace,
    action: str,
    payload: dict[str, Any] | None = None,
    *,
    client: UUID | None = None,
    now: datetime = NOW,
) -> Done:
    return perform(workspace.id, action, payload or {}, ClientStamp(client or uuid4()), now)


def a_category(workspace: Workspace, name: str, images: list[str] | None = None) -> str:
    """A category made by the participant; its id."""
    category = str(do(workspace, "category.create", {"name": name}).result["category"])
    if images:
        do(workspace, "images.add", {"category": category, "images": images})
    return category


def kinds(workspace: Workspace) -> list[str]:
    """What the log says, in order."""
    return [event.kind for event in everything(workspace.stream)]
