"""Whether the models that a protocol pins have answered, as the pre-flight tells it."""

from datetime import timedelta
from typing import Any

import pytest

from duetml.workspace.models import AgentCall, State
from study.rules.protocol import read_protocol
from study.services import preflight_models
from study.services.preflight_state import State as Told
from tests.people import NOW, a_workspace
from tests.protocols import Document, changed
from tests.studies import OFFLINE, SOURCE

pytestmark = pytest.mark.django_db
PINNED = "gpt-4o-2024-08-06"


def a_call(**facts: Any) -> None:
    told = {"agent": "reactive", "trigger": "message", "provider": "openai", "model": PINNED}
    told |= {"state": State.DONE, "outcome": "answered"}
    times = {"queued_at": NOW, "finished_at": NOW}
    AgentCall.objects.create(workspace=a_workspace(), **(told | times | facts))


def told(source: str = SOURCE, days: int = 1) -> dict[str, Told]:
    checks = preflight_models.checks(read_protocol(source), NOW + timedelta(days=days))
    return {
        next(word for word in check.text.split() if "-" in word): check.state for check in checks
    }


def test_a_model_that_answered_is_well_for_a_month() -> None:
    assert told() == {PINNED: Told.WARNING}

    a_call()

    assert told() == {PINNED: Told.OK}
    assert told(days=31) == {PINNED: Told.WARNING}


@pytest.mark.parametrize(
    "facts", [{"outcome": "failed"}, {"outcome": "stood_in"}, {"model": "gpt-4o-2024-11-20"}]
)
def test_what_was_no_answer_of_this_model_counts_for_nothing(facts: dict[str, str]) -> None:
    a_call(**facts)

    assert told() == {PINNED: Told.WARNING}


def test_every_conditions_own_model_is_asked_for() -> None:
    def change(document: Document) -> None:
        document["conditions"][1]["features"]["chat"] = True
        document["conditions"][1]["agents"] = {"proactive": {"model": "gpt-4.1-mini"}}

    a_call()

    assert told(changed(change, SOURCE)) == {PINNED: Told.OK, "gpt-4.1-mini": Told.WARNING}


def test_the_offline_advisor_needs_no_model() -> None:
    assert told(OFFLINE) == {}
