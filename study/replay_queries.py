"""A workspace's events for whoever replays it.

While the results are locked only those kinds are shown that people of every condition have: what
was said, by whom, and that there is a chat at all would tell the condition. Events are numbered
anew among those that are shown, since a gap would tell it as well.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from duetml.live.log import frame, workspace_stream
from duetml.live.models import Event
from duetml.workspace.models import Workspace
from duetml.workspace.rules import replay
from study.models import InterviewNote, Participant, Study
from study.queries import COUNTED

COMMON = (
    "workspace.opened",
    "workspace.closed",
    "training.requested",
    "training.done",
    "training.failed",
    "test.requested",
    "test.done",
    "test.failed",
    *replay.ARRANGING,
)
AT_A_TIME = 1000


@dataclass(frozen=True)
class Replayed:
    """A workspace and whose it is. `is_blind`: only what is common to all conditions is shown."""

    workspace: Workspace
    participant: Participant
    step: int
    is_blind: bool


def find(study: Study, workspace_id: UUID) -> Replayed:
    """Also of a try that was given up. Raises Participant.DoesNotExist."""
    theirs = Q(steps__workspace=workspace_id) | Q(steps__attempts__workspace=workspace_id)
    people = Participant.objects.filter(COUNTED, theirs, study=study).distinct()
    participant = people.select_related("protocol").get()
    run = participant.steps.get(Q(workspace=workspace_id) | Q(attempts__workspace=workspace_id))
    workspace = Workspace.objects.get(pk=workspace_id)
    return Replayed(workspace, participant, run.index, study.unlocked_at is None)


def frames(shown: Replayed, after: int, limit: int = AT_A_TIME) -> list[dict[str, Any]]:
    """What the page's own state is made from: the events after number `after`, numbered from 1."""
    found = _events(shown)[after : after + limit]
    return [_told(shown, event, number) for number, event in enumerate(found, after + 1)]


def count(shown: Replayed) -> int:
    return _events(shown).count()


def seq_of(shown: Replayed, number: int) -> int:
    """The event's number in the log; 0 for one that is not there."""
    found = _events(shown).values_list("seq", flat=True)[max(0, number - 1) : number]
    return next(iter(found), 0)


def notes(shown: Replayed) -> Iterator[tuple[InterviewNote, int]]:
    """The notes on this workspace, each with the number of the event it belongs to."""
    found = list(InterviewNote.objects.filter(workspace=shown.workspace).order_by("event_seq"))
    if found:
        numbers = list(_events(shown).values_list("seq", flat=True))
        yield from ((note, bisect_right(numbers, note.event_seq or 0)) for note in found)


def opening(shown: Replayed) -> dict[str, Any]:
    """What the page's state is before the first event, as the socket's hello would tell it."""
    workspace = shown.workspace
    first = Event.objects.filter(stream__key=workspace.stream, kind="workspace.opened").first()
    told = first.payload.get("images", []) if first else []
    images = told if isinstance(told, list) else []  # once it was their number
    return {
        "seq": 0,
        "state": {
            "workspace": {"id": str(workspace.id), "task": workspace.task, "closed": False},
            "images": [{"id": image, "origin": "pool"} for image in images],
            "categories": [],
        },
    }


def _events(shown: Replayed) -> QuerySet[Event]:
    rows = Event.objects.filter(stream__key=workspace_stream(shown.workspace.id))
    if shown.is_blind:
        rows = rows.filter(kind__in=COMMON)
    return rows.order_by("seq")


def _told(shown: Replayed, event: Event, number: int) -> dict[str, Any]:
    told = frame(event) | {"seq": number}
    if shown.is_blind and "report" in event.payload:  # has what only some conditions are told
        told["payload"] = {**event.payload, "report": {}}
    return told
