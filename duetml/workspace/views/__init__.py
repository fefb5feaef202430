"""What other apps use of the workspace's pages."""

from duetml.workspace.views.workspace import page

__all__ = ["page"]
