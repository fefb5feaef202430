"""The protocol of a study: its schema, how it is read, hashed and derived.

A protocol alone fixes everything a participant experiences. Its digest is stored with every
participant.
"""

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from duetml import prompts
from duetml.features import AgentSettings, Features, Frozen, ModelSettings, WorkspaceSettings
from study.rules import scales
from study.rules.plain_yaml import read_plain
from study.rules.practice import PracticeCase
from study.rules.problems import Lines, Problem, of_fields, of_syntax, of_text
from study.rules.reporting import Reporting
from study.rules.terms import (
    Allocation,
    Analysis,
    Completion,
    Contact,
    Ethics,
    Key,
    Recruitment,
    Retention,
    Stopping,
    Text,
    TimeRules,
)

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")]
LONGEST_TITLE = 200
LONGEST_MINUTES = 30 * 24 * 60
MAX_SOURCE_CHARACTERS = 500_000
SCORED_ITEMS = {"sus": 10, "raw_tlx": 6, "ueq_s": 8}
ASKED = {
    "sus": "likert items of 5 points, every second one reverse",
    "raw_tlx": "scale items from 0 to 100",
    "ueq_s": "likert items of 7 points, none reverse",
}
CHOSEN = ("single", "multiple")
TASKS = ("task", "practice")
RESERVED_ITEMS = frozenset(
    {"step", "decline", "csrfmiddlewaretoken"}
)  # other fields of the same form


class ProtocolError(ValueError):
    """A protocol that cannot be used; the text lists every problem, one a line."""

    def __init__(self, problems: str | Sequence[Problem]) -> None:
        if isinstance(problems, str):
            problems = [of_text(problems)]
            super().__init__(problems[0].text)
        else:
            super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)


class Choice(Frozen):
    value: str = Field(min_length=1, max_length=60)
    label: Text


class Attention(Frozen):
    """An attention check: what a person who reads answers."""

    expect: str | int | float | bool


class Item(Frozen):
    """One question. `admits` names the values that make a person eligible (screening items only).

    `grants: images`: who ticks this box of the consent lets pictures be sent to the model vendor;
    without such a tick no picture is. `grants: vendor`: the same for words.
    """

    key: Key
    kind: Literal["likert", "scale", "single", "multiple", "number", "text", "slider", "check"]
    text: Text
    required: bool = True
    choices: list[Choice] = []
    points: int = Field(default=5, ge=2, le=101)  # likert: 1…points; scale: 0…(points-1)·step
    step: int = Field(default=1, ge=1, le=10)
    low: Text | None = None  # the anchors in words
    high: Text | None = None
    minimum: float | None = None
    maximum: float | None = None
    reverse: bool = False
    admits: list[str] | None = None
    grants: Literal["images", "vendor"] | None = None
    attention: Attention | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind in CHOSEN and len(self.choices) < 2:
            raise ValueError(f"item {self.key}: a choice needs at least two choices")
        if self.kind == "slider" and (self.minimum is None or self.maximum is None):
            raise ValueError(f"item {self.key}: a slider needs minimum and maximum")
        if self.kind == "slider" and not _fits(self.minimum, self.maximum, self.step):
            raise ValueError(f"item {self.key}: from minimum to maximum are no whole steps")
        if self.kind in ("likert", "scale", "slider") and not (self.low and self.high):
            raise ValueError(f"item {self.key}: give both anchors (low, high)")
        if self.kind in CHOSEN and set(self.admits or ()) - {c.value for c in self.choices}:
            raise ValueError(f"item {self.key}: admits names a value that is not offered")
        if self.grants and self.kind != "check":
            raise ValueError(
                f"item {self.key}: only a box to tick (kind: check) can grant something"
            )
        return self

    @model_validator(mode="after")
    def _can_be_attended_to(self) -> Self:
        if self.attention and self.kind == "multiple":
            raise ValueError(f"item {self.key}: an attention check expects one answer")
        if self.attention and not _is_offered(self, self.attention.expect):
            raise ValueError(f"item {self.key}: attention expects an answer that is not offered")
        return self


class Minutes(Frozen):
    minimum: float = Field(ge=0)
    maximum: float = Field(gt=0, le=LONGEST_MINUTES)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError("the minimum is longer than the maximum")
        return self


class Step(Frozen):
    """One step. `only` names the conditions that get it (all when empty). `resume`: what happens
    when somebody comes back who was away for more than `away_minutes`. `guide`: what the staff
    ask in an interview; participants never see it.
    """

    key: Key
    kind: Literal[
        "consent",
        "screening",
        "form",
        "text",
        "task",
        "practice",
        "questionnaire",
        "interview",
        "debriefing",
        "end",
    ]
    title: Text
    body: Text | None = None  # paragraphs are separated by an empty line
    items: list[Item] = []
    only: list[Key] = []
    minutes: Minutes | None = None
    pool: str | None = None
    images: int | None = Field(default=None, ge=1, le=2000)  # drawn from the pool; all when unset
    task: Text | None = None  # what the participant is asked to build, and what the agents are told
    rated: bool = False
    scoring: Literal["sus", "raw_tlx", "ueq_s"] | None = None
    scale: scales.Name | None = None  # brings its own items, body and scoring
    resume: Literal["resume", "restart", "block"] = "resume"
    away_minutes: float = Field(default=2.0, gt=0, le=LONGEST_MINUTES)
    version: str | None = Field(default=None, max_length=40)  # of the consent
    guide: list[Text] = []

    @model_validator(mode="before")
    @classmethod
    def _with_its_scale(cls, given: Any) -> Any:
        return scales.with_scale(given)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind in TASKS and not (self.minutes and self.pool and self.task):
            raise ValueError(f"step {self.key}: a task needs minutes, pool and task")
        if self.kind in ("screening", "form", "questionnaire") and not self.items:
            raise ValueError(f"step {self.key}: give it items")
        if self.rated and self.kind != "task":
            raise ValueError(f"step {self.key}: only a task can be rated")
        if self.kind in ("consent", "screening") and self.only:
            raise ValueError(
                f"step {self.key}: conditions are drawn later, so everybody gets this step"
            )
        return self

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if self.guide and self.kind != "interview":
            raise ValueError(f"step {self.key}: only an interview has a guide")
        if self.version is not None and self.kind != "consent":
            raise ValueError(f"step {self.key}: only the consent has a version")
        if self.resume != "resume" and self.kind not in TASKS:
            raise ValueError(f"step {self.key}: only a task can be restarted or blocked")
        if self.kind in ("consent", "screening", "end") and self.minutes:
            raise ValueError(f"step {self.key}: the clock cannot end this kind of step")
        if self.scale and not _is_whole(self.scale, self.items, self.scoring):
            raise ValueError(f"step {self.key}: a scale brings its own items and scoring")
        if self.scoring and len(self.items) != SCORED_ITEMS[self.scoring]:
            raise ValueError(
                f"step {self.key}: {self.scoring} is scored from {SCORED_ITEMS[self.scoring]} items"
            )
        if self.scoring and not _can_be_scored(self.scoring, self.items):
            raise ValueError(
                f"step {self.key}: {self.scoring} is scored from {ASKED[self.scoring]}"
            )
        keys = [item.key for item in self.items]
        if RESERVED_ITEMS & set(keys):
            raise ValueError(
                f"step {self.key}: these names are taken: {', '.join(sorted(RESERVED_ITEMS))}"
            )
        if len(keys) != len(set(keys)):
            raise ValueError(f"step {self.key}: two items have the same key")
        return self


class Condition(Frozen):
    """`agents`: settings of the agents that differ from the protocol's in this condition."""

    key: Key
    features: Features
    agents: dict[str, Any] = {}


class Criterion(Frozen):
    key: Annotated[Key, Field(max_length=20)]
    text: Text
    anchors: dict[int, Text] = {}
    examples: dict[int, Text] = {}  # for the guidelines, beside the anchors


class Rating(Frozen):
    """What raters are asked and how their scores count; the defaults are those of the paper.

    `guidelines`, `practice`: the built-in ones when unset, none when empty. `repeats`: so many
    submissions come again late in the order. `empty`: a submission without a picture is rated,
    left out, or counted as the lowest score. `dropouts`: whoever did not complete the study, but
    handed in, is rated or left out. `missing`: a participant's value is the mean of the scores that
    are there. `guess`: what raters, done and locked, are told of the conditions, in neutral words;
    from the features when unset, not asked when empty.
    """

    criteria: list[Criterion] = Field(min_length=1)
    treatment: Key
    control: Key
    guidelines: dict[str, str] | None = None
    practice: list[PracticeCase] | None = Field(default=None, max_length=20)
    repeats: int = Field(default=0, ge=0, le=50)
    empty: Literal["rate", "skip", "lowest"] = "rate"
    dropouts: Literal["rate", "skip"] = "rate"
    missing: Literal["drop"] = "drop"
    guess: dict[Key, Text] | None = None

    @model_validator(mode="after")
    def _can_be_analysed(self) -> Self:
        if self.treatment == self.control:
            raise ValueError("treatment and control are the same condition")
        if len({criterion.key for criterion in self.criteria}) != len(self.criteria):
            raise ValueError("two criteria have the same key")
        return self


class Derivation(Frozen):
    """How a protocol differs from the one it was derived from; shown wherever the study is
    shown."""

    origin: str  # digest of the protocol it was derived from
    minutes_scale: float | None = None
    changes: list[str] = []


class ProtocolFile(Frozen):
    """`minimum_width`: how many CSS pixels wide a browser's window must be to take part; a page
    that is zoomed in counts as narrower."""

    name: Key
    version: int = Field(ge=1)
    title: Text
    languages: list[Language] = Field(min_length=1)
    summary: Text
    conditions: list[Condition] = Field(min_length=1)
    agents: AgentSettings
    model: ModelSettings
    allocation: Allocation
    steps: list[Step] = Field(min_length=1)
    rating: Rating
    minimum_width: int | None = Field(default=None, ge=320, le=3840)
    derived: Derivation | None = None
    contact: Contact | None = None
    ethics: Ethics | None = None
    retention: Retention | None = None
    time: TimeRules = TimeRules()
    stopping: Stopping | None = None
    completion: Completion | None = None
    recruitment: Recruitment = Recruitment()
    analysis: Analysis | None = None
    reporting: Reporting | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = list(_inconsistencies(self))
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def simulated(self) -> bool:
        return self.derived is not None and self.derived.minutes_scale is not None

    def condition(self, key: str) -> Condition:
        return next(condition for condition in self.conditions if condition.key == key)

    def settings_of(self, condition: str) -> WorkspaceSettings:
        """What a workspace of this condition is given."""
        return WorkspaceSettings(
            features=self.condition(condition).features,
            agents=self.agents_of(condition),
            model=self.model,
        )

    def agents_of(self, condition: str) -> AgentSettings:
        """Raises ValidationError where the condition's own settings are none."""
        own = self.condition(condition).agents
        return AgentSettings.model_validate(self.agents.model_dump() | own)

    def all_agents(self) -> list[AgentSettings]:
        """Of each condition that has any, in order."""
        return [self.agents_of(one.key) for one in self.conditions if one.features.chat]

    def image_consent(self) -> tuple[str, str] | None:
        """(step, item) of the box that lets pictures go to the model vendor, if there is one."""
        granting = [(s.key, i.key) for s in self.steps for i in s.items if i.grants == "images"]
        return granting[0] if granting else None

    def pools(self) -> list[str]:
        return sorted({step.pool for step in self.steps if step.pool})


def _can_be_scored(scoring: str, items: Sequence[Item]) -> bool:
    """Whether the answers are those the score is made for: better found now than in the results."""
    if scoring == "sus":
        alternate = [item.reverse for item in items] == [False, True] * (len(items) // 2)
        return alternate and all(item.kind == "likert" and item.points == 5 for item in items)
    if scoring == "ueq_s":
        return all(one.kind == "likert" and one.points == 7 and not one.reverse for one in items)
    return all(item.kind == "scale" and (item.points - 1) * item.step == 100 for item in items)


def _is_whole(scale: scales.Name, items: Sequence[Item], scoring: str | None) -> bool:
    """Whether nothing of a scale was changed: under its name people expect its questions."""
    there = scales.library(scale)
    wanted = [Item.model_validate(item) for item in there["items"]]
    return list(items) == wanted and scoring == there.get("scoring")


def _fits(minimum: float | None, maximum: float | None, step: int) -> bool:
    return minimum is None or maximum is None or _is_on_grid(maximum, minimum, step)


def _is_on_grid(value: float, minimum: float, step: int) -> bool:
    return value > minimum and ((value - minimum) / step).is_integer()


def _is_offered(item: Item, expected: str | float | bool) -> bool:
    """Whether somebody could give this answer at all."""
    if item.kind in CHOSEN:
        return expected in {choice.value for choice in item.choices}
    if item.kind == "check" or isinstance(expected, bool):
        return item.kind == "check" and isinstance(expected, bool)
    if item.kind == "text":
        return True
    if isinstance(expected, str):
        return False
    if item.kind == "likert":
        return expected in range(1, item.points + 1)
    if item.kind == "scale":
        return expected in range(0, item.points * item.step, item.step)
    low = -math.inf if item.minimum is None else item.minimum
    high = math.inf if item.maximum is None else item.maximum
    return low <= expected <= high


def words(text: Mapping[str, str], language: str) -> str:
    """The text in a language, or in the protocol's first one."""
    return text.get(language) or next(iter(text.values()))


def paragraphs(text: str) -> list[str]:
    """Paragraphs are separated by an empty line; lines inside one are joined, without a space where
    the script has none.
    """
    return [_joined(part.split("\n")) for part in re.split(r"\n\s*\n", text.strip())]


def _joined(lines: Sequence[str]) -> str:
    whole = ""
    for line in lines:
        is_wide = bool(whole) and unicodedata.east_asian_width(whole[-1]) in "WF"
        whole += line.strip() if is_wide or not whole else f" {line.strip()}"
    return whole


def assignment_index(steps: Sequence[Step]) -> int:
    """The step after which a participant is assigned: the last screening, or else the consent."""
    return max((i for i, step in enumerate(steps) if step.kind == "screening"), default=0)


def duration(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


def read_protocol(source: str) -> ProtocolFile:
    """Parse and validate YAML. Raises ProtocolError listing every problem with its place."""
    if len(source) > MAX_SOURCE_CHARACTERS:
        raise ProtocolError(f"The file is too long (at most {MAX_SOURCE_CHARACTERS:,} characters).")
    try:
        document = read_plain(source)
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        raise ProtocolError(of_syntax(problem)) from None
    if not isinstance(document, dict):
        raise ProtocolError("A protocol is a YAML mapping with name, version, steps …")
    try:
        return ProtocolFile.model_validate(document)
    except ValidationError as problem:
        lines = Lines(yaml.compose(source, Loader=yaml.SafeLoader))
        raise ProtocolError(of_fields(problem.errors(), lines, _field_names())) from None


@cache
def _field_names() -> set[str]:
    """The names of all fields of the schema, to guess which one was meant."""
    parts = ProtocolFile.model_json_schema()
    schemas = [parts, *parts["$defs"].values()]
    return {name for schema in schemas for name in schema.get("properties", {})}


def digest_of(source: str) -> str:
    """sha256 of the protocol's text."""
    return hashlib.sha256(source.encode()).hexdigest()


def _inconsistencies(protocol: ProtocolFile) -> list[str]:
    conditions = [condition.key for condition in protocol.conditions]
    steps = [step.key for step in protocol.steps]
    problems = []
    if len(set(conditions)) != len(conditions):
        problems.append("two conditions have the same key")
    if len(set(steps)) != len(steps):
        problems.append("two steps have the same key")
    if protocol.steps[-1].kind != "end" or [s.kind for s in protocol.steps].count("end") != 1:
        problems.append("the last step, and only the last, is of kind end")
    if protocol.steps[0].kind != "consent":
        problems.append("the first step is of kind consent")
    before = protocol.steps[: assignment_index(protocol.steps) + 1]
    problems += [
        f"step {step.key}: comes before the assignment, so it can be no task and have no condition"
        for step in before
        if step.kind in TASKS or step.only
    ]
    problems += [
        f"step {step.key}: unknown condition {key}"
        for step in protocol.steps
        for key in step.only
        if key not in conditions
    ]
    problems += [
        *(list(_wrong_agents(protocol)) or _unknown_prompts(protocol)),
        *_misplaced_grants(protocol),
    ]
    if any(len(title) > LONGEST_TITLE for title in protocol.title.values()):
        problems.append(f"the title has more than {LONGEST_TITLE} characters")
    if any(size % len(conditions) for size in protocol.allocation.block_sizes):
        problems.append("block_sizes must be multiples of the number of conditions")
    if {protocol.rating.treatment, protocol.rating.control} - set(conditions):
        problems.append("rating compares an unknown condition")
    if sum(step.rated for step in protocol.steps) > 1:
        problems.append("only one task can be rated")
    problems += _missing_items(protocol)
    return problems + [
        f"{where}: no words in {missing}" for where, missing in _untranslated(protocol)
    ]


def _wrong_agents(protocol: ProtocolFile) -> Iterator[str]:
    for condition in protocol.conditions:
        if "budget" in condition.agents:
            yield f"condition {condition.key}, agents.budget: the budget is the whole study's"
        try:
            protocol.agents_of(condition.key)
        except ValidationError as problem:
            for error in problem.errors():
                yield f"condition {condition.key}, agents.{_place(error['loc'])}: {error['msg']}"


def _missing_items(protocol: ProtocolFile) -> Iterator[str]:
    """What allocation and analysis name that is not there."""
    before = protocol.steps[: assignment_index(protocol.steps) + 1]
    early = {item.key for step in before for item in step.items}
    criteria = {criterion.key for criterion in protocol.rating.criteria}
    yield from (
        f"allocation.strata: no item {key} comes before the assignment"
        for key in protocol.allocation.strata
        if key not in early
    )
    yield from (
        f"analysis.primary: there is no criterion {key}"
        for key in (protocol.analysis.primary if protocol.analysis else [])
        if key not in criteria
    )


def _misplaced_grants(protocol: ProtocolFile) -> Iterator[str]:
    granting = [step for step in protocol.steps for item in step.items if item.grants]
    granted = [item.grants for step in protocol.steps for item in step.items if item.grants]
    for grant in sorted({one for one in granted if granted.count(one) > 1}):
        yield f"only one item can grant {grant}"
    for step in granting:
        if step.kind != "consent":
            yield f"step {step.key}: only an item of the consent can grant something"


def _unknown_prompts(protocol: ProtocolFile) -> Iterator[str]:
    """Every language falls back to English, so one that is not there is found here."""
    asked = [protocol.agents, *protocol.all_agents()]
    for name, version in dict.fromkeys(one for agents in asked for one in agents.prompts.items()):
        try:
            prompts.load(name, version, protocol.languages[0])
        except prompts.PromptError:
            yield f"agents: there is no prompt {name} version {version}"


def _untranslated(protocol: ProtocolFile) -> list[tuple[str, str]]:
    texts: list[tuple[str, Text | None]] = [
        ("title", protocol.title),
        ("summary", protocol.summary),
    ]
    for step in protocol.steps:
        words_of_step = (step.title, step.body, step.task, *step.guide)
        texts += [(f"step {step.key}", text) for text in words_of_step]
        for item in step.items:
            where = f"step {step.key}, item {item.key}"
            texts += [(where, text) for text in (item.text, item.low, item.high)]
            texts += [(where, choice.label) for choice in item.choices]
    plan = protocol.analysis or Analysis()
    texts += [("analysis", text) for text in plan.hypotheses]
    texts += [("analysis", one.text) for one in plan.exclusions]
    if protocol.stopping:
        texts.append(("stopping", protocol.stopping.text))
    told = protocol.reporting or Reporting()
    texts += [(f"reporting.{name}", text) for name, text in told.texts()]
    for criterion in protocol.rating.criteria:
        texts += [
            (f"criterion {criterion.key}", text)
            for text in (criterion.text, *criterion.anchors.values())
        ]
    return [
        (where, language)
        for where, text in texts
        if text is not None
        for language in protocol.languages
        if not text.get(language, "").strip()
    ]


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "protocol"
