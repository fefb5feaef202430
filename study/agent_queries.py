"""What the agents of studies used, against which caps, and where they failed somebody.

The number of queries never depends on the number of rows. Only sums may be shown before the
results are unlocked: what one participant's agents used tells the condition.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Literal
from uuid import UUID

from django.db.models import Count, Q, Sum

from duetml.features import Cap
from duetml.workspace.models import AgentCall, Spending
from duetml.workspace.services.spending import Spent
from study.models import Participant, Study
from study.queries import participants
from study.rules.caps import Stage, stage

Kind = Literal["study", "day", "participant"]
PERSON, STUDY = (f"workspace__steprun__participant{end}" for end in ("", "__study"))
AMOUNTS = ("calls", "input_tokens", "output_tokens", "microusd")
# The vendor said something, and what that cost is not known.
SAID = (Q(error="") & ~Q(received="")) | Q(input_tokens__isnull=False)
UNPRICED = Q(provider="openai", microusd=None) & SAID
COUNTS = {
    "failed": Count("pk", filter=Q(outcome=AgentCall.Outcome.FAILED)),
    "stood_in": Count("pk", filter=Q(outcome=AgentCall.Outcome.STOOD_IN)),
    "ceiling": Count("pk", filter=Q(error="ceiling")),
    "unpriced": Count("pk", filter=UNPRICED),
}
SUMS = {"sum_calls": Count("pk")} | {f"sum_{name}": Sum(name, default=0) for name in AMOUNTS[1:]}


@dataclass(frozen=True)
class Use:
    """What one participant's agents used. `ceiling`: calls that it kept from the vendor."""

    spent: Spent = field(default_factory=Spent)
    failed: int = 0
    stood_in: int = 0
    ceiling: int = 0
    unpriced: int = 0

    @property
    def outages(self) -> int:
        """Calls that the vendor did not answer, which the participant was told."""
        return self.failed + self.stood_in


@dataclass(frozen=True)
class CapUse:
    """A cap and how much of it is used up: `share` by its nearer limit, 1 being all of it.

    Each participant has a cap of their own: this one is of those who used most, and `people` is how
    many are as far as that (by `stage`).
    """

    of: Kind
    cap: Cap
    spent: Spent
    share: float
    stage: Stage
    people: int = 0


@dataclass(frozen=True)
class Bill:
    """What a study's agents used; `today` is the day in UTC. Previews count against no cap.

    unpriced…: calls of an unknown cost, which is in no sum. outages: participants whose agents
    failed them, for whatever reason.
    """

    today: Spent
    ever: Spent
    previews: Spent
    unpriced_today: int
    unpriced: int
    unpriced_previews: int
    assigned: int
    outages: int
    caps: list[CapUse]


@dataclass(frozen=True)
class _Account:
    today: Spent = field(default_factory=Spent)
    ever: Spent = field(default_factory=Spent)


def uses(study: Study) -> dict[UUID, Use]:
    """By participant, of those whose agents were called; previews left out. One query."""
    return _uses([study.pk])[study.pk]


def uses_of(people: Collection[UUID]) -> dict[UUID, Use]:
    """The same of these participants only."""
    calls = AgentCall.objects.filter(**{f"{PERSON}__in": people}).order_by()
    rows = calls.values(PERSON).annotate(**COUNTS, **SUMS)
    return {row[PERSON]: _use(row) for row in rows}


def bill(study: Study, now: datetime) -> Bill:
    """Four queries."""
    day = _day(now)
    accounts = _accounts([study.payer, study.preview_payer], day)
    used = _uses([study.pk])[study.pk]
    own = accounts[study.payer]
    return Bill(
        today=own.today,
        ever=own.ever,
        previews=accounts[study.preview_payer].ever,
        **_unpriced(study, day),
        assigned=participants(study).exclude(condition="").count(),
        outages=sum(use.outages > 0 for use in used.values()),
        caps=list(_caps(study, own, used)),
    )


def caps(studies: Collection[Study], now: datetime) -> dict[int, list[CapUse]]:
    """Every cap there is, by study. Two queries at most."""
    accounts = _accounts([study.payer for study in studies], _day(now))
    limited = [one.pk for one in studies if one.protocol.read().agents.budget.participant != Cap()]
    used = _uses(limited)
    return {one.pk: list(_caps(one, accounts[one.payer], used[one.pk])) for one in studies}


def _caps(study: Study, own: _Account, used: Mapping[UUID, Use]) -> Iterator[CapUse]:
    budget = study.protocol.read().agents.budget
    found: tuple[tuple[Kind, Cap, Spent], ...] = (
        ("study", budget.study, own.ever),
        ("day", budget.day, own.today),
    )
    for kind, cap, spent in found:
        if cap != Cap():
            share = spent.share_of(cap)
            yield CapUse(kind, cap, spent, share, stage(share, budget))
    if budget.participant != Cap():
        cap = budget.participant
        most = max(
            (one.spent for one in used.values()), key=lambda s: s.share_of(cap), default=Spent()
        )
        share = most.share_of(cap)
        reached = stage(share, budget)
        people = sum(stage(one.spent.share_of(cap), budget) is reached for one in used.values())
        yield CapUse("participant", cap, most, share, reached, people)


def _uses(studies: Collection[int]) -> dict[int, dict[UUID, Use]]:
    found: dict[int, dict[UUID, Use]] = defaultdict(dict)
    if not studies:
        return found
    calls = AgentCall.objects.filter(**{f"{STUDY}__in": studies}).order_by()
    counted = calls.exclude(**{f"{PERSON}__kind": Participant.Kind.PREVIEW})
    for row in counted.values(STUDY, PERSON).annotate(**COUNTS, **SUMS):
        found[row[STUDY]][row[PERSON]] = _use(row)
    return found


def _use(row: Mapping[str, Any]) -> Use:
    return Use(_spent(row, "sum"), **{name: row[name] for name in COUNTS})


def _unpriced(study: Study, day: date) -> dict[str, int]:
    is_preview = Q(**{f"{PERSON}__kind": Participant.Kind.PREVIEW})
    is_today = Q(finished_at__gte=datetime.combine(day, time.min, UTC))
    return AgentCall.objects.filter(UNPRICED, **{STUDY: study}).aggregate(
        unpriced=Count("pk", filter=~is_preview),
        unpriced_today=Count("pk", filter=~is_preview & is_today),
        unpriced_previews=Count("pk", filter=is_preview),
    )


def _accounts(payers: Collection[str], day: date) -> dict[str, _Account]:
    """What payers are charged, today and ever."""
    ever = {f"ever_{name}": Sum(name, default=0) for name in AMOUNTS}
    today = {f"today_{name}": Sum(name, filter=Q(day=day), default=0) for name in AMOUNTS}
    rows = Spending.objects.filter(payer__in=payers).order_by().values("payer")
    found: dict[str, _Account] = defaultdict(_Account)
    for row in rows.annotate(**ever, **today):
        found[str(row["payer"])] = _Account(_spent(row, "today"), _spent(row, "ever"))
    return found


def _spent(row: Mapping[str, Any], prefix: str) -> Spent:
    return Spent(**{name: row[f"{prefix}_{name}"] for name in AMOUNTS})


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()
