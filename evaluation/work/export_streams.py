"""The streams of events of a study, by the names an export has for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from duetml.live.log import participant_stream, rater_stream, study_stream, workspace_stream
from evaluation.work.export_scope import Scope
from evaluation.work.export_tries import tries


@dataclass(frozen=True, slots=True)
class Named:
    """A stream: its key in the log; kind, code, step, workspace and attempt as in the table of
    events."""

    key: str
    kind: str
    code: str
    step: str | None
    workspace: str | None
    attempt: int | None
    origin: datetime


def streams(scope: Scope) -> Iterator[Named]:
    """The study's, then per participant theirs and their workspaces', then the raters'."""
    study = scope.study
    began = study.opened_at or study.created_at
    yield Named(study_stream(study.slug), "study", study.slug, None, None, None, began)
    tried = tries(scope)
    for pk, one in scope.people.items():
        yield Named(participant_stream(pk), "participant", one.name, None, None, None, one.origin)
        for found in tried.get(pk, []):
            key, space = workspace_stream(found.workspace), str(found.workspace)
            yield Named(key, "workspace", one.name, found.step, space, found.number, one.origin)
    for rater, one in scope.raters.items():
        yield Named(rater_stream(rater), "rater", one.name, None, None, None, one.origin)
