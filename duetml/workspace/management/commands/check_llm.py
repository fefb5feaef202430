"""manage.py check_llm: what each agent's endpoint can do, by one tiny question with a picture."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from pydantic import ValidationError

from duetml.features import AGENTS, AgentSettings, Voice
from duetml.given import read_text
from duetml.llm.client import Failure, Usage, VendorError
from duetml.llm.openai_client import OpenAIClient
from duetml.llm.probe import COLOUR, Seen, probe, question
from duetml.llm.wire import INSTEAD
from duetml.workspace.work.llm import cost, endpoint

MAX_TOKENS = 16
SHOWN = 300  # characters of what a vendor says
SILENT = {Failure.UNAVAILABLE, Failure.TIMEOUT}
TO_DO = {
    Failure.UNAUTHORISED: "It refuses the key, or the account has no credit: check {key}.",
    Failure.RATE_LIMITED: "The account's rate is used up: wait, or raise it with the vendor.",
    Failure.TIMEOUT: "It took too long: look after the server, or use a faster model.",
    Failure.UNAVAILABLE: "Nobody answers: check {address}, and whether the server runs.",
    Failure.CUT_STREAM: "The answer broke off: a proxy on the way may cut long answers.",
    Failure.EMPTY: "No words came: a model that thinks first needs more --max-tokens.",
    Failure.REFUSED: "It refused a harmless picture: use another model or content filter.",
    Failure.BAD_REQUEST: "It does not take the request: check the model's name and {address}.",
    Failure.NONSENSE: "It does not speak chat completions: check {address}; most end in /v1.",
}
Row = tuple[str, str]


class Command(BaseCommand):
    help = (
        "Sends one tiny question with a picture to each agent's endpoint and says what works:"
        " reachable, streaming, pictures, usage. Fails where an agent cannot answer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--protocol", type=Path, metavar="FILE", help="its models are asked")
        parser.add_argument("--model", help="this one is asked, with the parameters of both agents")
        parser.add_argument("--max-tokens", type=int, default=MAX_TOKENS, metavar="N")

    def handle(
        self, *args: object, protocol: Path | None, model: str | None, **options: Any
    ) -> None:
        asked = [one for one in _agents(protocol, model) if one.provider != "offline"]
        if not asked:
            self.stdout.write("The protocol's agents are the offline advisor: nobody is asked.")
            return
        if settings.RECORDED:
            self.stdout.write(f"In use, the agents answer from {settings.RECORDED} alone.\n")
        most = options["max_tokens"]
        silent = [agent for agent, own in _voices(asked) if not self._can(agent, own, most)]
        if silent:
            raise CommandError(f"No answer for: {', '.join(dict.fromkeys(silent))}.")

    def _can(self, agent: str, own: AgentSettings, max_tokens: int) -> bool:
        """Ask for one agent and print what came of it; whether it can answer."""
        try:
            there = endpoint(agent)
        except VendorError:
            self._print(f"{agent}: {own.model}", [("endpoint", f"none. Set {_key(agent)}.")])
            return False
        asked = question(own.model, own.temperature, max_tokens)
        seen = probe(OpenAIClient(there.api_key, there.base_url, max_retries=0), asked)
        rows = _no_answer(agent, seen.error) if seen.error else _answer(own.model, seen)
        self._print(f"{agent}: {own.model} at {there.base_url}", rows)
        return seen.error is None

    def _print(self, title: str, rows: "Iterator[Row] | list[Row]") -> None:
        self.stdout.write(title)
        for name, value in rows:
            self.stdout.write(f"  {name:<10} {value}")
        self.stdout.write("")


def _agents(protocol: Path | None, model: str | None) -> list[AgentSettings]:
    """Of each condition that has any."""
    agents = _of_protocol(protocol) if protocol else [AgentSettings()]
    if not protocol and settings.OPENAI_MODEL:
        model = model or settings.OPENAI_MODEL
    if model is None:
        return agents
    other = {"model": model, "reactive": Voice(), "proactive": Voice()}
    return [one.model_copy(update=other) for one in agents]


def _voices(asked: list[AgentSettings]) -> list[tuple[str, AgentSettings]]:
    """(agent, its settings); what several conditions have alike is asked for once."""
    found: dict[tuple[str, str, float | None], tuple[str, AgentSettings]] = {}
    for own, agent in ((one.of(agent), agent) for one in asked for agent in AGENTS):
        found.setdefault((agent, own.model, own.temperature), (agent, own))
    return list(found.values())


def _of_protocol(path: Path) -> list[AgentSettings]:
    """Only this part: what else a protocol says is checked by protocol check."""
    try:
        document = yaml.safe_load(read_text(path))
        of_all, conditions = document["agents"], document.get("conditions", [])
        own = [one.get("agents", {}) for one in conditions if one["features"].get("chat")]
        return [AgentSettings.model_validate(of_all | one) for one in own or [{}]]
    except (yaml.YAMLError, ValidationError) as problem:
        raise CommandError(f"{path}: {problem}") from None
    except (KeyError, TypeError, AttributeError):
        raise CommandError(f"{path} is no protocol: it says nothing of agents.") from None


def _no_answer(agent: str, problem: VendorError) -> Iterator[Row]:
    yield "reachable", "no" if problem.kind in SILENT else "yes, but no answer came"
    said = " ".join(problem.detail.split())[:SHOWN]
    yield "because", said
    address = "OPENAI_BASE_URL"
    if getattr(settings, f"{agent.upper()}_BASE_URL"):
        address = f"DUETML_{agent.upper()}_BASE_URL"
    yield "what to do", TO_DO[problem.kind].format(key=_key(agent), address=address)


def _answer(asked: str, seen: Seen) -> Iterator[Row]:
    yield "reachable", "yes"
    told = seen.usage.model if seen.usage else asked
    yield "model", told if told == asked else f"{told} (asked for: {asked})"
    if seen.usage and seen.usage.adapted:
        yield "parameters", "; ".join(_adapted(name) for name in seen.usage.adapted)
    yield "streaming", _streaming(seen)
    yield "images", _images(seen)
    yield "usage", _usage(seen.usage)


def _adapted(name: str) -> str:
    return f"{name} goes as {INSTEAD[name]}" if INSTEAD[name] else f"{name} is left out"


def _streaming(seen: Seen) -> str:
    if seen.pieces == 1:
        return (
            f"no: one piece after {seen.last_seconds:.2f} s. People wait that long for the first"
            " word; switch streaming on in the server."
        )
    times = f"the first after {seen.first_seconds:.2f} s, the last after {seen.last_seconds:.2f} s"
    return f"yes: {seen.pieces} pieces, {times}"


def _images(seen: Seen) -> str:
    if seen.names_the_colour:
        return f"yes: it saw that the picture is {COLOUR}"
    said = " ".join(seen.text.split())[:SHOWN]
    return f"no: shown {COLOUR}, it said “{said}”. Use a model that sees pictures."


def _usage(usage: Usage | None) -> str:
    if usage is None or usage.input_tokens is None or usage.output_tokens is None:
        return "no: caps on cost cannot hold. Switch the reporting of usage on in the server."
    tokens = f"yes: {usage.input_tokens} tokens in, {usage.output_tokens} out"
    microusd, listed = cost(usage.model, usage.input_tokens, usage.output_tokens)
    if microusd is None:
        return f"{tokens}, at no known price. Name one in a file, and the file in DUETML_PRICES."
    return f"{tokens}, ${microusd / 1_000_000:.6f} by the prices of {listed}"


def _key(agent: str) -> str:
    """The variable that the agent's key comes from."""
    own = f"{agent.upper()}_API_KEY", f"{agent.upper()}_BASE_URL"
    return f"DUETML_{own[0]}" if any(getattr(settings, name) for name in own) else "OPENAI_API_KEY"
