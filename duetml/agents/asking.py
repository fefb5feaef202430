"""What both agents' requests have in common."""

from duetml.features import AgentSettings
from duetml.llm.client import ChatRequest, Text, Turn
from duetml.prompts import Prompt, load

LANGUAGES = {"en": "English", "ja": "日本語"}  # others go by their code: models know those


def prompt(name: str, language: str, settings: AgentSettings) -> Prompt:
    """The version the settings name."""
    return load(name, settings.prompts[name], language)


def chat_request(
    system: Prompt, language: str, turns: tuple[Turn, ...], settings: AgentSettings
) -> ChatRequest:
    words = system.fill(language=LANGUAGES.get(language, language))
    return ChatRequest(
        model=settings.model,
        messages=(Turn("system", (Text(words),)), *turns),
        temperature=settings.temperature,
        max_tokens=settings.max_tokens,
        timeout_seconds=settings.timeout_seconds,
    )
