"""manage.py check_llm, over HTTP against a server that can and one that cannot."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from tests import vendor as stand_in
from tests.isolation import OWN_VAR
from tests.stack import ROOT
from tests.vendor import Vendor

KEY = "sk-not-to-be-told"
SEES = stand_in.reply("The picture is yellow.", seconds_per_piece=0.01)


@pytest.fixture
def vendor(settings: Settings) -> Iterator[Vendor]:
    with Vendor() as running:
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = KEY, running.url
        yield running


def told(*arguments: str) -> str:
    """What the command prints; its error, where there is one, in the last line."""
    out = StringIO()
    try:
        call_command("check_llm", *arguments, stdout=out)
    except CommandError as problem:
        out.write(f"ERROR {problem}")
    assert KEY not in out.getvalue()
    return out.getvalue()


def rows(text: str, agent: str) -> dict[str, str]:
    """The table of one agent."""
    part = next(part for part in text.split("\n\n") if part.startswith(agent))
    return {line[2:12].strip(): line[13:] for line in part.splitlines()[1:]}


def test_what_works_is_told_of_each_agent(vendor: Vendor) -> None:
    vendor.always(SEES)

    text = told()

    assert "reactive: gpt-4o-2024-08-06 at http" in text
    row = rows(text, "proactive")
    assert list(row) == ["reachable", "model", "streaming", "images", "usage"]
    assert row["streaming"].startswith("yes: 4 pieces, the first after 0.")
    assert row["images"] == "yes: it saw that the picture is yellow"
    assert "by the prices of" in row["usage"]
    assert "ERROR" not in text


def test_one_tiny_question_with_a_picture_is_sent_for_each_agent(vendor: Vendor) -> None:
    vendor.always(SEES)

    told()

    assert len(vendor.requests) == 2
    sent = vendor.requests[0]
    assert (len(sent.images), sent.body["max_tokens"], sent.problem) == (1, 16, "")
    assert sent.size < 5000


def test_a_refused_key_is_told_with_what_to_do(vendor: Vendor) -> None:
    vendor.always(stand_in.fails(401))

    text = told()

    row = rows(text, "reactive")
    assert row["reachable"] == "yes, but no answer came"
    assert row["what to do"].endswith("check OPENAI_API_KEY.")
    assert text.endswith("ERROR No answer for: reactive, proactive.")


def test_a_model_that_is_not_there_is_told(vendor: Vendor) -> None:
    text = told("--model", "gone")

    row = rows(text, "reactive")
    assert "404" in row["because"]
    assert "check the model's name" in row["what to do"]
    assert vendor.requests[0].body["model"] == "gone"


def test_a_server_that_counts_nothing_is_told(vendor: Vendor) -> None:
    vendor.always(stand_in.reply("It is yellow.", usage=False))

    text = told()

    assert rows(text, "reactive")["usage"].startswith("no: caps on cost cannot hold")
    assert "ERROR" not in text


def test_a_model_without_a_price_is_told(vendor: Vendor) -> None:
    vendor.always(SEES)

    text = told("--model", "llama3.2-vision:11b")

    assert "DUETML_PRICES" in rows(text, "reactive")["usage"]


def test_a_server_that_does_not_stream_is_told(vendor: Vendor) -> None:
    whole = '{"choices": [{"message": {"content": "It is yellow."}, "finish_reason": "stop"}]}'
    vendor.always(stand_in.sends(whole, "application/json"))

    row = rows(told(), "reactive")

    assert row["streaming"].startswith("no: one piece after 0.")
    assert row["images"].startswith("yes")


def test_a_model_that_sees_nothing_is_told(vendor: Vendor) -> None:
    vendor.always(stand_in.reply("I see no picture."))

    text = told()

    assert rows(text, "reactive")["images"].startswith("no: shown yellow, it said “I see no")
    assert "ERROR" not in text


def test_what_goes_otherwise_to_a_newer_model_is_told(settings: Settings) -> None:
    settings.OPENAI_API_KEY = KEY
    with Vendor(rejects=["max_tokens", "temperature"]) as vendor:
        settings.OPENAI_BASE_URL = vendor.url
        text = told()

    row = rows(text, "reactive")
    assert row["parameters"] == "max_tokens goes as max_completion_tokens; temperature is left out"


def test_nobody_listening_is_told_and_the_exit_status_is_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    own = {"DUETML_VAR": OWN_VAR, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": KEY, "PATH": ""}

    done = subprocess.run(
        [sys.executable, "manage.py", "check_llm"],
        cwd=ROOT,
        env=own,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    row = rows(done.stdout, "reactive")
    assert row["reachable"] == "no"
    assert "OPENAI_BASE_URL" in row["what to do"]
    assert KEY not in done.stdout + done.stderr


def test_an_agent_without_an_endpoint_is_told(vendor: Vendor, settings: Settings) -> None:
    settings.OPENAI_API_KEY = settings.OPENAI_BASE_URL = None
    settings.REACTIVE_BASE_URL = vendor.url
    vendor.always(SEES)

    text = told()

    assert rows(text, "proactive") == {"endpoint": "none. Set OPENAI_API_KEY."}
    assert text.endswith("ERROR No answer for: proactive.")


def test_the_models_of_a_protocol_are_asked(vendor: Vendor, tmp_path: Path) -> None:
    protocol = tmp_path / "ours.yaml"
    protocol.write_text("agents:\n  model: gpt-4.1\n  proactive:\n    model: gpt-4.1-mini\n")
    vendor.always(SEES)

    told("--protocol", str(protocol))

    assert [seen.body["model"] for seen in vendor.requests] == ["gpt-4.1", "gpt-4.1-mini"]


def test_the_models_of_the_studys_own_protocol_can_be_read(vendor: Vendor) -> None:
    vendor.always(SEES)

    told("--protocol", str(ROOT / "study" / "protocols" / "duetml.yaml"))

    assert [seen.body["model"] for seen in vendor.requests] == ["gpt-4o-2024-08-06"] * 2


def test_the_models_of_every_condition_are_asked_once_each(vendor: Vendor, tmp_path: Path) -> None:
    protocol = tmp_path / "ours.yaml"
    protocol.write_text(
        "agents: {model: gpt-4.1}\n"
        "conditions:\n"
        "  - {key: a, features: {chat: true}}\n"
        "  - {key: b, features: {chat: true}, agents: {proactive: {model: gpt-4.1-mini}}}\n"
        "  - {key: c, features: {chat: false}, agents: {model: of-nobody}}\n"
    )
    vendor.always(SEES)

    told("--protocol", str(protocol))

    models = [seen.body["model"] for seen in vendor.requests]
    assert models == ["gpt-4.1", "gpt-4.1", "gpt-4.1-mini"]


@pytest.mark.parametrize("text", ["steps: []", "agents:\n  model: 3\n  voice: x", "[", "\x00"])
def test_a_file_that_is_no_protocol_is_told(vendor: Vendor, tmp_path: Path, text: str) -> None:
    protocol = tmp_path / "ours.yaml"
    protocol.write_text(text)

    assert str(protocol) in told("--protocol", str(protocol))
    assert vendor.requests == []


def test_a_protocol_with_the_offline_advisor_asks_nobody(vendor: Vendor, tmp_path: Path) -> None:
    protocol = tmp_path / "ours.yaml"
    protocol.write_text("agents:\n  provider: offline\n")

    text = told("--protocol", str(protocol))

    assert "nobody is asked" in text
    assert vendor.requests == []
