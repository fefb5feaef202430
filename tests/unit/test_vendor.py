"""The stand-in for the vendor judges requests as the real API would, and answers as it is told."""

import base64
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, IncompleteRead
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from duetml import prompts
from tests.vendor import Vendor, cut, demo, fails, hangs, refuses, reply
from tests.vendor.demo import ROOT

Body = dict[str, Any]


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor() as running:
        yield running


def picture(kind: str = "JPEG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "silver").save(out, kind)
    return out.getvalue()


def data_url(data: bytes, mime: str = "image/jpeg") -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def body(**more: object) -> Body:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}], **more}


def saying(*parts: object, role: str = "user") -> Body:
    return body(messages=[{"role": role, "content": list(parts)}])


def showing(url: object, **more: object) -> Body:
    return saying({"type": "image_url", "image_url": {"url": url, **more}})


def asking(agent: str, language: str, *texts: str, version: int = 1) -> Body:
    """A request as an agent makes it: the system prompt, then one turn of text."""
    prompt = prompts.load(agent, version, language).fill(language="English")
    parts = [{"type": "text", "text": text} for text in texts]
    turns = [{"role": "system", "content": prompt}, {"role": "user", "content": parts}]
    return body(messages=turns)


@dataclass(frozen=True)
class Answer:
    status: int
    kind: str
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


def ask(
    vendor: Vendor,
    method: str,
    path: str,
    content: bytes = b"",
    seconds: float = 20,
    **headers: str,
) -> Answer:
    connection = HTTPConnection(urlsplit(vendor.url).netloc, timeout=seconds)
    try:
        connection.request(method, path, content, headers)
        response = connection.getresponse()
        kind = response.headers["Content-Type"]
        return Answer(response.status, kind, response.read().decode())
    finally:
        connection.close()


def post(
    vendor: Vendor, document: object, key: str = "Bearer any key", seconds: float = 20
) -> Answer:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return ask(vendor, "POST", "/v1/chat/completions", content, seconds, Authorization=key)


def words(answer: Answer) -> str:
    return str(answer.json()["choices"][0]["message"]["content"])


def events(answer: Answer) -> list[Body]:
    lines = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


# --- what it takes


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_real_picture_is_taken(vendor: Vendor, kind: str) -> None:
    answer = post(vendor, showing(data_url(picture(kind), f"image/{kind.lower()}"), detail="low"))

    assert answer.status == 200
    assert "1 pictures" in words(answer)


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 2, "max_tokens": 1},
        {"temperature": None, "max_completion_tokens": 400, "max_tokens": None},
        {"stream": True, "stream_options": {"include_usage": True}},
        {"messages": [{"role": "developer", "content": "x", "name": "y"}]},
        {"messages": [{"role": "assistant", "content": None, "tool_calls": [{}]}]},
    ],
)
def test_what_the_real_one_takes_is_taken(vendor: Vendor, more: Body) -> None:
    assert post(vendor, body(**more)).status == 200


def test_a_picture_on_the_web_is_taken_and_not_fetched(vendor: Vendor) -> None:
    assert post(vendor, showing("https://127.0.0.1:1/a.jpg")).status == 200


WRONG: dict[str, tuple[object, str]] = {
    "a list": ([], "expected an object"),
    "no model": ({"messages": []}, "you must provide a model parameter"),
    "an empty model": (body(model=""), "you must provide a model parameter"),
    "a model that is a number": (body(model=4), "you must provide a model parameter"),
    "an unknown argument": (body(wisdom=1), "Unrecognized request argument supplied: wisdom"),
    "two unknown ones": (body(b=1, a=1), "Unrecognized request arguments supplied: a, b"),
    "no messages": ({"model": "m"}, "Missing required parameter: 'messages'"),
    "messages that are words": (body(messages="hi"), "expected an array of objects"),
    "an empty dialogue": (body(messages=[]), "empty array"),
    "a message that is a word": (body(messages=["hi"]), "expected an object"),
    "no role": (body(messages=[{"content": "x"}]), "'messages[0].role'"),
    "a made-up role": (saying(role="wizard"), "Supported values are: 'system', 'assistant'"),
    "an unknown field": (
        body(messages=[{"role": "user", "content": "x", "mood": "good"}]),
        "Unknown parameter: 'messages[0].mood'",
    ),
    "no content": (body(messages=[{"role": "user"}]), "expected a string, got null"),
    "content that is a number": (
        body(messages=[{"role": "user", "content": 3}]),
        "expected one of a string or array of objects, but got an integer",
    ),
    "content without parts": (saying(), "empty array"),
    "a part that is a word": (saying("hi"), "expected an object"),
    "a part without a type": (saying({"text": "hi"}), "'messages[0].content[0].type'"),
    "a part of no known type": (saying({"type": "smell"}), "Invalid value: 'smell'"),
    "a text part without text": (saying({"type": "text"}), "'messages[0].content[0].text'"),
    "a text that is a number": (saying({"type": "text", "text": 3}), "expected a string"),
    "a field too many": (saying({"type": "text", "text": "", "size": 1}), "content[0].size"),
    "a picture in a system prompt": (
        saying({"type": "image_url", "image_url": {"url": data_url(picture())}}, role="system"),
        "only allowed for messages with role 'user'",
    ),
    "a picture that is an address alone": (
        saying({"type": "image_url", "image_url": "https://x.example/a.jpg"}),
        "expected an object",
    ),
    "a detail nobody knows": (showing(data_url(picture()), detail="max"), "Invalid value: 'max'"),
    "an address of no kind": (showing("a.jpg"), "Expected a valid URL"),
    "an address that is none": (showing(7), "expected a string"),
    "a picture that is a text": (showing(data_url(b"hi", "text/plain")), "unsupported MIME type"),
    "no base64": (showing("data:image/jpeg;base64,%%%%"), "Invalid base64 image_url."),
    "an empty picture": (showing("data:image/jpeg;base64,"), "empty base64-encoded bytes"),
    "bytes that are no picture": (showing(data_url(b"a spoon")), "unsupported image"),
    "half a picture": (showing(data_url(picture()[:300])), "unsupported image"),
    "a PNG called JPEG": (showing(data_url(picture("PNG"))), "unsupported image"),
    "too warm": (body(temperature=2.1), "Expected a value <= 2, but got 2.1"),
    "too cold": (body(temperature=-1), "Expected a value >= 0, but got -1"),
    "warmth in words": (body(temperature="hot"), "expected a decimal, but got a string"),
    "warmth that is yes": (body(temperature=True), "expected a decimal, but got a boolean"),
    "no tokens": (body(max_tokens=0), "Expected a value >= 1, but got 0"),
    "half a token": (body(max_completion_tokens=0.5), "expected an integer, but got a decimal"),
    "both kinds of tokens": (
        body(max_tokens=9, max_completion_tokens=9),
        "at the same time is not supported",
    ),
    "options without a stream": (
        body(stream_options={"include_usage": True}),
        "only allowed when 'stream' is enabled",
    ),
    "an unknown option": (
        body(stream=True, stream_options={"hurry": 1}),
        "Unknown parameter: 'stream_options.hurry'",
    ),
    "a stream that is a word": (body(stream="yes"), "expected a boolean"),
    "more than fits": (
        body(messages=[{"role": "user", "content": "word " * 110_000}]),
        "maximum context length is 128000 tokens",
    ),
}


@pytest.mark.parametrize(("document", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_what_the_real_one_rejects_is_rejected_in_its_words(
    vendor: Vendor, document: object, sentence: str
) -> None:
    answer = post(vendor, document)

    error = answer.json()["error"]
    assert answer.status == 400
    assert sentence in error["message"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    assert vendor.requests[0].problem == error["message"]


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"model": "\\ud800"}'])
def test_what_is_no_json_is_rejected(vendor: Vendor, raw: bytes) -> None:
    answer = post(vendor, raw)

    assert answer.status == 400
    assert "could not parse the JSON body" in answer.json()["error"]["message"]


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer ", "Basic x"])
def test_nobody_is_answered_without_a_key(vendor: Vendor, key: str) -> None:
    answer = post(vendor, body(), key)

    assert answer.status == 401
    assert "You didn't provide an API key" in answer.json()["error"]["message"]


def test_a_model_that_is_gone_is_not_found(vendor: Vendor) -> None:
    answer = post(vendor, body(model="gone"))

    assert (answer.status, answer.json()["error"]["code"]) == (404, "model_not_found")


def test_a_request_can_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.vendor.server.MOST_BYTES", 1000)
    with Vendor() as vendor:
        answer = post(vendor, body(user="x" * 2000))

    assert (answer.status, answer.json()["error"]["code"]) == (413, "request_too_large")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"max_tokens": 9}, "unsupported_parameter"),
        ({"temperature": 0.7}, "unsupported_value"),
        ({"max_completion_tokens": 9, "temperature": 1}, None),
    ],
)
def test_a_newer_model_refuses_what_older_ones_took(more: Body, code: str | None) -> None:
    with Vendor(rejects=("max_tokens", "temperature")) as vendor:
        answer = post(vendor, body(**more))

    assert answer.json().get("error", {}).get("code") == code


def test_in_a_hurry_it_looks_at_the_first_bytes_and_keeps_no_picture() -> None:
    with Vendor(light=True) as vendor:
        statuses = [
            post(vendor, showing(data_url(data))).status
            for data in (picture()[:300], b"a spoon in a drawer")
        ]

    assert statuses == [200, 400]
    assert len(vendor.requests[0].images[0]) < 100


# --- how it answers


def test_a_stream_has_the_frames_of_the_real_one(vendor: Vendor) -> None:
    vendor.script(reply("Hello you"))

    answer = post(vendor, body(stream=True, stream_options={"include_usage": True}))

    first, *pieces, end, counted = events(answer)
    assert answer.kind == "text/event-stream"
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert [one["choices"][0]["delta"]["content"] for one in pieces] == ["Hello", " you"]
    assert end["choices"][0]["finish_reason"] == "stop"
    assert (counted["choices"], counted["usage"]["completion_tokens"]) == ([], 2)
    assert {one["object"] for one in (first, end, counted)} == {"chat.completion.chunk"}


@pytest.mark.parametrize(
    ("options", "script", "wanted"),
    [
        ({"usage": False}, reply("Hi"), True),
        ({}, reply("Hi", usage=False), True),
        ({}, reply("Hi"), False),
    ],
)
def test_tokens_are_not_counted_by_everybody(
    options: dict[str, bool], script: Any, wanted: bool
) -> None:
    with Vendor(**options) as vendor:  # type: ignore[arg-type]
        vendor.script(script)
        more: Body = {"stream_options": {"include_usage": True}} if wanted else {}
        answer = post(vendor, body(stream=True, **more))

    assert [one for one in events(answer) if one.get("usage")] == []


def test_an_answer_takes_its_time() -> None:
    with Vendor(first_token_seconds=0.2, seconds_per_piece=0.1) as vendor:
        vendor.script(reply("one two three"))
        post(vendor, body(stream=True))

    seen = vendor.requests[0]
    assert seen.first_at is not None
    assert seen.ended_at is not None
    assert 0.2 <= seen.first_at - seen.at < 1
    assert seen.ended_at - seen.first_at >= 0.3


def test_agents_can_be_answered_in_different_ways(vendor: Vendor) -> None:
    vendor.script(reply("Once."), to="proactive")
    vendor.always(fails(503), to="proactive")
    vendor.always(reply("Found."), to=lambda seen: "needle" in seen.text)

    answers = [
        post(vendor, asking("reactive", "en", "hello")),
        post(vendor, asking("proactive", "en", "hello")),
        post(vendor, asking("proactive", "ja", "hello")),
        post(vendor, body(messages=[{"role": "user", "content": "a needle"}])),
    ]

    assert [answer.status for answer in answers] == [200, 200, 503, 200]
    assert [words(answers[1]), words(answers[3])] == ["Once.", "Found."]
    assert len(vendor.asked("proactive")) == 2
    vendor.forget()
    assert post(vendor, asking("proactive", "en", "hello")).status == 200


def soon(true: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


@pytest.mark.parametrize("behaviour", [reply("a b c d e f", seconds_per_piece=0.2), hangs()])
def test_it_is_noticed_when_the_client_leaves_before_the_end(
    vendor: Vendor, behaviour: Any
) -> None:
    vendor.script(behaviour)

    with pytest.raises(TimeoutError):
        post(vendor, body(stream=True), seconds=0.1)

    assert soon(lambda: vendor.requests[0].closed_early)
    assert vendor.requests[0].ended_at is None


@pytest.mark.parametrize("behaviour", [reply("Whole."), fails(500), refuses()])
def test_who_leaves_at_the_end_does_not_leave_early(vendor: Vendor, behaviour: Any) -> None:
    vendor.script(behaviour)

    post(vendor, body(stream=True))

    assert soon(lambda: vendor.requests[0].ended_at is not None)
    assert not vendor.requests[0].closed_early


def test_a_cut_line_is_not_the_client_leaving(vendor: Vendor) -> None:
    vendor.script(cut(1))

    with pytest.raises((IncompleteRead, ConnectionError)):
        post(vendor, body(stream=True))

    assert not vendor.requests[0].closed_early


# --- what it says in a demo

SORTED = '- "cat": 9 pictures in all\npicture 3\npicture 12\n- "dog": 2 pictures in all'
SORTED_JA = '- "ネコ"：全部で9枚\n画像 3\n画像 12\n- "イヌ"：全部で2枚'


def advice(agent: str, language: str, text: str, turns: int = 8) -> list[str]:
    with Vendor(advises=True) as vendor:
        return [words(post(vendor, asking(agent, language, text))) for _ in range(turns)]


@pytest.mark.parametrize(
    ("language", "text", "names", "number"),
    [
        ("en", SORTED, ("“cat”", "“dog”"), "picture 3"),
        ("ja", SORTED_JA, ("「ネコ」", "「イヌ」"), "画像 3"),
    ],
)
@pytest.mark.parametrize("agent", ["reactive", "proactive"])
def test_advice_is_short_asks_one_question_and_names_what_is_there(
    agent: str, language: str, text: str, names: tuple[str, str], number: str
) -> None:
    said = advice(agent, language, text)

    assert all(one.count("?") + one.count("？") == 1 for one in said)
    assert all(len(one.split()) <= 80 and len(one) <= 400 for one in said)
    assert all("$" not in one for one in said)
    assert all(any(name in one for one in said) for name in names)
    assert any(number in one for one in said)
    assert any("**" in one for one in said)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_two_agents_say_different_things_and_lists_too(language: str) -> None:
    reactive, proactive = (
        set(advice(agent, language, SORTED)) for agent in ("reactive", "proactive")
    )

    assert reactive & proactive == set()
    assert any("\n- " in one for one in reactive)


@pytest.mark.parametrize(
    "text", ["Nothing yet.", '- "cat": 3 pictures', '- "a \\"$first\\" b": 3 pictures\n- "": 1']
)
def test_there_is_advice_whatever_there_is(text: str) -> None:
    for agent in ("reactive", "proactive"):
        assert all(one.count("?") == 1 for one in advice(agent, "en", text, turns=3))


def test_in_trouble_every_third_answer_fails_in_another_way() -> None:
    with Vendor(trouble=True) as vendor:
        shown = []
        for turn in range(12):
            question = asking("reactive", "en", f"question {turn}") | {"stream": True}
            try:
                answer = post(vendor, question)
                shown.append("refusal" if '"refusal": "I' in answer.text else answer.status)
            except (IncompleteRead, ConnectionError):
                shown.append("cut")

    assert shown == [200, 200, 429, 200, 200, 500, 200, 200, "cut", 200, 200, "refusal"]
    assert vendor.requests[2].status == 429


def test_trouble_lasts_until_the_client_gives_up() -> None:
    with Vendor(trouble=True) as vendor:
        for turn in range(5):
            post(vendor, asking("reactive", "en", f"question {turn}"))
        again = [post(vendor, asking("reactive", "en", "sixth")).status for _ in range(4)]

    assert again == [500, 500, 500, 200]


# --- what other processes may ask


def test_another_process_can_read_what_came_when(vendor: Vendor) -> None:
    before = time.time()
    post(vendor, asking("proactive", "ja", "workspace 17", version=1))
    post(vendor, {})

    first, second = ask(vendor, "GET", "/requests?find=workspace+(.%2B)").json()

    assert before <= first["at"] <= first["first_at"] <= first["ended_at"] <= time.time()
    assert (first["agent"], first["language"], first["found"]) == ("proactive", "ja", "17")
    assert (second["status"], second["agent"], second["found"]) == (400, "", None)
    assert ask(vendor, "DELETE", "/requests").json() == []
    assert vendor.requests == []


def test_another_process_can_script_it(vendor: Vendor) -> None:
    def script(document: Body) -> int:
        return ask(vendor, "POST", "/script", json.dumps(document).encode()).status

    orders: list[Body] = [
        {"behaviours": [{"text": "Once."}, {"status": 429}]},
        {"behaviours": [{"text": "Ever."}], "to": "reactive", "always": True},
        {"behaviours": [{"txt": "Once."}]},
    ]

    statuses = [script(order) for order in orders]
    answers = [post(vendor, asking("reactive", "en", "hello")) for _ in range(4)]

    assert statuses == [200, 200, 400]
    assert [answer.status for answer in answers] == [200, 429, 200, 200]
    assert [words(answers[number]) for number in (0, 2, 3)] == ["Once.", "Ever.", "Ever."]


def test_by_hand_it_says_where_it_is_and_ends_when_told_to() -> None:
    command = [sys.executable, "-m", "tests.vendor", "--first-token", "0.1", "--light"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix("OPENAI_BASE_URL=").split()[0]
        connection = HTTPConnection(urlsplit(address).netloc, timeout=20)
        connection.request("GET", "/requests")
        listed = connection.getresponse().read()
        connection.close()
        process.terminate()

    assert listed == b"[]"
    assert process.returncode == 0


def test_the_demo_asks_the_stand_in_with_no_key_and_keeps_its_own_storage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in demo.VENDORS:
        monkeypatch.setenv(name, "a real one")
    monkeypatch.delenv("DUETML_VAR")

    env = demo.environment("http://127.0.0.1:1/v1")

    assert env["OPENAI_BASE_URL"] == "http://127.0.0.1:1/v1"
    assert "a real one" not in env.values()
    assert env["DUETML_VAR"].endswith("var-agents")
