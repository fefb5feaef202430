"""Many calls at once, calls nobody waits for any more, and models that will not take everything."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import pytest

from duetml.llm.client import ChatRequest, Chunk, Failure, Text, Turn, Usage, VendorError
from duetml.llm.openai_client import OpenAIClient
from tests import vendor as stand_in
from tests.vendor import Vendor

KEY = "sk-not-to-be-told"
MANY = 300


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor() as running:
        yield running


def client(vendor: Vendor) -> OpenAIClient:
    return OpenAIClient(KEY, vendor.url, 2, Random(1), 0.01)


def asking(
    temperature: float | None = 0.5, max_tokens: int = 100, timeout_seconds: float = 20
) -> ChatRequest:
    messages = (Turn("system", (Text("Be kind."),)), Turn("user", (Text("hello"),)))
    return ChatRequest("gpt-4o", messages, temperature, max_tokens, timeout_seconds)


def whole(client: OpenAIClient, request: ChatRequest) -> tuple[str, Usage]:
    chunks = list(client.stream(request))
    usage = chunks[-1].usage
    assert usage is not None
    return "".join(chunk.text for chunk in chunks), usage


def eventually(vendor: Vendor, seconds: float = 1) -> bool:
    """Whether the vendor saw its first client leave, soon."""
    until = time.monotonic() + seconds
    while not vendor.requests[0].closed_early and time.monotonic() < until:
        time.sleep(0.01)
    return vendor.requests[0].closed_early


def test_while_nothing_comes_there_are_heartbeats(vendor: Vendor) -> None:
    vendor.script(stand_in.reply("Here.", first_token_seconds=1.0))

    chunks = list(client(vendor).stream(asking()))

    beats = chunks.index(Chunk(text="Here."))
    assert chunks[:beats] == [Chunk()] * beats
    assert beats >= 3


def test_there_are_heartbeats_before_a_second_attempt_too(vendor: Vendor) -> None:
    vendor.script(stand_in.rate_limited("0.6"), stand_in.reply("Here."))

    first, second, *_ = client(vendor).stream(asking())

    assert (first, second) == (Chunk(), Chunk())


@pytest.mark.parametrize(
    "behaviour", [stand_in.hangs(), stand_in.reply("one two three", seconds_per_piece=30)]
)
def test_the_vendor_sees_at_once_that_nobody_listens(
    vendor: Vendor, behaviour: stand_in.Behaviour
) -> None:
    vendor.script(behaviour)
    answer = client(vendor).stream(asking(timeout_seconds=60))
    next(answer)

    answer.close()  # type: ignore[attr-defined]

    assert eventually(vendor)


def test_an_answer_given_up_at_its_deadline_is_cancelled(vendor: Vendor) -> None:
    vendor.script(stand_in.drips())

    with pytest.raises(VendorError):
        list(client(vendor).stream(asking(timeout_seconds=0.3)))

    assert eventually(vendor)


def test_nobody_waits_for_another_however_many_ask() -> None:
    with Vendor(first_token_seconds=1.0) as vendor, ThreadPoolExecutor(MANY) as pool:
        asked = client(vendor)
        began = time.monotonic()

        answers = list(pool.map(lambda _: whole(asked, asking()), range(MANY)))

    assert len(answers) == MANY
    assert time.monotonic() - began < 15  # one after the other: 300 s


def test_however_many_ask_there_is_one_thread_for_all_of_them(vendor: Vendor) -> None:
    asked = client(vendor)
    whole(asked, asking())

    before = threading.active_count()
    answers = [asked.stream(asking()) for _ in range(20)]
    for answer in answers:
        next(answer)

    assert threading.active_count() == before


class Counting(BaseHTTPRequestHandler):
    """Answers everything alike and counts who connected."""

    protocol_version = "HTTP/1.1"
    connections = 0

    def setup(self) -> None:
        super().setup()
        type(self).connections += 1

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        said = b'data: {"choices": [{"delta": {"content": "Yes."}, "finish_reason": "stop"}]}\n\n'
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


def test_the_next_call_takes_the_connection_of_the_last() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Counting) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        asked = OpenAIClient(KEY, f"http://127.0.0.1:{server.server_port}/v1", 0)

        for _ in range(5):
            whole(asked, asking())
        server.shutdown()

    assert Counting.connections == 1


def test_a_process_forked_from_one_that_asked_can_ask(vendor: Vendor) -> None:
    asked = client(vendor)
    whole(asked, asking())

    child = os.fork()
    if not child:
        try:
            os._exit(7 if whole(asked, asking())[0] else 1)
        finally:
            os._exit(1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert len(vendor.requests) == 2


def test_a_temperature_of_none_is_left_to_the_vendor(vendor: Vendor) -> None:
    whole(client(vendor), asking(temperature=None))

    assert "temperature" not in vendor.requests[0].body


@pytest.mark.parametrize(
    ("rejected", "missing", "there"),
    [
        ("max_tokens", "max_tokens", {"max_completion_tokens": 100, "temperature": 0.5}),
        ("temperature", "temperature", {"max_tokens": 100}),
        ("stream_options", "stream_options", {"max_tokens": 100, "temperature": 0.5}),
    ],
)
def test_a_model_that_will_not_take_a_parameter_is_asked_again_without(
    rejected: str, missing: str, there: dict[str, object]
) -> None:
    with Vendor(rejects=[rejected]) as vendor:
        text, usage = whole(client(vendor), asking())

        sent = vendor.requests[-1].body
    assert text
    assert missing not in sent
    assert {name: sent[name] for name in there} == there
    assert (usage.adapted, usage.retries, len(vendor.requests)) == ((rejected,), 0, 2)


def test_what_a_model_will_not_take_is_remembered() -> None:
    with Vendor(rejects=["max_tokens", "temperature", "stream_options"]) as vendor:
        asked = client(vendor)
        whole(asked, asking())
        before = len(vendor.requests)

        _, usage = whole(asked, asking())

    assert (before, len(vendor.requests)) == (4, 5)
    assert (usage.input_tokens, usage.output_tokens) == (None, None)
    assert usage.adapted == ("max_tokens", "stream_options", "temperature")


def test_a_value_that_is_wrong_is_no_parameter_to_leave_out(vendor: Vendor) -> None:
    with pytest.raises(VendorError) as caught:
        whole(client(vendor), asking(max_tokens=0))

    assert caught.value.kind is Failure.BAD_REQUEST
    assert len(vendor.requests) == 1


def test_the_key_is_in_no_error(vendor: Vendor) -> None:
    vendor.always(stand_in.sends(f'data: {{"error": {{"message": "wrong key {KEY}"}}}}\n\n'))

    with pytest.raises(VendorError, match="wrong key …") as caught:
        whole(client(vendor), asking())

    assert KEY not in repr(caught.value) + str(caught.value)
