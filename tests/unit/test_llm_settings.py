"""Which endpoint an agent asks, and what is said of settings that cannot work."""

from pathlib import Path

import pytest
from pytest_django import Settings

from duetml.config.environment import EnvironmentProblem, read_environment
from duetml.llm.client import VendorError
from duetml.workspace.work.llm import NO_KEY, OPENAI, Endpoint, cost, endpoint, vendor

OURS = "http://localhost:8000/v1"


@pytest.fixture(autouse=True)
def _nothing_set(settings: Settings) -> None:
    for name in ("OPENAI", "REACTIVE", "PROACTIVE"):
        setattr(settings, f"{name}_API_KEY", None)
        setattr(settings, f"{name}_BASE_URL", None)
    settings.PRICES = None


def test_both_agents_ask_the_same_where_nothing_else_is_said(settings: Settings) -> None:
    settings.OPENAI_API_KEY = "a-key"

    assert endpoint("reactive") == endpoint("proactive") == Endpoint(OPENAI, "a-key")


def test_a_server_of_ones_own_needs_no_key(settings: Settings) -> None:
    settings.OPENAI_BASE_URL = OURS

    assert endpoint("reactive") == Endpoint(OURS, NO_KEY)


def test_one_agent_may_ask_elsewhere(settings: Settings) -> None:
    settings.OPENAI_API_KEY = "a-key"
    settings.PROACTIVE_BASE_URL, settings.PROACTIVE_API_KEY = OURS, "another"

    assert endpoint("reactive") == Endpoint(OPENAI, "a-key")
    assert endpoint("proactive") == Endpoint(OURS, "another")


def test_a_key_never_goes_to_an_address_it_was_not_given_for(settings: Settings) -> None:
    settings.OPENAI_API_KEY = "a-key"
    settings.PROACTIVE_BASE_URL = OURS

    assert endpoint("proactive") == Endpoint(OURS, NO_KEY)


def test_an_agent_may_have_a_key_of_its_own_at_the_address_of_both(settings: Settings) -> None:
    settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY = OURS, "a-key"
    settings.REACTIVE_API_KEY = "another"

    assert endpoint("reactive") == Endpoint(OURS, "another")


def test_an_agent_without_an_endpoint_is_a_vendor_error(settings: Settings) -> None:
    settings.REACTIVE_API_KEY = "a-key"

    with pytest.raises(VendorError):
        vendor("proactive")


def test_each_agent_has_a_client_of_its_own_and_keeps_it(settings: Settings) -> None:
    settings.OPENAI_API_KEY = "a-key"

    assert vendor("reactive") is vendor("reactive")
    assert vendor("reactive") is not vendor("proactive")


def test_no_key_is_shown_with_an_endpoint() -> None:
    assert "a-key" not in repr(Endpoint(OURS, "a-key"))


def test_a_labs_own_prices_are_counted_with(settings: Settings, tmp_path: Path) -> None:
    settings.PRICES = tmp_path / "prices.toml"
    settings.PRICES.write_text(
        'date = 2026-10-01\ncurrency = "USD"\n[models]\n"ours" = { input = 1, output = 2 }\n'
    )

    assert cost("ours", 10, 10) == (30, "2026-10-01")
    assert cost("theirs", 10, 10) == (None, "")


@pytest.fixture
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("DUETML_VAR", str(tmp_path))
    return tmp_path


def test_what_is_wrong_with_an_agents_settings_is_said(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = own_folder / "broken"
    broken.write_text("{")
    wrong = {
        "OPENAI_API_KEY": "sk-é",
        "DUETML_REACTIVE_BASE_URL": "localhost",
        "DUETML_REACTIVE_API_KEY": "two\nlines",
        "DUETML_PROACTIVE_BASE_URL": "ftp://host",
        "DUETML_PROACTIVE_API_KEY": "a\tkey",
        "DUETML_RECORDED": str(broken),
        "DUETML_PRICES": str(broken),
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(EnvironmentProblem) as problem:
        read_environment()

    assert [name for name in wrong if f"  {name}: " not in str(problem.value)] == []
    assert "sk-é" not in str(problem.value)


@pytest.mark.parametrize("name", ["DUETML_RECORDED", "DUETML_PRICES"])
def test_a_file_that_is_not_there_is_said(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(own_folder / "no-such-file"))

    with pytest.raises(EnvironmentProblem, match=rf"{name}: .*no-such-file cannot be read"):
        read_environment()


def test_the_end_of_line_behind_a_copied_key_is_no_part_of_it(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-key\n")

    assert read_environment().openai_api_key == "sk-key"
