from duetml.workspace.models.advice import AgentCall, Message, Spending
from duetml.workspace.models.claim import Claimable, LeaseLostError, State
from duetml.workspace.models.images import Feature, Image, Pool, PoolImage, PoolImport
from duetml.workspace.models.learning import Parcel, PictureMap, TestRun, TrainingRun
from duetml.workspace.models.workspace import Category, Placement, Workspace, WorkspaceImage

__all__ = [
    "AgentCall",
    "Category",
    "Claimable",
    "Feature",
    "Image",
    "LeaseLostError",
    "Message",
    "Parcel",
    "PictureMap",
    "Placement",
    "Pool",
    "PoolImage",
    "PoolImport",
    "Spending",
    "State",
    "TestRun",
    "TrainingRun",
    "Workspace",
    "WorkspaceImage",
]
