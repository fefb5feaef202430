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


Agent = Literal["reactive", "proactive"]
AGENTS: tuple[Agent, ...] = ("reactive", "proactive")

# What an agent is told: "paper" as the spec says, "attentive" also what it said itself and how the
# classifier does.
Preset = Literal["paper", "attentive"]
FIRST = dict.fromkeys(PROMPT_NAMES, 1) | {"offline": 3}  # the earlier ones were not always true
PROMPTS: dict[Preset, dict[str, int]] = {
    "paper": FIRST,
    "attentive": FIRST | {"reactive": 2, "proactive": 2, "workspace": 2},
}


class Voice(Frozen):
    """One agent's own model and parameters; None is as for both."""

    model: str | None = Field(default=None, min_length=1, max_length=80)
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=16, le=4000)


class Cap(Frozen):
    """The most that may be spent, in tokens (both ways) and in US dollars; None: no limit."""

    tokens: int | None = Field(default=None, gt=0)
    usd: float | None = Field(default=None, gt=0)


class Budget(Frozen):
    """Caps of a whole study, of one participant and of one day (UTC) of the study.

    A cap that is reached lets nobody new in; staff are warned from `warn_at` of it on. Those who
    are under way keep their agents up to `ceiling` times the cap.
    """

    study: Cap = Cap()
    participant: Cap = Cap()
    day: Cap = Cap()
    warn_at: float = Field(default=0.8, gt=0, le=1)
    ceiling: float = Field(default=2.0, ge=1, le=100)


class AgentSettings(Frozen):
    """How the agents speak: vendor model, parameters, prompt versions, timing and image budget.

    `temperature`: None leaves it to the vendor. `stand_in`: the offline advisor may answer,
    labelled, where the vendor does not. `proactive_trigger`: every so many seconds, or after a
    training, a test or a new category, `proactive_gap_seconds` apart at the least.
    """

    provider: Literal["openai", "offline"] = "openai"
    preset: Preset = "paper"
    model: str = Field(default="gpt-4o-2024-08-06", min_length=1, max_length=80)
    temperature: float | None = Field(default=0.7, ge=0, le=2)
    max_tokens: int = Field(default=400, ge=16, le=4000)
    timeout_seconds: float = Field(default=45, gt=0, le=300)
    reactive: Voice = Voice()
    proactive: Voice = Voice()
    stand_in: bool = False
    prompts: dict[str, int] = Field(default_factory=lambda known: dict(PROMPTS[known["preset"]]))
    proactive_trigger: Literal["timer", "boundary"] = "timer"
    proactive_interval_seconds: float = Field(default=60, ge=0.5)
    proactive_gap_seconds: float = Field(default=30, ge=0.5)
    images_per_category: int = Field(default=4, ge=0, le=20)
    images_total: int = Field(default=24, ge=0, le=100)
    image_longest_side: int = Field(default=256, ge=64, le=1024)
    budget: Budget = Budget()

    @property
    def is_attentive(self) -> bool:
        return self.preset == "attentive"

    def of(self, agent: str) -> "AgentSettings":
        """The same with this agent's own model and parameters in their places."""
        voice = self.reactive if agent == "reactive" else self.proactive
        return self.model_copy(update=voice.model_dump(exclude_none=True))

    @model_validator(mode="after")
    def _every_prompt_is_fixed(self) -> Self:
        if set(self.prompts) != set(PROMPT_NAMES):
            raise ValueError(f"prompts: give one version each of {', '.join(PROMPT_NAMES)}")
        if self.is_attentive and self.prompts["workspace"] < PROMPTS["attentive"]["workspace"]:
            raise ValueError("prompts: preset attentive tells more than workspace 1 has words for")
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
