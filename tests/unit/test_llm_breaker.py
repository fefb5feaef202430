"""When an endpoint is left alone, and when it is asked again."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from duetml.llm import breaker as limits
from duetml.llm.breaker import FAILURES_TO_REST, Breaker
from duetml.llm.client import ChatRequest, Failure, Text, Turn, VendorError
from duetml.llm.openai_client import OpenAIClient
from tests import vendor as stand_in
from tests.vendor import Behaviour, Vendor

LONGEST = 45.0  # of a call


def error(kind: Failure = Failure.UNAVAILABLE, retry_after: float | None = None) -> VendorError:
    return VendorError(kind, "no", retry_after)


def fail(breaker: Breaker, times: int, now: float, problem: VendorError | None = None) -> None:
    for _ in range(times):
        breaker.failed(breaker.admit(now, LONGEST), problem or error(), now)


def seconds_left(breaker: Breaker, now: float) -> float:
    with pytest.raises(VendorError) as caught:
        breaker.admit(now, LONGEST)
    assert caught.value.kind is Failure.RESTING
    return caught.value.retry_after_seconds or 0.0


def resting(now: float = 0.0) -> tuple[Breaker, float]:
    """A breaker whose endpoint has just begun to rest, and when that ends."""
    breaker = Breaker(Random(1))
    fail(breaker, FAILURES_TO_REST, now)
    return breaker, now + seconds_left(breaker, now)


@pytest.mark.parametrize(
    "kind",
    [Failure.UNAVAILABLE, Failure.TIMEOUT, Failure.RATE_LIMITED, Failure.UNAUTHORISED],
)
def test_an_endpoint_that_keeps_failing_rests_for_half_a_minute(kind: Failure) -> None:
    breaker = Breaker(Random(1))
    fail(breaker, FAILURES_TO_REST, 100.0, error(kind))

    left = seconds_left(breaker, 101.0)

    assert 29 <= left <= 36.5


@pytest.mark.parametrize(
    "kind",
    [
        Failure.REFUSED,
        Failure.EMPTY,
        Failure.BAD_REQUEST,
        Failure.NONSENSE,
        Failure.CUT_STREAM,
    ],
)
def test_one_that_answers_somehow_never_rests(kind: Failure) -> None:
    breaker = Breaker(Random(1))
    fail(breaker, FAILURES_TO_REST - 1, 0)

    fail(breaker, 1, 0, error(kind))
    fail(breaker, FAILURES_TO_REST - 1, 0)

    assert breaker.admit(0, LONGEST) == 0


def test_an_answer_in_between_begins_the_count_anew() -> None:
    breaker = Breaker(Random(1))
    fail(breaker, FAILURES_TO_REST - 1, 0)

    breaker.answered()
    fail(breaker, FAILURES_TO_REST - 1, 0)

    assert breaker.admit(0, LONGEST) == 0


def test_after_the_rest_one_call_is_let_through_and_no_other() -> None:
    breaker, end = resting()

    with ThreadPoolExecutor(8) as pool:
        tried = list(pool.map(lambda _: admitted(breaker, end), range(50)))

    assert sum(tried) == 1


def admitted(breaker: Breaker, now: float) -> bool:
    try:
        breaker.admit(now, LONGEST)
    except VendorError:
        return False
    return True


def test_an_answer_to_the_one_that_tries_lets_all_through() -> None:
    breaker, end = resting()
    breaker.admit(end, LONGEST)

    breaker.answered()

    assert [admitted(breaker, end) for _ in range(3)] == [True] * 3


def test_rests_grow_up_to_five_minutes() -> None:
    breaker, end = resting()
    rests = []

    for _ in range(6):
        fail(breaker, 1, end)
        rests.append(seconds_left(breaker, end))
        end += rests[-1]

    assert 60 <= rests[0] <= 75
    assert 120 <= rests[1] <= 150
    assert rests[3:] == [300.0] * 3


def test_a_longer_wait_that_the_vendor_asks_for_is_kept() -> None:
    breaker = Breaker(Random(1))

    fail(breaker, FAILURES_TO_REST, 0, error(Failure.RATE_LIMITED, 120))

    assert seconds_left(breaker, 0) == 120


def test_calls_that_were_under_way_do_not_prolong_the_rest() -> None:
    breaker = Breaker(Random(1))
    under_way = [breaker.admit(0, LONGEST) for _ in range(50)]
    for permit in under_way[:FAILURES_TO_REST]:
        breaker.failed(permit, error(), 1)
    left = seconds_left(breaker, 2)

    for permit in under_way[FAILURES_TO_REST:]:
        breaker.failed(permit, error(), 2)

    assert seconds_left(breaker, 2) == left


def test_one_that_tries_and_is_given_up_lets_the_next_try() -> None:
    breaker, end = resting()
    permit = breaker.admit(end, LONGEST)

    breaker.withdrawn(permit, end + 1)

    assert admitted(breaker, end + 1)
    assert not admitted(breaker, end + 1)


def test_one_that_tries_and_never_comes_back_is_not_waited_for_for_ever() -> None:
    breaker, end = resting()
    breaker.admit(end, LONGEST)

    assert not admitted(breaker, end + LONGEST - 1)
    assert admitted(breaker, end + LONGEST)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor() as running:
        yield running


def asked(client: OpenAIClient) -> Failure | str:
    request = ChatRequest("gpt-4o", (Turn("user", (Text("hello"),)),), 0.5, 100, 5)
    try:
        return "".join(chunk.text for chunk in client.stream(request))
    except VendorError as problem:
        return problem.kind


def test_a_resting_endpoint_is_not_asked(vendor: Vendor) -> None:
    client = OpenAIClient("a-key", vendor.url, 0, Random(1))
    vendor.always(stand_in.fails(503))
    told = [asked(client) for _ in range(FAILURES_TO_REST)]
    vendor.forget()

    assert asked(client) is Failure.RESTING
    assert told == [Failure.UNAVAILABLE] * FAILURES_TO_REST
    assert len(vendor.requests) == FAILURES_TO_REST


def test_after_its_rest_the_endpoint_is_asked_again(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FIRST_REST_SECONDS", 0.0)
    client = OpenAIClient("a-key", vendor.url, 0, Random(1))
    vendor.script(*[stand_in.fails(503)] * FAILURES_TO_REST, stand_in.reply("Here."))
    for _ in range(FAILURES_TO_REST):
        asked(client)

    assert asked(client) == "Here."


@pytest.mark.parametrize("behaviour", [stand_in.refuses(), stand_in.reply(""), stand_in.fails(400)])
def test_a_vendor_that_answers_something_else_is_asked_on(
    vendor: Vendor, behaviour: Behaviour
) -> None:
    client = OpenAIClient("a-key", vendor.url, 0, Random(1))
    vendor.script(*[behaviour] * (FAILURES_TO_REST + 1), stand_in.reply("Here."))
    for _ in range(FAILURES_TO_REST + 1):
        asked(client)

    assert asked(client) == "Here."


def test_an_endpoint_rests_for_one_client_alone(vendor: Vendor) -> None:
    make: Callable[[], OpenAIClient] = lambda: OpenAIClient("a-key", vendor.url, 0, Random(1))  # noqa: E731
    one, other = make(), make()
    vendor.script(*[stand_in.fails(503)] * FAILURES_TO_REST, stand_in.reply("Here."))
    for _ in range(FAILURES_TO_REST):
        asked(one)

    assert asked(other) == "Here."
