from typing import Any

from duetml.workspace import queries
from duetml.workspace.models import Workspace


def page(workspace: Workspace) -> dict[str, Any]:
    """What workspace/workspace.html needs."""
    return {
        "workspace": workspace,
        "features": workspace.settings.features,
        "socket": f"/ws/workspace/{workspace.id}/",
        "untrained": not queries.backbone_info().trained,
    }
