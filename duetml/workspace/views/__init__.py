"""What other apps use of the workspace's pages."""

from duetml.workspace.views.guard import staff_only
from duetml.workspace.views.workspace import page

__all__ = ["page", "staff_only"]
