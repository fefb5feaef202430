"""Who is where in a study, a page at a time, those who need somebody first.

The number of queries never depends on the number of rows, and none reads more events than it
returns. Nothing here tells a condition: a step that only some get is named like the one after it,
what their agents did is left out, and only what a person did counts as an action.
"""

import base64
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from duetml.live.log import workspace_stream
from duetml.live.models import Event, Stream
from study.models import Notice, Participant, Response, StepRun, Study
from study.queries import COUNTED, PRESENT_WITHIN, apart
from study.rules import flow, troubles
from study.rules.protocol import ProtocolFile, Step, words
from study.rules.troubles import RANKS, Here, Trouble

PAGE = 50
MOST_LOOKED_AT = 2000  # of those who work just now; more than a server holds at once
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
ACTIVE = Q(state=Participant.State.ACTIVE)
# How each order is read off a row: (field, whether the greatest come first), the last one unique.
ORDERS: dict[str, tuple[tuple[str, bool], ...]] = {
    "problems": (("rank", True), ("last_seen", True), ("pk", False)),
    "seen": (("last_seen", True), ("pk", False)),
    "code": (("code", False),),
    "step": (("step", True), ("pk", False)),
    "left": (("ends", False), ("pk", False)),
}


@dataclass(frozen=True)
class Wanted:
    """What of the list somebody wants to see. `after`: the cursor of the page before."""

    order: str = "problems"
    state: str = ""
    search: str = ""
    problems_only: bool = False
    after: str = ""


@dataclass(frozen=True)
class Row:
    """One participant. `closes_at`: of the open step; `acted_at`: their last action in it."""

    id: UUID
    code: str
    label: str
    kind: str
    state: str
    state_label: str
    step: str
    number: int
    total: int
    opened_at: datetime
    closes_at: datetime | None
    seen_at: datetime
    acted_at: datetime | None
    is_present: bool
    is_paused: bool
    is_extended: bool
    is_excluded: bool
    unread: int
    troubles: tuple[Trouble, ...]
    is_open: bool  # at it in a step that is neither over nor paused

    @property
    def needs(self) -> list[Trouble]:
        """What needs somebody now; the other troubles tell what was."""
        return [one for one in self.troubles if self.is_open and one in RANKS]


@dataclass(frozen=True)
class Page:
    """`counts`: by state, of those whom queries.totals counts; `pilots`: the same of the pilots
    apart from them; `clocks`: how many are at it of both; `needing`: how many of these need
    somebody now."""

    rows: list[Row]
    counts: Mapping[str, int]
    pilots: Mapping[str, int]
    clocks: int
    needing: int
    next: str
    has_paused_study: bool


def page(study: Study, wanted: Wanted, language: str, now: datetime, size: int = PAGE) -> Page:
    """Eight queries, however many there are."""
    everybody = _ranked(study, _silent(study, now), now)
    counts, pilots = apart(study, _counts(study))
    needing = everybody.filter(ACTIVE, rank__gt=0).count()
    found = list(_ordered(_filtered(everybody, wanted), wanted)[: size + 1])
    shown = found[:size]
    following = cursor(shown[-1], wanted.order) if len(found) > size else ""
    rows = _rows(study, shown, language, now)
    clocks = counts.get(Participant.State.ACTIVE, 0) + pilots.get(Participant.State.ACTIVE, 0)
    is_paused = study.paused_at is not None
    return Page(rows, counts, pilots, clocks, needing, following, is_paused)


def row(study: Study, participant_id: UUID, language: str, now: datetime) -> Row:
    """The same of one participant. Raises Participant.DoesNotExist."""
    return _rows(study, [_base(study).get(pk=participant_id)], language, now)[0]


def cursor(last: Any, order: str) -> str:
    """Where the page after this row begins."""
    values = [getattr(last, field) for field, _falls in ORDERS[order]]
    told = [one if isinstance(one, int) else _as_text(one) for one in values]
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()


def _base(study: Study) -> QuerySet[Any, Any]:
    here = FilteredRelation("steps", condition=Q(steps__index=F("step")))
    rows = Participant.objects.filter(COUNTED, study=study).annotate(here=here)
    seen = Coalesce("seen_at", "enrolled_at")
    annotated = rows.annotate(
        last_seen=Greatest(seen, Coalesce("here__workspace__seen_at", seen)),
        ends=Coalesce(
            Case(When(ACTIVE & Q(here__closed_at=None), then=F("here__closes_at"))), Value(NEVER)
        ),
    )
    return annotated.select_related("protocol").defer("protocol__source", "settings_json")


def _ranked(study: Study, silent: Collection[UUID], now: datetime) -> QuerySet[Any, Any]:
    """With `rank`: the rank of the most urgent trouble, 0 for none. Only those who are at it have
    one; a paused one has none."""
    overdue, away = now - troubles.OVERDUE_AFTER, now - troubles.AWAY_AFTER
    stuck = Q(here__closes_at=None, here__opened_at__lte=now - troubles.STUCK_AFTER)
    cases = [
        When(~ACTIVE | ~Q(here__closed_at=None), then=0),
        When(Q(paused_at__isnull=False) | Q(here__paused_at__isnull=False), then=0),
        When(here__closes_at__lte=overdue, then=RANKS[Trouble.OVERDUE]),
        When(here__closes_at__isnull=False, last_seen__lte=away, then=RANKS[Trouble.OFFLINE]),
        *_attention(study),
        When(pk__in=list(silent), then=RANKS[Trouble.SILENT]),
        When(stuck, last_seen__gt=away, then=RANKS[Trouble.STUCK]),
    ]
    if study.paused_at is not None:
        cases = []
    ranked: QuerySet[Any, Any] = _base(study).annotate(rank=Case(*cases, default=0))
    return ranked


def _attention(study: Study) -> list[When]:
    expected = attention_checks(study.protocol.read())
    if not expected:
        return []
    missed = Response.objects.filter(step__participant=OuterRef("pk")).filter(_missed(expected))
    return [When(Exists(missed), then=RANKS[Trouble.ATTENTION])]


def attention_checks(protocol: ProtocolFile) -> dict[tuple[str, str], Any]:
    """(step, item) → the value that shows somebody reads; of the steps that everybody gets."""
    return {
        (step.key, item.key): item.attention.expect
        for step in protocol.steps
        if not step.only
        for item in step.items
        if item.attention is not None
    }


def _missed(expected: Mapping[tuple[str, str], Any]) -> Q:
    found = Q(pk__in=[])
    for (step, item), value in expected.items():
        found |= Q(step__key=step, item=item) & ~Q(value=value)
    return found


def _filtered(rows: QuerySet[Any, Any], wanted: Wanted) -> QuerySet[Any, Any]:
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.problems_only:
        rows = rows.filter(rank__gt=0)
    if wanted.search:
        search = wanted.search
        rows = rows.filter(Q(code__istartswith=search) | Q(label__istartswith=search))
    return rows


def _ordered(rows: QuerySet[Any, Any], wanted: Wanted) -> QuerySet[Any, Any]:
    fields = ORDERS[wanted.order]
    before = _read(wanted.after, fields)
    if before is not None:
        rows = rows.filter(_beyond(fields, before))
    return rows.order_by(*(f"-{name}" if falls else name for name, falls in fields))


def _beyond(fields: Sequence[tuple[str, bool]], values: Sequence[Any]) -> Q:
    """Rows that come after one with these values."""
    found, same = Q(pk__in=[]), Q()
    for (name, falls), value in zip(fields, values, strict=True):
        found |= same & Q(**{f"{name}__{'lt' if falls else 'gt'}": value})
        same &= Q(**{name: value})
    return found


def _read(after: str, fields: Sequence[tuple[str, bool]]) -> list[Any] | None:
    """None for a cursor of another order, or none at all."""
    try:
        told = json.loads(base64.urlsafe_b64decode(after)) if after else None
        if not isinstance(told, list) or len(told) != len(fields):
            return None
        return [_value(name, one) for (name, _falls), one in zip(fields, told, strict=True)]
    except (ValueError, TypeError):
        return None


def _value(field: str, told: Any) -> Any:
    if field in ("rank", "step"):
        return int(told)
    if field in ("last_seen", "ends"):
        return datetime.fromisoformat(told)
    return UUID(told) if field == "pk" else str(told)


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _counts(study: Study) -> list[tuple[str, str, int]]:
    rows = Participant.objects.filter(COUNTED, study=study).order_by().values_list("kind", "state")
    return list(rows.annotate(Count("pk")))


def _silent(study: Study, now: datetime) -> set[UUID]:
    """Who is there, in a task, and has done nothing for a while. Two queries."""
    there = _base(study).filter(
        ACTIVE,
        last_seen__gt=now - troubles.AWAY_AFTER,
        here__closed_at=None,
        here__workspace__isnull=False,
        here__opened_at__lte=now - troubles.SILENT_AFTER,
    )
    rows = there.order_by("-last_seen").values_list("pk", "here__workspace_id", "here__opened_at")[
        :MOST_LOOKED_AT
    ]
    working = {space: (person, opened) for person, space, opened in rows}
    acted = _acted(list(working))
    return {
        person
        for space, (person, opened) in working.items()
        if troubles.is_silent(opened, acted.get(space), now)
    }


def _acted(workspaces: Collection[UUID]) -> dict[UUID, datetime]:
    """When somebody last did something there: read from the end of each log."""
    own = Event.objects.filter(stream=OuterRef("pk"), client_id__isnull=False)
    newest = Subquery(own.order_by("-seq").values("at")[:1])
    keys = {workspace_stream(one): one for one in workspaces}
    rows = Stream.objects.filter(key__in=list(keys)).annotate(acted=newest)
    return {keys[key]: at for key, at in rows.values_list("key", "acted") if at is not None}


def _rows(study: Study, people: Sequence[Any], language: str, now: datetime) -> list[Row]:
    """Four queries."""
    ids = [one.pk for one in people]
    steps: dict[UUID, list[StepRun]] = defaultdict(list)
    for run in StepRun.objects.filter(participant__in=ids).order_by("index"):
        steps[run.participant_id].append(run)
    here = {one.pk: _here(steps[one.pk], one.step) for one in people}
    acted = _acted([run.workspace_id for run in here.values() if run and run.workspace_id])
    missed = _inattentive(people)
    unread = dict(
        Notice.objects.filter(participant__in=ids, read_at=None)
        .values_list("participant")
        .annotate(Count("pk"))
    )
    return [
        _row(
            study,
            one,
            here[one.pk],
            steps[one.pk],
            acted,
            one.pk in missed,
            unread.get(one.pk, 0),
            language,
            now,
        )
        for one in people
    ]


def _here(runs: Sequence[StepRun], index: int) -> StepRun | None:
    return next((run for run in runs if run.index == index), None)


def _inattentive(people: Sequence[Any]) -> set[UUID]:
    """Who of them gave another answer to an attention check than the one asked for."""
    expected: dict[tuple[str, str], Any] = {}
    for protocol in {one.protocol_id: one.protocol for one in people}.values():
        expected |= attention_checks(protocol.read())
    given = Response.objects.filter(step__participant__in=[one.pk for one in people])
    wrong = given.filter(_missed(expected)) if expected else given.none()
    return set(wrong.values_list("step__participant", flat=True))


def _row(
    study: Study,
    one: Any,
    run: StepRun | None,
    runs: Sequence[StepRun],
    acted: Mapping[UUID, datetime],
    missed: bool,
    unread: int,
    language: str,
    now: datetime,
) -> Row:
    protocol = one.protocol.read()
    number, total = flow.progress(protocol, one.step)
    step = common_step(protocol, one.step)
    is_own = bool(protocol.steps[one.step].only)  # of some conditions only: its clock tells which
    is_active = one.state == Participant.State.ACTIVE
    is_open = is_active and run is not None and run.closed_at is None
    is_paused = is_active and bool(
        study.paused_at or one.paused_at or (run is not None and run.paused_at)
    )
    acted_at = acted.get(run.workspace_id) if run and run.workspace_id else None
    found: list[Trouble] = []
    if is_open and run is not None:
        here = Here(
            run.opened_at,
            run.closes_at,
            one.last_seen,
            run.workspace_id is not None,
            acted_at,
            is_paused,
        )
        found += troubles.troubles(here, now)
    found += _past(runs, missed)
    return Row(
        id=one.id,
        code=one.code,
        label=one.label,
        kind=one.kind,
        state=one.state,
        state_label=one.get_state_display(),
        step=words(step.title, language),
        number=number,
        total=total,
        opened_at=run.opened_at if run else one.enrolled_at,
        closes_at=None if run is None or not is_open or is_own else run.closes_at,
        seen_at=one.last_seen,
        acted_at=acted_at,
        is_present=is_active and now - one.last_seen < PRESENT_WITHIN,
        is_paused=is_paused,
        is_extended=any(run.extra_seconds for run in runs),
        is_excluded=one.excluded_at is not None,
        unread=unread,
        troubles=tuple(sorted(found, key=list(Trouble).index)),
        is_open=is_open and not is_paused,
    )


def _past(runs: Sequence[StepRun], missed: bool) -> list[Trouble]:
    found = [Trouble.ATTENTION] if missed else []
    if any(run.closed_by == "clock" and run.minimum_at != run.closes_at for run in runs):
        found.append(Trouble.BY_CLOCK)
    if any("late" in run.flags for run in runs):
        found.append(Trouble.LATE)
    return found


def common_step(protocol: ProtocolFile, index: int) -> Step:
    """The step, or where only some get it, the next one that everybody gets."""
    later = protocol.steps[index:]
    return next((step for step in later if not step.only), protocol.steps[index])
