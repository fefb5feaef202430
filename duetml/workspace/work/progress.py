"""How far a piece of work is, for the page that waits. A lost frame is followed by another."""

from collections.abc import Callable
from threading import Event

from duetml.live.log import workspace_stream
from duetml.live.push import push
from duetml.workspace.models import LeaseLostError, Parcel, PictureMap, TrainingRun

Tell = Callable[[str, int, int], None]


def teller(row: TrainingRun | PictureMap | Parcel, name: str, lost: Event) -> Tell:
    """tell(phase, done, total), `row` being the page's `name`. It raises LeaseLostError where
    somebody else does the work by now."""

    def tell(phase: str, done: int, total: int) -> None:
        if lost.is_set():
            raise LeaseLostError
        told = {"type": "progress", name: str(row.pk), "done": done, "total": total, "phase": phase}
        push(workspace_stream(row.workspace_id), told)

    return tell
