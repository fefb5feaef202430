"""What a monitor asks, and who may."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from pytest_django import Settings
from redis.exceptions import ConnectionError as Away

from duetml.config import database_version, health, watching
from duetml.config.metrics import shared
from duetml.config.metrics.shared import Process
from duetml.config.metrics.tally import Tally
from duetml.jobs import Queue
from duetml.workspace.models import Image
from duetml.workspace.views.pictures import serve

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-a-monitor"


@pytest.fixture
def redis(broker: str, settings: Settings) -> Iterator[None]:
    settings.ENV = settings.ENV.model_copy(update={"redis_url": broker})
    shared.broker.cache_clear()
    shared.broker().flushdb()
    watching._checked.cache_clear()
    yield
    shared.broker().close()
    shared.broker.cache_clear()


def everything_runs(now: float) -> None:
    every = ",".join(queue.value for queue in Queue)
    Process("all@here", queues=every).tell(now)
    shared.swept(now)


def readiness(client: Client) -> tuple[int, dict[str, Any]]:
    watching._checked.cache_clear()
    answer = client.get("/readyz")
    return answer.status_code, json.loads(answer.content)


def values(client: Client) -> dict[str, float]:
    lines = client.get("/metrics").content.decode().splitlines()
    rows = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {name: float(value) for name, _, value in rows}


@pytest.mark.usefixtures("redis")
def test_a_platform_is_ready_when_everything_runs(client: Client) -> None:
    everything_runs(time.time())

    status, told = readiness(client)

    assert (status, told["ready"]) == (200, True)
    assert all(told[name]["ok"] for name in ("database", "broker", "workers", "beat", "disk"))


@pytest.mark.usefixtures("redis")
def test_what_does_not_run_is_named_with_what_to_do(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Process("agents@here", queues="agents").tell(time.time())
    Process("gone@here", queues="compute,quick,batch").tell(time.time() - 60)
    shared.swept(time.time() - 60)
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 10**18)
    monkeypatch.setattr(database_version, "missing", lambda: ["study/0002"])

    status, told = readiness(client)

    assert (status, told["ready"]) == (503, False)
    assert told["workers"]["says"].startswith("Nobody serves compute, quick, batch: start")
    assert "start beat" in told["beat"]["says"]
    assert "less than 1 GB" in told["disk"]["says"]
    assert "manage.py migrate" in told["database"]["says"]


def test_without_a_broker_nothing_breaks_and_it_is_said(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise Away("Connection refused")

    monkeypatch.setattr(shared, "broker", away)
    status, told = readiness(client)
    Process("web", sockets=1).tell(time.time())

    assert status == 503
    assert told["broker"]["says"].startswith("The broker does not answer (Connection refused)")
    assert client.get("/metrics").status_code == 503
    assert client.get("/healthz").content == b"ok"


@pytest.mark.usefixtures("redis")
def test_what_several_processes_count_adds_up(client: Client) -> None:
    now = time.time()
    for name in ("web:1", "web:2"):
        process = Process(name, sockets=3)
        process.tally.add("duetml_requests_total", route="home", method="GET", status="2xx")
        process.tally.observe("duetml_request_seconds", 0.2, route="home", method="GET")
        process.tell(now)
    Process("web:3", sockets=5).tell(now - 60)
    shared.broker().rpush(Queue.COMPUTE.value, "one", "two")

    found = values(client)

    assert found['duetml_requests_total{method="GET",route="home",status="2xx"}'] == 2
    assert 'duetml_request_seconds_bucket{le="0.1",method="GET",route="home"}' not in found
    assert found['duetml_request_seconds_bucket{le="0.25",method="GET",route="home"}'] == 2
    assert found["duetml_sockets"] == 6
    assert found["duetml_web_processes"] == 2
    assert found['duetml_queue_length{queue="compute"}'] == 2


def test_what_was_not_told_is_told_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise Away("gone")

    process = Process("web")
    process.tally.add("duetml_jobs_total", job="train")
    monkeypatch.setattr(shared, "broker", away)

    process.tell(time.time())

    assert process.tally.take() == {'duetml_jobs_total{job="train"}': 1.0}


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    tally = Tally()
    tally.add("x", job='a"b\n\\')

    assert list(tally.take()) == ['x{job="a\\"b\\n\\\\"}']


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize("address", ["/readyz", "/metrics"])
def test_a_stranger_needs_the_token(client: Client, settings: Settings, address: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    proxied = {"X-Forwarded-For": "203.0.113.7"}

    def status(headers: dict[str, str], **meta: str) -> int:
        return client.get(address, headers=headers, **meta).status_code  # type: ignore[arg-type]

    assert status(proxied) == 403
    assert status(proxied | {"Authorization": "Bearer wrong"}) == 403
    assert status({}, REMOTE_ADDR="8.8.8.8") == 403
    assert status(proxied | {"Authorization": f"Bearer {TOKEN}"}) != 403
    assert status({}, REMOTE_ADDR="10.0.0.3") != 403


def test_the_proxy_is_told_which_picture_to_send(settings: Settings) -> None:
    settings.PROXY_SENDS_FILES = True
    image = Image(sha256="ab" * 32)

    answer = serve(image, "thumb")

    assert answer.headers["X-Accel-Redirect"] == f"/protected-media/{image.thumb_path}"
    assert answer.content == b""
    with pytest.raises(Http404):
        serve(image, "../secret-key")
