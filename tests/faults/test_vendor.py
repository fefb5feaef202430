"""The model vendor fails in every way it can: the chat says so, a retry works, training goes on."""

import pytest

from tests.faults.bench import Bench
from tests.vendor import Behaviour, broken_json, cut, fails, rate_limited

pytestmark = pytest.mark.faults
ATTEMPTS = 3  # a failure that may pass is tried so often before the chat says so

FAULTS = {
    "error 500": [fails(500)] * ATTEMPTS,
    "rate limit": [rate_limited()] * ATTEMPTS,
    "cut in the middle": [cut(2)],
    "nonsense": [broken_json()],
    "wrong key": [fails(401)],
}


@pytest.mark.parametrize("behaviours", FAULTS.values(), ids=FAULTS.keys())
async def test_a_failure_is_shown_and_a_retry_works(
    bench: Bench, behaviours: list[Behaviour]
) -> None:
    async with bench.workspace() as socket:
        await bench.sorted_into_two(socket)
        bench.vendor.script(*behaviours)

        call = (await socket.do("chat.post", {"text": "Hello?"})).result["call"]
        run = (await socket.do("training.start")).result["run"]
        assert await socket.until(lambda: call in socket.view.failed, 60)
        again = (await socket.do("chat.retry", {"call": call})).result["call"]

        assert await socket.until(lambda: socket.view.answer_to(again) is not None, 60)
        assert await socket.until(lambda: socket.view.runs[run] == "done", 90)
        assert len(socket.events("agent.answered")) == 1
        assert len(socket.events("agent.failed")) == 1


async def test_a_vendor_that_is_away_is_tried_again_later(bench: Bench) -> None:
    async with bench.workspace() as socket:
        with bench.no_vendor():
            call = (await socket.do("chat.post", {"text": "Hello?"})).result["call"]
            assert await socket.until(lambda: call in socket.view.failed, 90)

        again = (await socket.do("chat.retry", {"call": call})).result["call"]

        assert await socket.until(lambda: socket.view.answer_to(again) is not None, 60)
