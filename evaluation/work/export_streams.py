"""The streams of events of a study, by the names an export has for them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from duetml.live.log import participant_stream, rater_stream, study_stream, workspace_stream
from evaluation.work.export_scope import Scope
from study.models import Attempt, StepRun


@dataclass(frozen=True, slots=True)
class Named:
    """A stream: its key in the log; kind, code, step and workspace as in the table of events."""

    key: str
    kind: str
    code: str
    step: str | None
    workspace: str | None
    origin: datetime


def streams(scope: Scope) -> Iterator[Named]:
    """The study's, then per participant theirs and their workspaces', then the raters'."""
    study = scope.study
    began = study.opened_at or study.created_at
    yield Named(study_stream(study.slug), "study", study.slug, None, None, began)
    spaces = _workspaces(scope)
    for pk, one in scope.people.items():
        yield Named(participant_stream(pk), "participant", one.name, None, None, one.origin)
        for step, space in spaces[pk]:
            key = workspace_stream(space)
            yield Named(key, "workspace", one.name, step, str(space), one.origin)
    for rater, one in scope.raters.items():
        yield Named(rater_stream(rater), "rater", one.name, None, None, one.origin)


def _workspaces(scope: Scope) -> dict[UUID, list[tuple[str, UUID]]]:
    """(step, workspace) by participant in the order of the steps, earlier tries first."""
    found: dict[UUID, list[tuple[int, datetime, str, UUID]]] = defaultdict(list)
    tasks = StepRun.objects.filter(participant__study=scope.study).exclude(workspace=None)
    fields = ("participant_id", "index", "workspace__created_at", "key", "workspace_id")
    for owner, *row in tasks.values_list(*fields):
        found[owner].append(tuple(row))
    earlier = Attempt.objects.filter(step__participant__study=scope.study)
    of_step = ("step__participant_id", "step__index", "opened_at", "step__key", "workspace_id")
    for owner, *row in earlier.values_list(*of_step):
        found[owner].append(tuple(row))
    hidden = scope.scrubbing.hidden_steps
    listed = {
        owner: [(step, space) for _index, _at, step, space in sorted(rows) if step not in hidden]
        for owner, rows in found.items()
    }
    return defaultdict(list, listed)
