"""Pictures like a picture, by their features. The web process does it: NumPy only, no wait."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from duetml.jobs import Job, send
from duetml.vision.room import Room
from duetml.vision.similarity import nearest
from duetml.workspace.models import Workspace, WorkspaceImage
from duetml.workspace.queries import backbone_info
from duetml.workspace.services import similar
from duetml.workspace.work.features import STORED

MOST_SHOWN = 60
COMPARING = Room(2)  # at one time: each has all vectors of a workspace in memory


@dataclass(frozen=True)
class Similar:
    """`images`: ids, the nearest first; `without`: how many pictures were not compared, because
    nobody has looked at them yet."""

    images: list[str]
    without: int


def show_similar(workspace: Workspace, image: UUID, now: datetime) -> Similar:
    """What this workspace offers that is most like `image`, recorded as shown. Raises Refused."""
    similar.check(workspace, image, now)
    with COMPARING.taken(1):
        found = _compared(workspace, image)
    similar.note_shown(workspace.id, image, found.images, now)
    return found


def _compared(workspace: Workspace, image: UUID) -> Similar:
    offered = WorkspaceImage.objects.filter(workspace=workspace)
    looked_at = offered.filter(image__features__backbone=backbone_info().digest)
    # Sorted here: a database would carry the vectors through its sorting, at twice the time.
    found = sorted(
        looked_at.order_by().values_list("position", "image_id", "image__features__vector")
    )
    rows = {one: vector for _position, one, vector in found}
    if image not in rows:
        send(Job.EMBED, image=str(image))  # its message may have been lost
        raise similar.not_looked_at()
    to = np.frombuffer(rows[image], STORED)
    ids = [one for one in rows if one != image]
    vectors = np.frombuffer(b"".join(rows[one] for one in ids), STORED).reshape(len(ids), len(to))
    shown = [str(ids[row]) for row, _cosine in nearest(vectors, to, MOST_SHOWN)]
    return Similar(shown, offered.count() - len(rows))
