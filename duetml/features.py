"""What one workspace is: the values a protocol fixes and a workspace carries.

Frozen and stored as JSON with every workspace, so that what a person was given can be read back
years later. Only `study` knows which condition a value came from.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

PROMPT_NAMES = (
    "reactive",
    "proactive",
    "ask-data",
    "ask-test",
    "workspace",
    "greeting",
    "offline",
)


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Features(Frozen):
    """What is switched on. The letters are those of the paper's Figure 1; A–C are always there."""

    chat: bool = False  # D: talk with the reactive agent
    ask_data: bool = False  # E: ask about the training data
    ask_test: bool = False  # F: ask about the test results
    proactive: bool = False  # G: the second agent speaks by itself, and can be switched off
    upload: bool = True  # pictures of one's own, next to the pool

    @model_validator(mode="after")
    def _advice_needs_the_chat(self) -> Self:
        if not self.chat and (self.ask_data or self.ask_test or self.proactive):
            raise ValueError(
                "ask_data, ask_test and proactive answer in the chat: switch chat on too"
            )
        return self


class AgentSettings(Frozen):
    """How the agents speak: vendor model, parameters, prompt versions, timing and image budget."""

    provider: Literal["openai", "offline"] = "openai"
    preset: Literal["paper"] = "paper"
    model: str = Field(default="gpt-4o-2024-08-06", min_length=1, max_length=80)
    temperature: float = Field(default=0.7, ge=0, le=2)
    max_tokens: int = Field(default=400, ge=16, le=4000)
    timeout_seconds: float = Field(default=45, gt=0, le=300)
    prompts: dict[str, int] = Field(default_factory=lambda: dict.fromkeys(PROMPT_NAMES, 1))
    proactive_interval_seconds: float = Field(default=60, ge=0.5)
    images_per_category: int = Field(default=4, ge=0, le=20)
    images_total: int = Field(default=24, ge=0, le=100)
    image_longest_side: int = Field(default=256, ge=64, le=1024)

    @model_validator(mode="after")
    def _every_prompt_is_fixed(self) -> Self:
        if set(self.prompts) != set(PROMPT_NAMES):
            raise ValueError(f"prompts: give one version each of {', '.join(PROMPT_NAMES)}")
        return self


class ModelSettings(Frozen):
    """The classifier: a frozen backbone and the SVM on top (see duetml.vision.classifier)."""

    backbone: Literal["mobilenet_v2"] = "mobilenet_v2"
    # The weights' sha256, whole or its first digits; "untrained" for the stand-in without ImageNet
    # knowledge.
    weights: str = Field(default="7ebf99e0", pattern=r"^([0-9a-f]{8,64}|untrained)$")
    c: float = Field(default=1.0, gt=0)
    calibration: Literal["temperature"] = "temperature"
    folds: int = Field(default=3, ge=2, le=10)
    seed: int = 0


class WorkspaceSettings(Frozen):
    """Everything a workspace needs to know of itself."""

    features: Features = Features()
    agents: AgentSettings = AgentSettings()
    model: ModelSettings = ModelSettings()
