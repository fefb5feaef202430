"""The processes of one machine and their command lines."""

import os
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
# Python uses one core at a time, and pages are what participants wait for.
WEB_PROCESSES = min(2, os.cpu_count() or 1)


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
    webs = [web(number, host, port) for number in range(1, WEB_PROCESSES + 1)]
    return [*([broker] if broker else []), *webs, *workers, beat()]


def web(number: int, host: str, port: int) -> Program:
    command = (sys.executable, "-m", "duetml.config.process.serve", host, str(port))
    return Program("web" if number == 1 else f"web-{number}", command)


def worker(name: str, queues: str, threads: int) -> Program:
    command = (
        f"-m celery -A duetml.config worker -n {name}@%h -Q {queues} --pool=threads -c {threads}"
    )
    return Program(name, (sys.executable, *command.split(), *WORKER_FLAGS, "--loglevel=INFO"))


def beat() -> Program:
    # In memory: the schedule is static and short, and a file could be damaged by a kill.
    command = "-m celery -A duetml.config beat --scheduler celery.beat:Scheduler --loglevel=WARNING"
    return Program("beat", (sys.executable, *command.split()))
