"""What is in the logs, and what must not be."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError

from duetml.config.logs import formatting
from duetml.config.logs.scrubbing import Scrubber, secret_values
from duetml.config.logs.tracing import request_id, traced
from duetml.llm.client import Failure, VendorError

SECRETS = ["planted-key-1234567890", "planted-password"]
WORKSPACE = "3f2b8a52-8f0e-4c1c-9f1e-0a1b2c3d4e5f"
CHAT = "I would rather sort them by how they smell"


@pytest.fixture
def scrub() -> Scrubber:
    return Scrubber("mark", SECRETS)


@pytest.fixture(autouse=True)
def _of_a_test(monkeypatch: pytest.MonkeyPatch, scrub: Scrubber) -> Iterator[None]:
    monkeypatch.setattr(formatting, "_of_this_machine", lambda: scrub)
    token = request_id.set(None)
    yield
    request_id.reset(token)


def written(message: str, *args: object, exc_info: Any = None) -> dict[str, Any]:
    record = logging.LogRecord("duetml.x", logging.ERROR, "x.py", 1, message, args, exc_info)
    told: dict[str, Any] = json.loads(formatting.Json().format(record))
    return told


def test_a_record_is_one_line_of_json_with_the_requests_id() -> None:
    request_id.set("a" * 32)

    told = written("job %s not sent", "train")

    assert told["message"] == "job train not sent"
    assert (told["level"], told["logger"], told["request"]) == ("ERROR", "duetml.x", "a" * 32)


@pytest.mark.parametrize(
    "sentence",
    [
        "cannot reach redis://:planted-password@redis:6379/0",
        "key planted-key-1234567890 refused",
        "postgres://ann:another-password@db/duetml does not answer",
        "Authorization: Bearer abcdef.ghijkl",
        "sk-proj-abcdefghijkl is wrong",
        "Not Found: /study/p/0123456789abcdefXYZ_-/",
        f"Not Found: /ws/workspace/{WORKSPACE}/",
        f"action chat.post of workspace {WORKSPACE} failed",
    ],
)
def test_no_secret_link_or_id_stays_in_a_sentence(sentence: str) -> None:
    text = json.dumps(written("%s", sentence), ensure_ascii=False)

    hidden = "planted|another-password|abcdef|sk-proj|0123456789|3f2b8a52"
    assert re.search(hidden, text) is None


def test_one_id_has_one_mark_however_it_is_written(scrub: Scrubber) -> None:
    assert scrub(WORKSPACE) == scrub(WORKSPACE.replace("-", "").upper())
    assert scrub(WORKSPACE) != Scrubber("another key", [])(WORKSPACE)


def test_ordinary_sentences_stay_as_they_are(scrub: Scrubber) -> None:
    for sentence in (
        "GET /study/duetml/ took 0.2 s",
        "Not Found: /favicon.ico",
        "The database does not answer (connection refused): start it.",
    ):
        assert scrub(sentence) == sentence


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (ValueError(CHAT), "ValueError"),
        (VendorError(Failure.BAD_REQUEST, f"HTTP 400: {CHAT}"), "VendorError: bad_request"),
        (OperationalError("connection refused"), "connection refused"),
        (OSError("disk full"), "disk full"),
    ],
)
def test_an_exception_says_only_what_is_of_machines(problem: Exception, says: str) -> None:
    try:
        raise problem
    except type(problem):
        told = written("agent call %s: %s", 1, problem, exc_info=sys.exc_info())

    assert told["exception"]["says"] == says
    assert told["message"] == f"agent call 1: {says}"
    assert told["exception"]["where"][-1].endswith(
        "test_an_exception_says_only_what_is_of_machines"
    )
    assert CHAT not in json.dumps(told)


def test_passwords_within_addresses_count_as_secrets() -> None:
    settings = {"secret_key": "planted-key-1234567890", "redis_url": "redis://:p%40ssword@redis/0"}

    assert secret_values(["SECRET_KEY"], settings) == ["planted-key-1234567890", "p@ssword"]


@pytest.mark.parametrize(("given", "kept"), [(b"0123456789abcdef", True), (b"<script>", False)])
async def test_a_request_keeps_the_proxys_id_if_it_is_one(given: bytes, kept: bool) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(dict(scope["headers"])[b"x-request-id"])
        await send({"type": "http.response.start", "headers": []})

    async def send(message: Any) -> None:
        seen.append(dict(message["headers"])[b"x-request-id"])

    await traced(app)({"type": "http", "headers": [(b"x-request-id", given)]}, None, send)

    assert seen[0] == seen[1]
    assert (seen[0] == given) is kept
