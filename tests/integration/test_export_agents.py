"""What an export tells of the agents: every call to the last byte, and each participant's sums."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from duetml.live import log
from duetml.workspace.models import AgentCall, Message, State, Workspace
from evaluation.exports import schema
from evaluation.exports.options import Options
from evaluation.work.export import Export
from tests import exports
from tests.exports import read
from tests.raters import NOW, World, make_participant, make_submission, make_world

pytestmark = pytest.mark.django_db
SUMS = [column.name for column in schema.PARTICIPANTS.columns if column.name.startswith("agent_")]


@pytest.fixture
def world() -> World:
    """P000 and P002 with agents, P001 and P003 without, and a preview whose agents were busy."""
    world = make_world(4, 0)
    Workspace.objects.filter(pk=workspace(world, 0).pk).update(shares_images=True)
    call(workspace(world, 0), input_tokens=1000, output_tokens=50, microusd=3000)
    call(workspace(world, 0), outcome="failed", error="timeout", state=State.FAILED, received="")
    call(workspace(world, 0), outcome="failed", error="ceiling", state=State.FAILED, received="")
    call(workspace(world, 0), outcome="stood_in", error="resting", model="offline")
    call(workspace(world, 0), input_tokens=7, output_tokens=3)
    preview = make_submission(make_participant(world.study, 99, "duetml", kind="preview"))
    assert preview.step.workspace is not None
    call(preview.step.workspace, microusd=5)
    return world


def workspace(world: World, number: int) -> Workspace:
    found = world.submissions[number].step.workspace
    assert found is not None
    return found


def call(workspace: Workspace, **facts: Any) -> AgentCall:
    told: dict[str, Any] = {
        "agent": "reactive",
        "trigger": "message",
        "provider": "openai",
        "model": "gpt-4o-2024-08-06",
        "outcome": "answered",
        "state": State.DONE,
        "received": "words",
        "queued_at": NOW,
        "finished_at": NOW,
    }
    return AgentCall.objects.create(workspace=workspace, **(told | facts))


def exported(world: World, folder: Path, *, unlocked: bool = True) -> Export:
    exports.close(world, unlock=unlocked)
    return exports.exported(world, folder / "out", Options(free_text=True, formats=("csv",)))


def names(world: World, done: Export) -> dict[str, str]:
    """The platform's code by the id of the export."""
    of = {str(one.pk): one.participant.code for one in world.submissions}
    return {row["participant"]: of[row["submission"]] for row in read(done, "submissions")}


def test_a_participants_outages_and_costs_are_in_their_row(world: World, tmp_path: Path) -> None:
    done = exported(world, tmp_path)

    code = names(world, done)
    rows = read(done, "participants")
    sums = {code[row["participant"]]: [row[name] for name in SUMS] for row in rows}
    # calls, failed, stood in, ceiling, tokens read, written, micro-dollars, unpriced
    assert sums["P000"] == ["5", "2", "1", "1", "1007", "53", "3000", "1"]
    assert sums["P002"] == ["0"] * 8
    assert sums["P001"] == sums["P003"] == [""] * 8
    assert "P099" not in sums


def test_while_the_results_are_locked_no_row_tells_what_agents_did(
    world: World, tmp_path: Path
) -> None:
    done = exported(world, tmp_path, unlocked=False)

    rows = read(done, "participants")
    assert {row[name] for row in rows for name in SUMS} == {""}
    words = " ".join((done.target / "README.md").read_text().split())
    assert "agents' calls, interview notes, and steps that only one condition has" in words


def test_a_task_says_whether_its_pictures_might_be_sent(world: World, tmp_path: Path) -> None:
    done = exported(world, tmp_path)

    code = names(world, done)
    told = {code[row["participant"]]: row["shares_images"] for row in read(done, "steps")}
    assert told == {"P000": "true", "P001": "false", "P002": "false", "P003": "false"}


def test_every_field_of_a_call_is_exported(world: World, tmp_path: Path) -> None:
    ours = {"id": "call", "workspace": None, "lease_until": None}  # None: told by another column
    fields = {ours.get(one.name, one.name) for one in AgentCall._meta.concrete_fields} - {None}
    prompt = {"name": "reactive", "version": 1, "language": "en", "digest": "abc"}
    turn = {"role": "user", "parts": [{"image": "i", "sha256": "s"}]}
    call(
        workspace(world, 2),
        trigger="boundary",
        prompts=[prompt],
        request=[turn],
        received="-raw",
        reply="shown",
        seconds_to_first=0.25,
        price_list="2026-05-01",
        seen_seq=12,
        retries=2,
        stop_at=NOW,
        unwanted=True,
    )

    done = exported(world, tmp_path)

    assert fields <= {column.name for column in schema.AGENT_CALLS.columns}
    code = names(world, done)
    row = next(r for r in read(done, "agent_calls") if code[r["participant"]] == "P002")
    assert json.loads(row["prompts"]) == [prompt]
    assert json.loads(row["request"]) == [turn]
    assert (row["received"], row["reply"]) == ("'-raw", "shown")
    told = [row[name] for name in ("trigger", "outcome", "seconds_to_first", "price_list")]
    assert told == ["boundary", "answered", "0.25", "2026-05-01"]
    assert [row[name] for name in ("seen_seq", "retries", "unwanted")] == ["12", "2", "true"]


def test_what_the_participant_said_of_an_answer_stands_beside_its_call(
    world: World, tmp_path: Path
) -> None:
    made = call(workspace(world, 2), reply="Broader names?")
    asked = {"workspace": workspace(world, 2), "call": made, "at": NOW}
    Message.objects.create(author="participant", text="what is wrong?", **asked)
    answer = {"useful": False, "dismissed_at": NOW}
    Message.objects.create(author="reactive", text="Broader names?", **asked, **answer)

    done = exported(world, tmp_path)

    code, rows = names(world, done), read(done, "agent_calls")
    told = [
        [row["useful"], bool(row["dismissed_at"])] for row in rows if row["call"] == str(made.pk)
    ]
    assert told == [["false", True]]
    assert [row["useful"] for row in rows if code[row["participant"]] == "P000"] == [""] * 5


def test_a_turn_that_was_let_pass_is_a_row_with_its_reason(world: World, tmp_path: Path) -> None:
    with transaction.atomic():
        for number, reason in ((2, "typing"), (0, "unchanged"), (2, "streaming")):
            told = {"agent": "proactive", "trigger": "timer", "reason": reason}
            log.record(workspace(world, number).stream, "agent.skipped", told, at=NOW)

    done = exported(world, tmp_path)

    code = names(world, done)
    rows = [(code[r["participant"]], r["step"], r["reason"]) for r in read(done, "agent_skips")]
    assert sorted(rows, key=lambda row: row[0]) == [
        ("P000", "requirement", "unchanged"),
        ("P002", "requirement", "typing"),
        ("P002", "requirement", "streaming"),
    ]
