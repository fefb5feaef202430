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
    """What is switched on. The letters are those of the paper's Figure 1; A–C are always there.

    A description says what a feature is and what it does to a study that switches it on. What is
    given to one condition only is part of what that condition is compared by.
    """

    chat: bool = Field(
        default=False,
        description="D: talk with the reactive agent. The treatment of the DuetML study.",
    )
    ask_data: bool = Field(
        default=False,
        description="E: ask about the training data. The treatment of the DuetML study.",
    )
    ask_test: bool = Field(
        default=False,
        description="F: ask about the test results. The treatment of the DuetML study.",
    )
    proactive: bool = Field(
        default=False,
        description="G: the second agent speaks by itself, and can be switched off. The treatment"
        " of the DuetML study.",
    )
    upload: bool = Field(
        default=True,
        description="Pictures of one's own, next to the pool. Participants then no longer work"
        " with the same pictures.",
    )
    arrange: bool = Field(
        default=False,
        description="Reorder and merge categories. Makes rethinking the categories cheaper, which"
        " is what the agents of the DuetML study are meant to cause.",
    )
    copies: bool = Field(
        default=False,
        description="The same picture in several categories. Allows overlapping categories, which"
        " EQ5 scores.",
    )
    folders: bool = Field(
        default=False,
        description="Whole folders and zip files, their folders becoming categories. Categories"
        " may then be decided outside the workspace, unseen by the log.",
    )
    similar: bool = Field(
        default=False,
        description="Show more pictures like this one. The model's view of likeness suggests what"
        " belongs together: advice, though no agent gives it.",
    )
    history: bool = Field(
        default=False,
        description="Earlier training runs with their data, which can be restored. Encourages"
        " trying things out.",
    )
    quality: bool = Field(
        default=False,
        description="Cross-validated accuracy with an interval, a confusion matrix, mistakes"
        " first. Points at wrong pictures and overlapping categories: advice on EQ2, EQ3 and EQ5.",
    )
    nearest: bool = Field(
        default=False,
        description="The training pictures nearest to a tested one, as an explanation. Teaches how"
        " the classifier judges.",
    )
    map: bool = Field(
        default=False,
        description="A map of all pictures by likeness, from which pictures can be moved. Shows"
        " ready-made groups: advice on how to divide.",
    )
    take_home: bool = Field(
        default=False,
        description="Download the classifier, the pictures and a model card. Pictures leave the"
        " study: check the licence of the pool.",
    )

    @property
    def has_studio(self) -> bool:
        """Whether anything is on that the paper's workspace does not have."""
        return any(getattr(self, name) for name in STUDIO)

    @model_validator(mode="after")
    def _advice_needs_the_chat(self) -> Self:
        if not self.chat and (self.ask_data or self.ask_test or self.proactive):
            raise ValueError(
                "ask_data, ask_test and proactive answer in the chat: switch chat on too"
            )
        return self


STUDIO = (
    "arrange",
    "copies",
    "folders",
    "similar",
    "history",
    "quality",
    "nearest",
    "map",
    "take_home",
)

# "duetml" and "baseline" are the two conditions of the paper's study; "studio" is all there is.
PRESETS = {
    "baseline": Features(),
    "duetml": Features(chat=True, ask_data=True, ask_test=True, proactive=True),
    "studio": Features.model_validate(dict.fromkeys(Features.model_fields, True)),
}


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
