"""The agent that speaks by itself: what the person may have overlooked."""

from duetml.agents.asking import chat_request, prompt
from duetml.agents.context import WorkspaceContext
from duetml.agents.describe import Telling, describe
from duetml.features import AgentSettings
from duetml.llm.client import ChatRequest, Text, Turn
from duetml.prompts import Prompt


def prompts(language: str, settings: AgentSettings) -> tuple[Prompt, ...]:
    """Every prompt file a request is made of; the first is the system prompt."""
    return tuple(prompt(name, language, settings) for name in ("proactive", "workspace"))


def request(context: WorkspaceContext, settings: AgentSettings) -> ChatRequest:
    """One user turn: the workspace, and the reactive agent's dialogue as quoted text; it is no
    party to that. What it said itself it is told by the attentive preset only."""
    system, workspace = prompts(context.language, settings)
    phrases = workspace.phrases()
    parts = describe(context, phrases, Telling(settings.preset, dialogue=True))
    turn = Turn("user", (*parts, Text(phrases["speak"].substitute())))
    return chat_request(system, context.language, (turn,), settings.of("proactive"))
