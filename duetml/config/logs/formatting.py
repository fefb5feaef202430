"""One line, or one JSON object, per record."""

import json
import logging
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from types import TracebackType

from duetml.config.logs.scrubbing import Scrubber, secret_values
from duetml.config.logs.tracing import request_id

MOST_FRAMES = 12
LINE = "{asctime} {levelname} {name} {message}"


class Scrubbed(logging.Formatter):
    """Lines for people; without the secrets."""

    def __init__(self) -> None:
        super().__init__(LINE, style="{")

    @cached_property
    def scrub(self) -> Scrubber:
        return _of_this_machine()

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self.scrub.secrets:
            text = text.replace(secret, "•••")
        return text


class Json(logging.Formatter):
    """Objects for a log collector: no secrets, no links, no ids of people, and of an exception only
    where it happened: its words may be somebody's own."""

    @cached_property
    def scrub(self) -> Scrubber:
        return _of_this_machine()

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.scrub(_message(record)),
            "process": record.process,
        }
        if (request := request_id.get()) is not None:
            told["request"] = request
        if (job := _job()) is not None:
            told["job"], told["task"] = job
        if record.exc_info and record.exc_info[0] is not None:
            kind, problem, trace = record.exc_info
            told["exception"] = {
                "type": kind.__name__,
                "says": self.scrub(sayable(problem)),
                "where": where(trace),
            }
        return json.dumps(told, ensure_ascii=False)


def sayable(problem: BaseException | None) -> str:
    """What an exception says, if it speaks of machines; else its type alone."""
    from django.db import InterfaceError, OperationalError
    from kombu.exceptions import OperationalError as BrokerError
    from redis.exceptions import RedisError

    from duetml.config.database_version import WrongVersionError
    from duetml.llm.client import VendorError
    from duetml.vision.weights import BackboneError

    if isinstance(problem, VendorError):
        return f"{type(problem).__name__}: {problem.kind.value}"  # its words may quote the chat
    of_ours = (BackboneError, WrongVersionError)
    of_machines = (OSError, OperationalError, InterfaceError, BrokerError, RedisError)
    if isinstance(problem, (*of_ours, *of_machines)):
        return str(problem)
    return type(problem).__name__


def where(trace: TracebackType | None) -> Sequence[str]:
    """file:line function, the innermost last."""
    frames = traceback.extract_tb(trace)[-MOST_FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _message(record: logging.LogRecord) -> str:
    """The sentence; of an exception within it only what may be said."""
    arguments = record.args
    if isinstance(arguments, tuple):
        plain = (sayable(one) if isinstance(one, BaseException) else one for one in arguments)
        arguments = tuple(plain)
    try:
        return str(record.msg) % arguments if arguments else str(record.msg)
    except (TypeError, ValueError, KeyError):
        return str(record.msg)


def _short(path: str) -> str:
    return path.rsplit("/site-packages/", 1)[-1].rsplit("/duetml/", 1)[-1]


def _job() -> tuple[str, str] | None:
    """(id, name) of the job this thread does."""
    from celery import current_task

    if not current_task:
        return None
    return str(current_task.request.id), str(current_task.name)


def _of_this_machine() -> Scrubber:
    from django.conf import settings

    from duetml.config.environment import SECRETS

    secrets = secret_values(SECRETS, settings.ENV.model_dump())
    return Scrubber(settings.SECRET_KEY, [settings.SECRET_KEY, *secrets])
