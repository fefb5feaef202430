"""Was anything lost? What the robots wrote down against what the export holds."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from duetml.live.log import participant_stream, rater_stream, study_stream, verify, workspace_stream
from duetml.workspace.models import AgentCall, State, TestRun, TrainingRun
from duetml.workspace.queries import UNFINISHED
from study.models import Participant, StepRun, Study, Submission
from study.robots.crowd import Life
from study.robots.journal import Journal


@dataclass(frozen=True)
class Wanted:
    """What a run of so many robots must leave behind."""

    participants: int
    raters: int
    criteria: int
    conditions: tuple[str, ...]

    @property
    def ratings(self) -> int:
        return self.participants * self.raters * self.criteria


@dataclass(frozen=True)
class Found:
    """What is there after the run."""

    completed: int
    assigned: dict[str, int]
    submissions: int
    ratings: int
    acknowledged: int
    lost: list[str]  # client ids that are not exactly once in the export
    broken_chains: list[str]
    unfinished: int  # accepted jobs that are neither done nor failed
    answered: int
    failed: int
    codes: set[str]


def look(study: Study, journal: Journal, folder: Path) -> Found:
    participants = Participant.objects.filter(study=study)
    calls = AgentCall.objects.filter(workspace__steprun__participant__study=study)
    there = Counter(row["client_id"] for row in rows(folder, "events") if row["client_id"])
    clients = {entry.client for entry in journal.entries}
    conditions = Counter(participants.exclude(condition="").values_list("condition", flat=True))
    completed = participants.filter(state=Participant.State.COMPLETED)
    return Found(
        completed=completed.count(),
        assigned=dict(conditions),
        submissions=Submission.objects.filter(study=study).count(),
        ratings=sum(1 for _ in rows(folder, "ratings")),
        acknowledged=len(clients),
        lost=sorted(client for client in clients if there[client] != 1),
        broken_chains=[stream for stream in streams(study) if not verify(stream)],
        unfinished=unfinished(study),
        answered=calls.filter(state=State.DONE).count(),
        failed=calls.filter(state=State.FAILED).count(),
        codes=set(completed.values_list("completion_code", flat=True)),
    )


def problems(wanted: Wanted, found: Found, lives: list[Life]) -> list[str]:
    """One sentence for each thing that is not as it must be; empty when all is well."""
    said = [f"{life.robot}: {life.problem}" for life in lives if life.problem]
    each = wanted.participants // len(wanted.conditions)
    balanced = dict.fromkeys(wanted.conditions, each)
    counts = [
        ("participants completed", found.completed, wanted.participants),
        ("assigned per condition", found.assigned, balanced),
        ("submissions", found.submissions, wanted.participants),
        ("ratings in the export", found.ratings, wanted.ratings),
        ("jobs left undone", found.unfinished, 0),
    ]
    said += [f"{what}: {there}, not {want}" for what, there, want in counts if there != want]
    if found.lost:
        said.append(f"lost or doubled in the export: {', '.join(found.lost)}")
    if found.broken_chains:
        said.append(f"hash chains that do not hold: {', '.join(found.broken_chains)}")
    codes = {life.code for life in lives if life.code}
    if codes - found.codes:
        said.append(f"completion codes nobody was given: {', '.join(sorted(codes - found.codes))}")
    return said


def unfinished(study: Study) -> int:
    """Accepted jobs of the study's workspaces that still wait or run."""
    mine = {"workspace__steprun__participant__study": study, "state__in": UNFINISHED}
    return sum(model.objects.filter(**mine).count() for model in (AgentCall, TrainingRun, TestRun))


def streams(study: Study) -> Iterator[str]:
    """Every stream of events the study left."""
    yield study_stream(study.slug)
    for participant in Participant.objects.filter(study=study).values_list("pk", flat=True):
        yield participant_stream(participant)
    tasks = StepRun.objects.filter(participant__study=study, workspace__isnull=False)
    for workspace in tasks.values_list("workspace", flat=True):
        yield workspace_stream(str(workspace))
    for rater in study.raters.values_list("pk", flat=True):
        yield rater_stream(rater)


def rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)
