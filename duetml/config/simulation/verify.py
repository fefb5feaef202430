"""Was anything lost? What the robots wrote down against what the export holds."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Sum

from duetml.live.log import participant_stream, rater_stream, study_stream, verify, workspace_stream
from duetml.workspace.models import AgentCall, State, TestRun, TrainingRun, Workspace
from duetml.workspace.queries import UNFINISHED, arrangement, moment
from evaluation.exports.names import DATA
from study.models import Participant, Response, StepRun, Study, Submission
from study.robots.crowd import Life
from study.robots.journal import Journal, LastSeen
from study.rules import codes

LATE = frozenset({"action.late", "response.late"})


@dataclass(frozen=True)
class Wanted:
    """What a run of so many robots must leave behind. `tolerance`: how far the conditions may be
    apart where not everybody was assigned: what one open block leaves open."""

    participants: int
    completed: int
    raters: int
    criteria: int
    conditions: tuple[str, ...]
    tolerance: int = 0


@dataclass(frozen=True)
class Found:
    """What is there after the run."""

    completed: int
    assigned: dict[str, int]
    submissions: int
    ratings: int
    acknowledged: int
    lost: list[str]  # client ids that are not exactly once in the export
    wrong: list[str]  # what a robot saw or was told, and what is there instead
    broken_chains: list[str]
    unfinished: int  # accepted jobs that are neither done nor failed
    answered: int
    failed: int
    tokens: int
    microusd: int
    codes: set[str]

    @property
    def imbalance(self) -> int:
        """The difference between the largest and the smallest condition."""
        return max(self.assigned.values(), default=0) - min(self.assigned.values(), default=0)


def look(study: Study, journal: Journal, folder: Path) -> Found:
    participants = Participant.objects.filter(study=study)
    calls = AgentCall.objects.filter(workspace__steprun__participant__study=study)
    kinds = [(row["client_id"], row["kind"]) for row in rows(folder, "events")]
    there = Counter(client for client, _ in kinds if client)
    clients = {entry.client for entry in journal.entries}
    conditions = Counter(participants.exclude(condition="").values_list("condition", flat=True))
    assigned = dict.fromkeys(conditions_of(study), 0) | dict(conditions)
    completed = participants.filter(state=Participant.State.COMPLETED)
    cost = calls.aggregate(
        read=Sum("input_tokens"), written=Sum("output_tokens"), usd=Sum("microusd")
    )
    return Found(
        completed=completed.count(),
        assigned=assigned,
        submissions=Submission.objects.filter(study=study).count(),
        ratings=sum(1 for _ in rows(folder, "ratings")),
        acknowledged=len(clients),
        lost=sorted(client for client in clients if there[client] != 1),
        wrong=[*wrong_times(journal, dict(kinds)), *wrong_states(journal), *wrong_answers(journal)],
        broken_chains=[stream for stream in streams(study) if not verify(stream)],
        unfinished=unfinished(study),
        answered=calls.filter(state=State.DONE).count(),
        failed=calls.filter(state=State.FAILED).count(),
        tokens=(cost["read"] or 0) + (cost["written"] or 0),
        microusd=cost["usd"] or 0,
        codes=set(completed.values_list("completion_code", flat=True)),
    )


def problems(wanted: Wanted, found: Found, lives: list[Life]) -> list[str]:
    """One sentence for each thing that is not as it must be; empty when all is well."""
    said = [f"{life.robot}: {life.problem}" for life in lives if life.problem]
    said += [
        f"{life.robot} ({life.profile}): {life.outcome}, not {life.wanted}"
        for life in lives
        if life.profile and not life.problem and life.outcome != life.wanted
    ]
    ratings = found.submissions * wanted.raters * wanted.criteria
    counts = [
        ("participants completed", found.completed, wanted.completed),
        ("ratings in the export", found.ratings, ratings),
        ("jobs left undone", found.unfinished, 0),
    ]
    said += [f"{what}: {there}, not {want}" for what, there, want in counts if there != want]
    if not wanted.completed <= found.submissions <= wanted.participants:
        said.append(f"submissions: {found.submissions}, not {wanted.completed} or more")
    if found.imbalance > wanted.tolerance:
        said.append(f"assigned per condition: {found.assigned}")
    said += [f"wrong: {one}" for one in found.wrong]
    if found.lost:
        said.append(f"lost or doubled in the export: {', '.join(found.lost)}")
    if found.broken_chains:
        said.append(f"hash chains that do not hold: {', '.join(found.broken_chains)}")
    codes = {life.code for life in lives if life.code}
    if codes - found.codes:
        said.append(f"completion codes nobody was given: {', '.join(sorted(codes - found.codes))}")
    return said


def conditions_of(study: Study) -> list[str]:
    return [condition.key for condition in study.protocol.read().conditions]


def wrong_times(journal: Journal, kinds: Mapping[str, str]) -> list[str]:
    """What was called late and is kept as if in time, or the other way round."""
    return [
        f"{entry.robot}, {entry.kind} {entry.client}: said {'late' if entry.late else 'in time'},"
        f" kept as {kinds[entry.client]}"
        for entry in journal.entries
        if entry.client in kinds and entry.late != (kinds[entry.client] in LATE)
    ]


def wrong_states(journal: Journal) -> list[str]:
    """Workspaces that were not, after the last event a robot saw, what the robot saw; and those
    whose rows are not what their events tell."""
    return [
        f"{seen.robot}, workspace {seen.workspace} after event {seen.seq}"
        for seen in journal.last_seen
        if not _agrees(seen)
    ]


def _agrees(seen: LastSeen) -> bool:
    row = Workspace.objects.get(pk=seen.workspace)
    then = moment(row, until=seen.seq).arrangement
    there = {one.name: frozenset(one.images) for one in then.values()}
    return there == dict(seen.sorted_images) and moment(row).arrangement == arrangement(row.pk)


def wrong_answers(journal: Journal) -> list[str]:
    """Answers that were acknowledged last and in time, and do not stand."""
    wrong = []
    for (link, item), value in journal.answers.items():
        token = link.rstrip("/").rsplit("/", 1)[-1]
        given = Response.objects.filter(
            step__participant__token_digest=codes.digest(token), item=item
        )
        stands = given.values_list("value", flat=True).first()
        if not _same(stands, value):
            wrong.append(f"{item}: {value!r} was acknowledged, {stands!r} stands")
    return wrong


def _same(stored: object, sent: object) -> bool:
    """Whether a stored answer is what a form sent for it: "on" and "true" are a tick, "4" is
    4."""
    if isinstance(stored, bool):
        return stored == (str(sent).lower() in ("on", "true"))
    if isinstance(stored, int | float):
        return float(stored) == float(str(sent))
    return stored == (sent.strip().replace("\r\n", "\n") if isinstance(sent, str) else sent)


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
    """Of a table of the export."""
    (path,) = (folder / DATA).glob(f"*_description-{name}_data.csv")
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)
