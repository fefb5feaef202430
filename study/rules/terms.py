"""What a protocol says beside its pages: who answers for it, time, allocation, payment,
analysis."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from duetml.features import Frozen

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[dict[str, str], Field(min_length=1)]  # language → words

OUTCOMES = ("completed", "screened_out", "turned_away", "withdrawn", "failed_checks")
CODE = "{code}"


class Contact(Frozen):
    """Whom participants can ask."""

    name: str = Field(min_length=1, max_length=200)
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)


class Ethics(Frozen):
    approval: str = Field(min_length=1, max_length=100)  # its number
    board: str = Field(min_length=1, max_length=200)


class Retention(Frozen):
    """What can be told apart by person is purged so many months after closing."""

    months: int = Field(ge=1, le=600)


class TimeRules(Frozen):
    """What comes within `grace_seconds` after a step's end counts, with a flag; later it is kept as
    an event, applied to nothing, and the participant stays in the analysis (`keep`) or not
    (`exclude`).
    """

    grace_seconds: int = Field(default=0, ge=0, le=3600)
    late: Literal["keep", "exclude"] = "keep"
    early: Literal["refuse"] = "refuse"


class Allocation(Frozen):
    """Permuted blocks of random sizes, the last one cut so that `per_condition` is met exactly, or
    a statistician's table. `strata`: items before the assignment, a sequence of `per_condition` for
    each combination of their answers. `replace`: who is lost after the first task is replaced at
    the end of the sequence, `most_extra` times at most.
    """

    method: Literal["blocks", "table"] = "blocks"
    per_condition: int = Field(ge=1, le=5000)
    # Multiples of the number of conditions.
    block_sizes: list[Annotated[int, Field(ge=1, le=1000)]] = Field(min_length=1)
    strata: list[Key] = Field(default=[], max_length=4)
    replace: bool = True
    most_extra: int = Field(default=0, ge=0, le=5000)


class Stopping(Frozen):
    """When enrolment ends, in words; `until`: and at the latest at the end of that day (UTC)."""

    text: Text
    until: date | None = None


class Completion(Frozen):
    """Codes by outcome; a random one for each person where an outcome has none. `return_url`: where
    people are sent back to, with {code} in it."""

    codes: dict[
        Literal["completed", "screened_out", "turned_away", "withdrawn", "failed_checks"],
        Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{4,60}$")],
    ] = {}
    return_url: str = Field(default="", max_length=500)

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if len(set(self.codes.values())) != len(self.codes):
            raise ValueError("two outcomes have the same completion code")
        if self.return_url and not self.return_url.startswith("https://"):
            raise ValueError("return_url must begin with https://")
        if self.return_url and CODE not in self.return_url:
            raise ValueError("return_url must contain {code}")
        return self


class Recruitment(Frozen):
    """`prolific`: the public link takes PROLIFIC_PID, STUDY_ID and SESSION_ID."""

    prolific: bool = False


class Exclusion(Frozen):
    """Whoever the rule fits is left out of the analysis, on record. `late`: in any step;
    `attention`: a check answered otherwise; `incomplete`: gone before a rated task was over;
    `agents_failed`: asked in a rated task and never reached; `under_minutes`: less in a rated task.
    """

    rule: Literal["late", "attention", "incomplete", "agents_failed", "under_minutes"]
    text: Text
    minutes: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.rule == "under_minutes") != (self.minutes is not None):
            raise ValueError("under_minutes needs minutes, and no other rule has them")
        return self


class Analysis(Frozen):
    """The plan, fixed before opening. `primary`: the criteria the hypotheses are about."""

    hypotheses: list[Text] = []
    primary: list[Key] = []
    tests: str = Field(default="", max_length=4000)
    exclusions: list[Exclusion] = []
