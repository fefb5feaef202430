"""Workspaces outside of studies: no participant, no task, no clock."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from duetml.features import AgentSettings, Features, ModelSettings, WorkspaceSettings
from duetml.live.log import record
from duetml.workspace.models import Pool, Workspace
from duetml.workspace.queries import backbone_info, has_vendor
from duetml.workspace.services import pools, workspaces
from duetml.workspace.services.images import MOST_IMAGES

FOR_OWN_PICTURES = 500  # so many may be added however large the pool is


@transaction.atomic
def create(
    pool: Pool | None,
    features: Features,
    language: str,
    now: datetime,
    seed: int,
    *,
    shares_images: bool = False,
) -> Workspace:
    """A workspace with pictures of the pool, or (None) for pictures of one's own only.

    `shares_images`: whoever began it agreed that pictures go to the model vendor. Raises Refused
    where the pool is gone by now.
    """
    count = pools.locked(pool.pk).entries.count() if pool else 0
    return workspaces.create(
        settings_here(features),
        task="",
        language=language,
        pool=pool.name if pool else None,
        images=min(count, MOST_IMAGES - FOR_OWN_PICTURES) if pool else None,
        seed=seed,
        closes_at=None,
        now=now,
        shares_images=shares_images,
    )


def settings_here(features: Features) -> WorkspaceSettings:
    """These features with what this machine has: its vendor (or none), its backbone (or none)."""
    info = backbone_info()
    weights = info.digest if info.trained else "untrained"
    agents = {
        "provider": "openai" if has_vendor() else "offline",
        "preset": "attentive" if features.has_studio else "paper",
    }
    if settings.OPENAI_MODEL:
        agents["model"] = settings.OPENAI_MODEL
    return WorkspaceSettings(
        features=features,
        agents=AgentSettings.model_validate(agents),
        model=ModelSettings(weights=weights),
    )


@transaction.atomic
def speak(workspace: Workspace, language: str, now: datetime) -> None:
    """Go on in another language; what was said stays as it was."""
    told = {"language": language, "was": workspace.language}
    workspace.language = language
    workspace.save(update_fields=["language"])
    record(workspace.stream, "workspace.language_changed", told, at=now)
