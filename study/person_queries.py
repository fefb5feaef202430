"""One participant, for the staff: their steps, answers as far as they may be read, and what was
said to and written about them.

While the results are locked, a step that only some get is not there, and of the answers only those
given before the conditions were drawn: later ones may tell the condition in words.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from study.models import InterviewNote, Notice, Participant, Response, StepRun, Study
from study.queries import COUNTED
from study.rules.protocol import Item, ProtocolFile, Step, assignment_index, words


@dataclass(frozen=True)
class Answer:
    question: str
    value: str


@dataclass(frozen=True)
class Passed:
    """One step on somebody's way. `is_held_back`: it has answers that may not be read yet."""

    title: str
    opened_at: datetime
    closes_at: datetime | None
    closed_at: datetime | None
    by_clock: bool
    extra_seconds: int
    flags: tuple[str, ...]
    workspaces: tuple[UUID, ...]  # earlier tries first
    answers: tuple[Answer, ...]
    is_held_back: bool


@dataclass(frozen=True)
class Known:
    """A participant with all that belongs to them."""

    participant: Participant
    steps: list[Passed]
    notices: list[Notice]
    notes: list[InterviewNote]
    open_run: StepRun | None


def find(study: Study, code: str) -> Participant:
    """Raises Participant.DoesNotExist; previews are nobody."""
    rows = Participant.objects.filter(COUNTED, study=study).select_related("protocol", "study")
    return rows.get(code=code)


def known(participant: Participant, language: str, *, may_read_answers: bool) -> Known:
    """Five queries."""
    protocol = participant.protocol.read()
    is_blind = participant.study.unlocked_at is None
    runs = list(participant.steps.prefetch_related("attempts"))
    answers = _answers(participant) if may_read_answers else {}
    passed = [
        _passed(run, protocol, language, answers.get(run.pk, {}), is_blind=is_blind)
        for run in runs
        if not (is_blind and protocol.steps[run.index].only)
    ]
    current = next((run for run in runs if run.index == participant.step), None)
    is_open = current is not None and current.closed_at is None
    return Known(
        participant,
        passed,
        notices=list(participant.notices.order_by("-at")),
        notes=list(participant.notes.order_by("at", "pk")),
        open_run=current if is_open and participant.state == "active" else None,
    )


def _answers(participant: Participant) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    rows = Response.objects.filter(step__participant=participant)
    for step, item, value in rows.values_list("step", "item", "value"):
        found[step][item] = value
    return found


def _passed(
    run: StepRun, protocol: ProtocolFile, language: str, given: dict[str, Any], *, is_blind: bool
) -> Passed:
    step = protocol.steps[run.index]
    is_held_back = is_blind and run.index > assignment_index(protocol.steps) and bool(given)
    spaces = [attempt.workspace_id for attempt in run.attempts.all()]
    if run.workspace_id is not None:
        spaces.append(run.workspace_id)
    return Passed(
        title=words(step.title, language),
        opened_at=run.opened_at,
        closes_at=run.closes_at,
        closed_at=run.closed_at,
        by_clock=run.closed_by == "clock",
        extra_seconds=run.extra_seconds,
        flags=tuple(run.flags),
        workspaces=tuple(spaces),
        answers=() if is_held_back else tuple(_told(step, given, language)),
        is_held_back=is_held_back,
    )


def _told(step: Step, given: dict[str, Any], language: str) -> list[Answer]:
    return [
        Answer(words(item.text, language), _value(item, given[item.key], language))
        for item in step.items
        if item.key in given
    ]


def _value(item: Item, value: Any, language: str) -> str:
    labels = {choice.value: words(choice.label, language) for choice in item.choices}
    if isinstance(value, list):
        return ", ".join(labels.get(str(one), str(one)) for one in value)
    if isinstance(value, bool):
        return "✓" if value else "–"
    return labels.get(str(value), str(value))
