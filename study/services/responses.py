"""Keeping answers: one row per item as it stands, one event per change."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from duetml.live.log import ClientStamp, find, record, together
from duetml.workspace.services.refusal import Refused
from study.models import Participant, Response, StepRun
from study.rules import flow
from study.rules.answers import Answers, RefusedError, Value, read
from study.services import closing
from study.services.assignment import locked
from study.services.flags import flag

Known = Mapping[str, Value]  # the answers of one step as they stand, by item


@transaction.atomic
def answer(
    participant_id: UUID, index: int, item: str, raw: object, stamp: ClientStamp, now: datetime
) -> bool:
    """Keep one answer as it is given; returns whether it came too late to count.

    The same client id again changes nothing and gets the same result. Raises Refused for a step or
    an item the participant does not have, and for a value the item does not allow.
    """
    participant = locked(participant_id)
    before = find(participant.stream, stamp.id)
    if before is not None:
        return before.kind == "response.late"
    run = StepRun.objects.filter(participant=participant, index=index).first()
    if run is None:
        raise Refused("step", _("This page is not open."))
    value = _read(participant, index, item, raw)
    late = run.closed_at is not None or closing.is_over(participant, run, now)
    given = {"step": run.key, "item": item, "value": value}
    record(
        participant.stream,
        "response.late" if late else "response.given",
        given,
        at=now,
        client=stamp,
    )
    if flow.is_late(now, run.closes_at) and not closing.is_paused(participant, run):
        flag(participant, run, "late", now)
    if not late:
        _store(run, {item: value}, now)
    return late


def run_and_answers(participant: Participant) -> tuple[StepRun, Known]:
    """The run of the step they are at, and its answers as they stand, in one query."""
    runs = StepRun.objects.filter(participant=participant, index=participant.step)
    rows = list(runs.annotate(item=F("responses__item"), value=F("responses__value")))
    return rows[0], {row.item: row.value for row in rows if row.item is not None}


def keep(
    participant: Participant, run: StepRun, known: Known, answers: Answers, now: datetime
) -> None:
    """Store what a form sent, in the caller's transaction; what is known already is no change."""
    changed = {
        item: value
        for item, value in answers.values.items()
        if known.get(item) != value or type(known.get(item)) is not type(value)
    }
    with together(participant.stream):
        for item, value in changed.items():
            given = {"step": run.key, "item": item, "value": value}
            record(participant.stream, "response.given", given, at=now)
    _store(run, changed, now)


def keep_late(participant: Participant, run: StepRun, answers: Answers, now: datetime) -> None:
    """Record what came after the end: it is kept as an event and applied to nothing. An answer that
    was there in time, and an item without one, is nothing new."""
    known = dict(run.responses.values_list("item", "value"))
    for item, value in answers.values.items():
        if (value in (None, False) and item not in known) or known.get(item) == value:
            continue
        given = {"step": run.key, "item": item, "value": value}
        record(participant.stream, "response.late", given, at=now)
    if run.closes_at is not None:
        flag(participant, run, "late", now)


def _read(participant: Participant, index: int, key: str, raw: object) -> Value:
    items = participant.protocol.read().steps[index].items
    item = next((one for one in items if one.key == key), None)
    if item is None:
        raise Refused("item", _("This question is not on the page."))
    try:
        return read(item, raw)
    except RefusedError as problem:
        raise Refused(problem.reason.value, _("This answer is not possible here.")) from None


def _store(run: StepRun, changed: Mapping[str, Value], now: datetime) -> None:
    """The answers as they stand now; one that was taken back stands no more."""
    gone = [item for item, value in changed.items() if value is None]
    if gone:
        run.responses.filter(item__in=gone).delete()
    rows = [
        Response(step=run, item=item, value=value, at=now)
        for item, value in changed.items()
        if value is not None
    ]
    Response.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["step", "item"],
        update_fields=["value", "at"],
    )
