"""The answer to /metrics, in Prometheus' text format. No study, participant or condition in it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count, Sum

from duetml.config.metrics import shared
from duetml.config.metrics.tally import series
from duetml.jobs import Queue
from duetml.workspace.models import AgentCall

HELP = {
    "duetml_requests_total": ("counter", "Requests answered, by name of the address."),
    "duetml_request_seconds": ("histogram", "Seconds until a request was answered."),
    "duetml_sockets_opened_total": ("counter", "Workspace sockets opened."),
    "duetml_jobs_total": ("counter", "Background jobs done, by how they ended."),
    "duetml_job_seconds": ("histogram", "Seconds a background job took."),
    "duetml_sockets": ("gauge", "Workspace sockets open now."),
    "duetml_web_processes": ("gauge", "Web processes that live."),
    "duetml_workers": ("gauge", "Worker processes that serve a queue."),
    "duetml_queue_length": ("gauge", "Messages that wait in a queue."),
    "duetml_agent_calls": ("gauge", "Calls to the model, by state."),
    "duetml_agent_tokens": ("gauge", "Tokens of these calls, read and written."),
    "duetml_agent_usd": ("gauge", "What these calls cost, in US dollars."),
}


def metrics(now: float) -> str:
    """Raises RedisError where the broker is away, DatabaseError where the database is."""
    values = {**shared.counts(), **_now(now), **_agents()}
    return "".join(_lines(values))


def _now(now: float) -> dict[str, float]:
    sockets = shared.living(shared.SOCKETS, now)
    workers = shared.living(shared.WORKERS, now).values()
    values: dict[str, float] = {
        "duetml_sockets": sum(int(count) for count in sockets.values()),
        "duetml_web_processes": len(sockets),
    }
    for queue in Queue:
        label = {"queue": queue.value}
        serving = sum(queue.value in queues.split(",") for queues in workers)
        values[series("duetml_workers", label)] = serving
        length = shared.broker().llen(queue.value)
        values[series("duetml_queue_length", label)] = float(str(length))
    return values


def _agents() -> dict[str, float]:
    sums = {"read": Sum("input_tokens"), "written": Sum("output_tokens"), "cost": Sum("microusd")}
    rows: Any = AgentCall.objects.order_by().values("agent", "model", "state")
    values: dict[str, float] = {}
    for row in rows.annotate(calls=Count("pk"), **sums):
        labels = {"agent": row["agent"], "model": row["model"], "state": row["state"]}
        values[series("duetml_agent_calls", labels)] = row["calls"]
        for kind in ("read", "written"):
            values[series("duetml_agent_tokens", labels | {"kind": kind})] = row[kind] or 0
        values[series("duetml_agent_usd", labels)] = (row["cost"] or 0) / 1e6
    return values


def _lines(values: Mapping[str, float]) -> Iterator[str]:
    for name, (kind, text) in HELP.items():
        ours = {key: value for key, value in values.items() if _family(key) == name}
        if ours:
            yield f"# HELP {name} {text}\n# TYPE {name} {kind}\n"
            yield from (f"{key} {value:.15g}\n" for key, value in sorted(ours.items()))


def _family(key: str) -> str:
    name = key.partition("{")[0]
    for end in ("_bucket", "_sum", "_count"):
        if HELP.get(name.removesuffix(end), ("",))[0] == "histogram":
            return name.removesuffix(end)
    return name
