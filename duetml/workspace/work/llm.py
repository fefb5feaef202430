"""Which model client an agent speaks through, and what that costs.

Each agent has a client of its own, with its own connections and its own circuit breaker, also where
both ask the same server: neither waits for what the other one does.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from duetml.llm.client import LLM, Failure, VendorError
from duetml.llm.openai_client import OpenAIClient
from duetml.llm.prices import cost_microusd
from duetml.llm.recorded import Recorded, read_recording
from duetml.workspace.models import AgentCall
from duetml.workspace.services.pricing import prices
from duetml.workspace.work.recording import number_of

OPENAI = "https://api.openai.com/v1"
NO_KEY = "none"  # a server of one's own may want no key; the package wants some word


@dataclass(frozen=True)
class Endpoint:
    """Any server that speaks chat completions: OpenAI, Azure (https://NAME.openai.azure.com/openai/v1),
    vLLM (http://HOST:8000/v1), Ollama (http://localhost:11434/v1)."""

    base_url: str
    api_key: str = field(repr=False)


def vendor_for(call: AgentCall) -> LLM:
    """Whoever answers this call: the recording where there is one, or its agent's endpoint."""
    if settings.RECORDED:
        return _recording(settings.RECORDED).of(call.agent, call.trigger, number_of(call))
    return vendor(call.agent)


def vendor(agent: str = "reactive") -> LLM:
    """An agent's endpoint. Raises VendorError where there is none: never another advisor."""
    there = endpoint(agent)
    return _client(agent, there.base_url, there.api_key)


def endpoint(agent: str) -> Endpoint:
    """Where an agent asks: at its own address or with its own key, else as both do.

    An address of its own never gets the key that belongs to another one. Raises VendorError where
    neither an address nor a key is set.
    """
    own_url = getattr(settings, f"{agent.upper()}_BASE_URL")
    own_key = getattr(settings, f"{agent.upper()}_API_KEY")
    if own_url:
        return Endpoint(own_url, own_key or NO_KEY)
    url, key = settings.OPENAI_BASE_URL, own_key or settings.OPENAI_API_KEY
    if not url and not key:
        raise VendorError(Failure.UNAUTHORISED, "neither OPENAI_API_KEY nor OPENAI_BASE_URL is set")
    return Endpoint(url or OPENAI, key or NO_KEY)


def cost(model: str, input_tokens: int | None, output_tokens: int | None) -> tuple[int | None, str]:
    """(millionths of a US dollar, date of the price list); (None, "") where it is not known."""
    there = prices()
    price = there.of(model)
    listed = price.listed if price else ""
    return cost_microusd(model, input_tokens, output_tokens, there), listed


@lru_cache(maxsize=8)
def _client(agent: str, base_url: str, api_key: str) -> OpenAIClient:
    return OpenAIClient(api_key, base_url)


@lru_cache(maxsize=1)
def _recording(path: Path) -> Recorded:
    return read_recording(path)
