"""Rows of an export: what experimenters wrote down."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from duetml.live.log import workspace_stream
from duetml.live.models import Event
from evaluation.work.export_scope import Scope
from evaluation.work.export_tries import tries
from study import note_queries

PEOPLE_AT_A_TIME = 100
FIELDS = ("participant_id", "pk", "workspace_id", "event_seq", "codes", "text", "at", "changed_at")
Place = tuple[UUID, int]  # a workspace, after its event of this number


def notes(scope: Scope) -> Iterator[Sequence[object]]:
    """Of each participant, the oldest first."""
    for people in scope.chunks(PEOPLE_AT_A_TIME):
        rows = note_queries.notes(scope.study).filter(participant__in=list(people))
        listed = list(rows.select_related(None).values_list(*FIELDS))
        moments = _moments([(space, seq) for _who, _pk, space, seq, *_rest in listed if space])
        place_of = {
            one.workspace: (one.step, one.number)
            for owned in tries(scope, list(people)).values()
            for one in owned
        }
        own: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
        for owner, *values in listed:
            own[owner].append(tuple(values))
        for pk, person in people.items():
            for note, space, seq, codes, text, *times in own[pk]:
                step, attempt = place_of.get(space, (None, None))
                said = (moments.get((space, seq)), *times)
                seen, *written = [scope.moment(at, person.origin) for at in said]
                yield [person.name, note, step, attempt, space, seq, seen, codes, text, *written]


def _moments(places: Collection[Place]) -> dict[Place, datetime]:
    """When the events of that number happened."""
    space_of = {workspace_stream(str(space)): space for space, _seq in places}
    numbers = {seq for _space, seq in places}
    rows = Event.objects.filter(stream__key__in=space_of, seq__in=numbers)
    return {
        (space_of[key], seq): at for key, seq, at in rows.values_list("stream__key", "seq", "at")
    }
