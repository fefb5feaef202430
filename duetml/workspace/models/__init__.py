from duetml.workspace.models.advice import AgentCall, Message
from duetml.workspace.models.claim import Claimable, State
from duetml.workspace.models.images import Feature, Image, Pool, PoolImage
from duetml.workspace.models.learning import TestRun, TrainingRun
from duetml.workspace.models.workspace import Category, Placement, Workspace, WorkspaceImage

__all__ = [
    "AgentCall",
    "Category",
    "Claimable",
    "Feature",
    "Image",
    "Message",
    "Placement",
    "Pool",
    "PoolImage",
    "State",
    "TestRun",
    "TrainingRun",
    "Workspace",
    "WorkspaceImage",
]
