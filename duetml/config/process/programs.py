"""The processes of one machine and their command lines."""

import sys
from dataclasses import dataclass

WORKER_FLAGS = ("--without-gossip", "--without-mingle", "--without-heartbeat")
WORKERS = {
    # node: (queues, threads). People wait for agents, which wait for the vendor: many at a time,
    # more than may speak by themselves (services.proactive.MOST_AT_ONCE). A thread costs its stack.
    "agents": ("agents", 256),
    # One process, so that the backbone is loaded once; it uses the other cores by itself.
    "compute": ("compute", 2),
    "quick": ("quick,batch", 4),
}
# Above the 64 KB a frame may have, so that the consumer can answer a larger one in words.
LARGEST_FRAME_BYTES = 262_144


@dataclass(frozen=True)
class Program:
    """One process. Lower `priority` starts earlier and stops later.

    It is killed when it has not stopped after `stop_seconds`.
    """

    name: str
    command: tuple[str, ...]
    priority: int = 20
    stop_seconds: int = 15


def all_programs(host: str, port: int, broker: Program | None) -> list[Program]:
    """Everything that has to run; `broker` only where no REDIS_URL names one."""
    workers = [worker(name, queues, threads) for name, (queues, threads) in WORKERS.items()]
    return [*([broker] if broker else []), web(host, port), *workers, beat()]


def web(host: str, port: int) -> Program:
    # No access log: addresses carry participants' personal links.
    flags = "--lifespan off --no-access-log --no-proxy-headers --no-server-header"
    limits = f"--ws-max-size {LARGEST_FRAME_BYTES} --timeout-graceful-shutdown 3"
    command = (
        f"-m uvicorn duetml.config.asgi:application --host {host} --port {port} {flags} {limits}"
    )
    return Program("web", (sys.executable, *command.split()))


def worker(name: str, queues: str, threads: int) -> Program:
    command = (
        f"-m celery -A duetml.config worker -n {name}@%h -Q {queues} --pool=threads -c {threads}"
    )
    return Program(name, (sys.executable, *command.split(), *WORKER_FLAGS, "--loglevel=INFO"))


def beat() -> Program:
    # In memory: the schedule is static and short, and a file could be damaged by a kill.
    command = "-m celery -A duetml.config beat --scheduler celery.beat:Scheduler --loglevel=WARNING"
    return Program("beat", (sys.executable, *command.split()))
