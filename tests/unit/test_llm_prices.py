"""What calls cost, by the list and by a lab's own."""

from datetime import date
from pathlib import Path

import pytest

from duetml.llm.prices import LISTED, PRICE_LIST, PricesError, cost_microusd, read_prices


def a_list(folder: Path, models: str, listed: str = "2026-10-01", currency: str = "USD") -> Path:
    path = folder / "prices.toml"
    path.write_text(f'date = {listed}\ncurrency = "{currency}"\n[models]\n{models}\n')
    return path


@pytest.mark.parametrize(
    ("model", "microusd"),
    [
        ("gpt-4o-2024-08-06", 1000 * 2.5 + 100 * 10),
        ("gpt-4o-mini", 1000 * 0.15 + 100 * 0.6),
        ("gpt-4.1-nano", 1000 * 0.1 + 100 * 0.4),
    ],
)
def test_a_token_costs_as_many_millionths_of_a_dollar_as_a_million_cost_dollars(
    model: str, microusd: float
) -> None:
    assert cost_microusd(model, 1000, 100) == microusd


@pytest.mark.parametrize(
    ("snapshot", "as_listed"),
    [
        ("gpt-4o-2025-03-01", "gpt-4o"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-05-13"),  # dearer than the others of its name
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("gpt-4.1-2025-04-14", "gpt-4.1"),
        ("gpt-5-mini-2025-08-07", "gpt-5-mini"),
    ],
)
def test_a_dated_snapshot_costs_what_the_longest_name_it_begins_with_costs(
    snapshot: str, as_listed: str
) -> None:
    assert LISTED.of(snapshot) == LISTED.models[as_listed]


@pytest.mark.parametrize(
    "model",
    [
        "",
        "gpt-4",
        "gpt-4o-audio-preview",
        "gpt-4o-audio-preview-2024-12-17",
        "gpt-5.9",
        "gpt-4om",
        "openai/gpt-4o",
        "llama3.2-vision:11b",
    ],
)
def test_what_is_not_listed_costs_an_unknown_amount_and_not_nothing(model: str) -> None:
    assert cost_microusd(model, 1000, 100) is None


@pytest.mark.parametrize("tokens", [(None, 5), (5, None), (None, None)])
def test_without_a_count_the_cost_is_not_known(tokens: tuple[int | None, int | None]) -> None:
    assert cost_microusd("gpt-4o", *tokens) is None


def test_a_fraction_is_never_lost() -> None:
    assert cost_microusd("gpt-4.1-nano", 1, 0) == 1


def test_the_list_says_of_which_day_it_is() -> None:
    assert date.fromisoformat(PRICE_LIST).isoformat() == PRICE_LIST


def test_a_labs_own_prices_win_and_keep_their_date(tmp_path: Path) -> None:
    own = '"gpt-4o" = { input = 1, output = 2 }\n"ours" = { input = 0, output = 0.5 }'

    prices = read_prices(a_list(tmp_path, own)).over(LISTED)

    assert cost_microusd("gpt-4o-2025-01-01", 10, 10, prices) == 30
    assert cost_microusd("ours", 1000, 3, prices) == 2
    assert cost_microusd("gpt-4.1", 1, 1, prices) == 10
    ours, listed = prices.of("ours"), prices.of("gpt-4.1")
    assert ours is not None
    assert listed is not None
    assert (ours.listed, listed.listed) == ("2026-10-01", PRICE_LIST)


@pytest.mark.parametrize(
    ("models", "named"),
    [
        ('"m" = { input = -1, output = 2 }', "models.m.input"),
        ('"m" = { input = nan, output = 2 }', "models.m.input"),
        ('"m" = { input = 1 }', "models.m.output"),
        ('"m" = { input = 1, output = 2, cached = 1 }', "models.m.cached"),
        ('"m" = 3', "models.m"),
        ("m =", "line 4"),
    ],
)
def test_a_file_that_is_no_list_says_where(tmp_path: Path, models: str, named: str) -> None:
    with pytest.raises(PricesError, match=named):
        read_prices(a_list(tmp_path, models))


def test_a_list_in_another_currency_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PricesError, match="currency"):
        read_prices(a_list(tmp_path, "", currency="EUR"))
