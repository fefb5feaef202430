"""The caps on what agents may use: how near is near enough, and whether they can be held."""

from collections.abc import Iterable
from enum import StrEnum

from duetml.features import AGENTS, AgentSettings, Budget
from duetml.llm.prices import Prices


class Stage(StrEnum):
    FREE = "free"
    WARNED = "warned"  # staff are told
    REACHED = "reached"  # nobody new comes in
    SILENT = "silent"  # the ceiling: the agents keep silent


def stage(share: float, budget: Budget) -> Stage:
    """`share`: how much of the cap is used up, 1 being all of it."""
    if share >= budget.ceiling:
        return Stage.SILENT
    if share >= 1:
        return Stage.REACHED
    return Stage.WARNED if share >= budget.warn_at else Stage.FREE


def is_in_money(budget: Budget) -> bool:
    return any(cap.usd is not None for cap in (budget.study, budget.participant, budget.day))


def models_of(conditions: Iterable[AgentSettings]) -> list[str]:
    return sorted({agents.of(agent).model for agents in conditions for agent in AGENTS})


def without_price(conditions: Iterable[AgentSettings], prices: Prices) -> list[str]:
    """The models of these agents that the price list does not know."""
    return [model for model in models_of(conditions) if prices.of(model) is None]
