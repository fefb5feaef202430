"""When a cap warns, when it stops enrolment, when it silences; and whether it can be held."""

from decimal import Decimal

import pytest

from duetml.features import AgentSettings, Budget, Voice
from duetml.llm.prices import Price, Prices
from study.rules import caps
from study.rules.caps import Stage


@pytest.mark.parametrize(
    ("share", "stage"),
    [
        (0, Stage.FREE),
        (0.79, Stage.FREE),
        (0.8, Stage.WARNED),
        (0.99, Stage.WARNED),
        (1, Stage.REACHED),
        (1.99, Stage.REACHED),
        (2, Stage.SILENT),
    ],
)
def test_a_cap_warns_then_stops_enrolment_then_silences(share: float, stage: Stage) -> None:
    assert caps.stage(share, Budget(warn_at=0.8, ceiling=2)) is stage


def test_a_ceiling_at_the_cap_silences_where_the_cap_is_reached() -> None:
    assert caps.stage(1, Budget(ceiling=1)) is Stage.SILENT


@pytest.mark.parametrize("of", ["study", "participant", "day"])
def test_any_cap_in_dollars_is_one_in_money(of: str) -> None:
    assert caps.is_in_money(Budget.model_validate({of: {"usd": 1, "tokens": 5}}))
    assert not caps.is_in_money(Budget.model_validate({of: {"tokens": 5}}))


def test_every_voice_needs_a_price() -> None:
    prices = Prices({"known": Price(Decimal(1), Decimal(2), "2026-05-01")})
    agents = AgentSettings(model="known", proactive=Voice(model="unknown"))

    assert caps.without_price([agents], prices) == ["unknown"]
    assert caps.without_price([AgentSettings(model="known")], prices) == []
