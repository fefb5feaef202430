"""Agents that differ between conditions are asked for wherever the study's agents are."""

from typing import Any

import pytest
from django.utils import translation

from duetml.workspace.services import pricing
from evaluation.report.sections.apparatus import agents
from study.rules.derivation import derive
from study.rules.protocol import ProtocolError, ProtocolFile, read_protocol
from study.services.preflight import preflight
from tests.protocols import Document, changed

pytestmark = pytest.mark.django_db


def own(agents: dict[str, Any], **of_all: Any) -> str:
    """The built-in study with the offline advisor, and these agents in its first condition."""

    def change(document: Document) -> None:
        document["conditions"][0]["agents"] = agents
        document["agents"] |= of_all

    return changed(change)


def codes(source: str) -> set[str]:
    return {finding.code for finding in preflight(read_protocol(source))}


def without_consent_for_pictures(source: str) -> str:
    def change(document: Document) -> None:
        for step in document["steps"]:
            for item in step.get("items", []):
                if item.get("grants") == "images":
                    del item["grants"]

    return changed(change, source)


def test_a_vendor_of_one_condition_needs_a_key(settings: Any) -> None:
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "", ""

    assert "key" in codes(own({"provider": "openai"}))
    assert "key" not in codes(own({}))


def test_pictures_for_a_vendor_of_one_condition_need_a_consent() -> None:
    assert "images" in codes(without_consent_for_pictures(own({"provider": "openai"})))
    assert "images" not in codes(without_consent_for_pictures(own({})))


def test_a_cap_in_dollars_needs_the_price_of_a_conditions_own_model() -> None:
    asked = {"provider": "openai", "model": "of-nobody-1"}
    assert pricing.prices().of("of-nobody-1") is None

    assert "price" in codes(own(asked, budget={"study": {"usd": 5}}))
    assert "price" not in codes(own({"model": "of-nobody-1"}, budget={"study": {"usd": 5}}))


def test_an_unknown_prompt_of_one_condition_is_found() -> None:
    prompts = read_protocol(own({})).agents.prompts

    with pytest.raises(ProtocolError, match="no prompt proactive version 99"):
        read_protocol(own({"prompts": prompts | {"proactive": 99}}))


def test_a_budget_is_of_the_whole_study() -> None:
    with pytest.raises(ProtocolError, match="the budget is the whole study's"):
        read_protocol(own({"budget": {"study": {"tokens": 5}}}))


def test_what_is_derived_for_all_agents_holds_in_every_condition() -> None:
    source = derive(own({"provider": "openai"}), agents={"provider": "offline"})

    assert {one.provider for one in read_protocol(source).all_agents()} == {"offline"}


def told(protocol: ProtocolFile, language: str) -> list[str]:
    with translation.override(language):
        return [str(sentence) for sentence in agents(protocol)]


def both_talking(timer: dict[str, Any], boundary: dict[str, Any]) -> ProtocolFile:
    def change(document: Document) -> None:
        first, second = document["conditions"]
        second["features"] = first["features"]
        first["agents"], second["agents"] = timer, boundary

    return read_protocol(changed(change))


def test_the_report_tells_how_the_conditions_agents_differ() -> None:
    protocol = both_talking({}, {"proactive_trigger": "boundary", "proactive_gap_seconds": 45})

    first, second, _rest = told(protocol, "en")

    assert first.startswith("Agents in condition duetml: the offline advisor")
    assert "could speak every 60 seconds" in first
    assert second.startswith("Agents in condition baseline: ")
    assert "after a training, a test or a new category, at least 45 seconds apart" in second
    assert "45 秒" in told(protocol, "ja")[1]


def test_the_report_tells_of_a_difference_that_has_no_sentence_of_its_own() -> None:
    prompts = read_protocol(own({})).agents.prompts
    protocol = both_talking(
        {"prompts": prompts | {"offline": 2}}, {"proactive": {"temperature": 0.1}}
    )

    both, others, _rest = told(protocol, "en")

    assert both.startswith("Agents in condition duetml, baseline: ")
    assert others == (
        "Other settings that differed: `prompts.offline`: 2 (duetml) / 3 (baseline),"
        " `proactive.temperature`: – (duetml) / 0.1 (baseline)."
    )


def test_conditions_with_the_same_agents_are_told_of_together() -> None:
    one, _rest = told(both_talking({}, {}), "en")

    assert one.startswith("Agents in condition duetml, baseline: ")
