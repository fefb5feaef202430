"""A process is killed in the middle; what was accepted is done after its restart, once."""

import pytest

from study.robots.socket import Socket
from tests.faults.bench import Bench, eventually
from tests.vendor import reply

LONG = "Think of what the things are for. " * 12
LEASE_SECONDS = 120  # a lost lease is noticed by the sweep


def training_done(socket: Socket) -> bool:
    return bool(socket.events("training.done") or socket.events("training.failed"))


async def test_a_training_survives_the_death_of_its_worker(bench: Bench) -> None:
    async with bench.workspace() as socket:
        await bench.sorted_into_two(socket)
        bench.inside("forget-features")

        run = (await socket.do("training.start")).result["run"]
        await eventually(lambda: socket.seen.progress.get(run, 0) > 0)
        bench.kill("compute")
        await socket.until(lambda: training_done(socket), LEASE_SECONDS)

        facts = bench.inside("facts", socket.workspace)
        assert len(socket.events("training.done")) == 1
        assert [run["state"] for run in facts["runs"]] == ["done"]
        assert facts["runs"][0]["attempt"] == 2
        assert facts["chain_holds"]


async def test_a_reply_survives_the_death_of_the_web_process(bench: Bench) -> None:
    async with bench.workspace() as socket:
        bench.vendor.script(reply(LONG, seconds_per_piece=0.05))

        call = (await socket.do("chat.post", {"text": "What do you think?"})).result["call"]
        await eventually(lambda: socket.seen.tokens[call] >= 3)
        bench.kill("web")
        await socket.until(lambda: socket.view.answer_to(call) is not None, 60)

        socket.complain_of_gaps()
        assert socket.seen.reconnections >= 1
        assert len(socket.events("agent.answered")) == 1
        assert bench.inside("facts", socket.workspace)["answers"] == [LONG.strip()]


@pytest.mark.faults
async def test_a_reply_survives_the_death_of_the_agents_worker(bench: Bench) -> None:
    async with bench.workspace() as socket:
        bench.vendor.script(reply(LONG, seconds_per_piece=0.05), reply(LONG))

        call = (await socket.do("chat.post", {"text": "What do you think?"})).result["call"]
        await eventually(lambda: socket.seen.tokens[call] >= 3)
        bench.kill("agents")
        await socket.until(lambda: socket.view.answer_to(call) is not None, LEASE_SECONDS)

        facts = bench.inside("facts", socket.workspace)
        assert len(socket.events("agent.answered")) == 1
        assert facts["answers"] == [LONG.strip()]
        assert [call["state"] for call in facts["calls"]] == ["done"]


@pytest.mark.faults
async def test_work_accepted_while_the_broker_dies_is_done_once(bench: Bench) -> None:
    async with bench.workspace() as socket:
        await bench.sorted_into_two(socket)

        bench.kill("broker")
        run = (await socket.do("training.start")).result["run"]
        call = (await socket.do("chat.post", {"text": "Are you there?"})).result["call"]
        await socket.until(lambda: socket.view.runs.get(run) == "done", LEASE_SECONDS)
        await socket.until(lambda: socket.view.answer_to(call) is not None, LEASE_SECONDS)

        facts = bench.inside("facts", socket.workspace)
        assert len(socket.events("training.done")) == 1
        assert len(socket.events("agent.answered")) == 1
        assert [run["state"] for run in facts["runs"]] == ["done"]
        assert len(facts["answers"]) == 1
