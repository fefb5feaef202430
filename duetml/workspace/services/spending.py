"""What the agents cost: charged to the payers of a workspace, held against the caps of its budget.

A payer is named "study:<slug>" or "participant:<id>"; the word before the colon says which cap of
the budget is its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from django.db.models import F, Sum

from duetml.features import Budget, Cap
from duetml.workspace.models import Spending, Workspace

if TYPE_CHECKING:
    from duetml.workspace.services.answers import Account

MICRO = 1_000_000


@dataclass(frozen=True)
class Spent:
    """`microusd`: millionths of a US dollar, of the calls whose price is known."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    microusd: int = 0

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    @property
    def usd(self) -> float:
        return self.microusd / MICRO

    def share_of(self, cap: Cap) -> float:
        """How much of the cap is used up, by whichever of its limits is nearer; 0 without one."""
        shares = [0.0]
        if cap.tokens is not None:
            shares.append(self.tokens / cap.tokens)
        if cap.usd is not None:
            shares.append(self.usd / cap.usd)
        return max(shares)


def charge(workspace: Workspace, account: "Account", now: datetime) -> None:
    """Add one call to every payer's day; in the transaction that ends the call."""
    amounts = {
        "calls": 1,
        "input_tokens": account.input_tokens or 0,
        "output_tokens": account.output_tokens or 0,
        "microusd": account.microusd or 0,
    }
    for payer in sorted(workspace.payers):  # in one order: two calls never wait for each other
        row, is_new = Spending.objects.get_or_create(
            payer=payer, day=_day(now), defaults=dict(amounts)
        )
        if not is_new:
            added = {name: F(name) + amount for name, amount in amounts.items()}
            Spending.objects.filter(pk=row.pk).update(**added)


def spent(payer: str, day: date | None = None) -> Spent:
    """By a payer on one day (UTC), or ever. One query."""
    rows = Spending.objects.filter(payer=payer)
    if day is not None:
        rows = rows.filter(day=day)
    names = ("calls", "input_tokens", "output_tokens", "microusd")
    found = rows.aggregate(**{name: Sum(name) for name in names})
    return Spent(**{name: found[name] or 0 for name in names})


def shares(payers: list[str], budget: Budget, now: datetime) -> Iterator[float]:
    """How much of each cap is used up, for the caps that there are."""
    for payer in payers:
        kind = payer.partition(":")[0]
        cap: Cap = getattr(budget, kind, Cap())
        if cap != Cap():
            yield spent(payer).share_of(cap)
        if kind == "study" and budget.day != Cap():
            yield spent(payer, _day(now)).share_of(budget.day)


def is_over_ceiling(workspace: Workspace, now: datetime) -> bool:
    """Whether its agents have to keep silent. Without a cap there is no ceiling."""
    budget = workspace.settings.agents.budget
    return any(share >= budget.ceiling for share in shares(workspace.payers, budget, now))


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()
