"""The agent that answers: a chat message, or "ask" beside the training data or the tests."""

from duetml.agents.asking import chat_request, prompt
from duetml.agents.context import Trigger, WorkspaceContext
from duetml.agents.describe import Telling, describe, dialogue_turns
from duetml.features import AgentSettings
from duetml.llm.client import ChatRequest, Text, Turn
from duetml.prompts import Prompt

BUTTONS = {"ask_data": "ask-data", "ask_test": "ask-test"}


def prompts(language: str, trigger: Trigger, settings: AgentSettings) -> tuple[Prompt, ...]:
    """Every prompt file a request is made of; the first is the system prompt."""
    names = ["reactive", "workspace"]
    if trigger in BUTTONS:
        names.append(BUTTONS[trigger])
    return tuple(prompt(name, language, settings) for name in names)


def request(context: WorkspaceContext, trigger: Trigger, settings: AgentSettings) -> ChatRequest:
    """The workspace as one user turn, then the dialogue, then the button if one was pressed."""
    system, workspace, *button = prompts(context.language, trigger, settings)
    telling = Telling(settings.preset, dialogue=False, tests=trigger == "ask_test")
    turns = (
        Turn("user", describe(context, workspace.phrases(), telling)),
        *dialogue_turns(context.dialogue),
        *(Turn("user", (Text(pressed.text),)) for pressed in button),
    )
    return chat_request(system, context.language, turns, settings.of("reactive"))
