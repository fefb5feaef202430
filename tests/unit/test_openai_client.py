"""The client against a real HTTP server that behaves as vendors do on bad days."""

import base64
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from random import Random

import pytest
from PIL import Image

from duetml.llm.client import ChatRequest, Failure, Picture, Text, Turn, VendorError
from duetml.llm.failures import retry_after
from duetml.llm.openai_client import OpenAIClient
from tests import vendor as stand_in
from tests.vendor import Behaviour, Vendor

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def a_jpeg() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "silver").save(out, "JPEG")
    return out.getvalue()


A_SPOON = a_jpeg()


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor() as running:
        yield running


def client(vendor: Vendor, max_retries: int = 2, quiet_seconds: float = 20) -> OpenAIClient:
    return OpenAIClient("a-key", vendor.url, max_retries, Random(1), 0.01, quiet_seconds)


def asking(*parts: Text | Picture, timeout_seconds: float = 5) -> ChatRequest:
    said = parts or (Text("hello"),)
    messages = (Turn("system", (Text("Be kind."),)), Turn("user", said))
    return ChatRequest("gpt-4o", messages, 0.5, 100, timeout_seconds)


def whole(client: OpenAIClient, request: ChatRequest) -> str:
    return "".join(chunk.text for chunk in client.stream(request))


def failure(client: OpenAIClient, request: ChatRequest) -> VendorError:
    with pytest.raises(VendorError) as caught:
        whole(client, request)
    return caught.value


def test_an_answer_arrives_in_pieces_and_ends_with_its_usage(vendor: Vendor) -> None:
    vendor.script(stand_in.reply("Try broader names."))

    *chunks, last = client(vendor).stream(asking())

    pieces = [chunk.text for chunk in chunks if chunk.text]
    assert len(pieces) > 1
    assert "".join(pieces) == "Try broader names."
    assert last.usage is not None
    assert (last.usage.model, last.usage.finish_reason) == ("gpt-4o", "stop")
    assert last.usage.output_tokens == len(pieces)


def test_everything_of_the_request_reaches_the_vendor(vendor: Vendor) -> None:
    request = asking(Text("look"), Picture(A_SPOON, caption="a spoon"))

    answer = whole(client(vendor), request)

    body = vendor.requests[0].body
    assert (body["temperature"], body["max_tokens"]) == (0.5, 100)
    assert body["stream_options"] == {"include_usage": True}
    assert vendor.requests[0].authorization == "Bearer a-key"
    assert vendor.requests[0].text == "Be kind.\nlook\na spoon"
    encoded = base64.b64encode(A_SPOON).decode()
    assert vendor.requests[0].images == [f"data:image/jpeg;base64,{encoded}"]
    assert "1 pictures" in answer


def test_a_turn_without_pictures_is_sent_as_a_plain_string(vendor: Vendor) -> None:
    whole(client(vendor), asking(Text("one"), Text("two")))

    assert vendor.requests[0].body["messages"][1]["content"] == "one\ntwo"


@pytest.mark.parametrize(
    "first",
    [
        stand_in.rate_limited("0"),
        stand_in.fails(500),
        stand_in.sends('data: {"error": {"code": ["odd"], "message": 7}}\n\n'),
    ],
)
def test_a_failure_that_may_pass_is_tried_again(vendor: Vendor, first: Behaviour) -> None:
    vendor.script(first, stand_in.reply("Here."))

    answer = whole(client(vendor), asking())

    assert answer == "Here."
    assert len(vendor.requests) == 2


def test_a_line_cut_before_the_first_word_is_tried_again(vendor: Vendor) -> None:
    vendor.script(stand_in.cut(after=0), stand_in.reply("Here."))

    answer = whole(client(vendor), asking())

    assert answer == "Here."


def test_a_vendor_that_stays_silent_is_asked_again_within_the_ceiling(vendor: Vendor) -> None:
    vendor.script(stand_in.hangs(), stand_in.reply("Here."))

    answer = whole(client(vendor, quiet_seconds=0.2), asking())

    assert answer == "Here."


def test_an_answer_that_has_begun_is_never_started_again(vendor: Vendor) -> None:
    vendor.script(stand_in.reply("one two", seconds_per_piece=5), stand_in.reply("Here."))

    error = failure(client(vendor, quiet_seconds=0.2), asking())

    assert error.kind is Failure.TIMEOUT
    assert len(vendor.requests) == 1


def test_retries_are_bounded(vendor: Vendor) -> None:
    vendor.script(*[stand_in.fails(503)] * 5)

    error = failure(client(vendor, max_retries=2), asking())

    assert error.kind is Failure.UNAVAILABLE
    assert len(vendor.requests) == 3


def test_a_longer_wait_than_the_ceiling_is_handed_to_the_caller(vendor: Vendor) -> None:
    vendor.script(stand_in.rate_limited("3600"))

    error = failure(client(vendor), asking())

    assert error.kind is Failure.RATE_LIMITED
    assert error.retry_after_seconds == 3600
    assert len(vendor.requests) == 1


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (stand_in.fails(401), Failure.UNAUTHORISED),
        (stand_in.fails(403), Failure.UNAUTHORISED),
        (stand_in.fails(429, "insufficient_quota"), Failure.UNAUTHORISED),
        (stand_in.fails(400), Failure.BAD_REQUEST),
        (stand_in.fails(404), Failure.BAD_REQUEST),
        (stand_in.fails(400, "content_filter"), Failure.REFUSED),
        (stand_in.refuses(), Failure.REFUSED),
        (stand_in.filtered(), Failure.REFUSED),
        (stand_in.broken_json(), Failure.NONSENSE),
        (stand_in.sends("<h1>Welcome</h1>", "text/html"), Failure.NONSENSE),
        (stand_in.sends("data: 3\n\n"), Failure.NONSENSE),
        (stand_in.sends("data: []\n\n"), Failure.NONSENSE),
        (stand_in.sends('data: {"choices": 7}\n\n'), Failure.NONSENSE),
        (stand_in.sends('data: {"choices": [{"delta": null}]}\n\n'), Failure.NONSENSE),
        (stand_in.sends('data: {"choices": [{"delta": {"content": 7}}]}\n\n'), Failure.NONSENSE),
        (stand_in.sends('data: {"choices": [], "usage": "lots"}\n\n'), Failure.NONSENSE),
        (stand_in.sends("data: null\n\n"), Failure.NONSENSE),
        (stand_in.sends('data: {"choices": [7]}\n\n'), Failure.NONSENSE),
        (stand_in.sends("7", "application/json"), Failure.NONSENSE),
        (stand_in.sends("{", "application/json"), Failure.NONSENSE),
        (stand_in.sends('{"object": "model"}', "application/json"), Failure.NONSENSE),
        (stand_in.sends("data: hello\n\n", ""), Failure.NONSENSE),
        (
            stand_in.sends('data: {"error": {"code": 401, "message": "no"}}\n\n'),
            Failure.UNAUTHORISED,
        ),
        (
            stand_in.sends("data: \x00\udcff\n\n".encode("utf-8", "replace").decode()),
            Failure.NONSENSE,
        ),
        (stand_in.sends("data: [DONE]\n\n"), Failure.EMPTY),
        (
            stand_in.sends('data: {"error": {"code": "content_filter", "message": "no"}}\n\n'),
            Failure.REFUSED,
        ),
        (stand_in.reply(""), Failure.EMPTY),
        (stand_in.cut(after=2), Failure.CUT_STREAM),
    ],
)
def test_a_failure_that_stays_is_told_at_once(
    vendor: Vendor, behaviour: Behaviour, kind: Failure
) -> None:
    vendor.script(behaviour)

    error = failure(client(vendor), asking())

    assert error.kind is kind
    assert len(vendor.requests) == 1


def test_what_came_before_a_cut_is_not_lost(vendor: Vendor) -> None:
    vendor.script(stand_in.cut(after=2, text="one two three"))
    heard: list[str] = []

    with pytest.raises(VendorError):
        heard.extend(chunk.text for chunk in client(vendor).stream(asking()) if chunk.text)

    assert heard == ["one", " two"]


@pytest.mark.parametrize(
    "behaviour",
    [
        stand_in.hangs(),
        stand_in.drips(),
        stand_in.reply("a b c d e f g h i j k l m n", seconds_per_piece=0.1),
    ],
)
def test_the_ceiling_holds_for_the_whole_answer(vendor: Vendor, behaviour: Behaviour) -> None:
    vendor.script(behaviour)

    error = failure(client(vendor), asking(timeout_seconds=0.4))

    assert error.kind is Failure.TIMEOUT
    assert len(vendor.requests) == 1


def test_nobody_listening_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    nobody = OpenAIClient("a-key", f"http://127.0.0.1:{port}/v1", 0)

    error = failure(nobody, asking())

    assert error.kind is Failure.UNAVAILABLE


@pytest.mark.parametrize(
    ("key", "url"), [("", "not an address"), ("k", "http://[/v1"), ("é", "x:")]
)
def test_settings_that_cannot_work_are_a_vendor_error_too(key: str, url: str) -> None:
    with pytest.raises(VendorError):
        list(OpenAIClient(key, url, 0).stream(asking()))


def test_an_error_told_inside_the_stream_is_tried_again(vendor: Vendor) -> None:
    overloaded = 'data: {"error": {"code": "overloaded", "message": "later"}}\n\n'
    vendor.script(stand_in.sends(overloaded), stand_in.reply("Here."))

    answer = whole(client(vendor), asking())

    assert answer == "Here."


def test_a_caller_may_stop_listening(vendor: Vendor) -> None:
    vendor.script(stand_in.reply("one two three four", seconds_per_piece=0.05))
    answer = iter(client(vendor).stream(asking()))

    first = next(chunk.text for chunk in answer if chunk.text)
    answer.close()  # type: ignore[attr-defined]

    assert first == "one"
    assert whole(client(vendor), asking(Text("again"))) != ""


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("2", 2),
        ("1.5", 1.5),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("soon", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    told: str | None, seconds: float | None
) -> None:
    assert retry_after(told, NOON) == seconds
