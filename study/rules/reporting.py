"""What only the researcher knows of how a study is done, in words, for the study's report.

Nothing of it reaches participants or raters, and nothing is decided by it.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from pydantic import Field

from duetml.features import Frozen
from study.rules.terms import Text

WITH_WORDS = (
    "recruitment", "compensation", "sample_size", "interviews", "availability", "funding",
    "interests",
)  # fmt: skip


class Setting(Frozen):
    """Where people took part; `text`: the place, the devices, who was with them."""

    kind: Literal["online", "laboratory", "mixed"]
    text: Text | None = None


class RatersTold(Frozen):
    """`recruitment`: how they were found and what made them experts, in words; how many there are
    and what each says of themselves is in the record."""

    recruitment: Text | None = None
    compensation: Text | None = None


class Registration(Frozen):
    """`where`: the address or the number under which the plan was registered; `day`: and when (a
    key `on` would be a truth value in YAML)."""

    where: str = Field(min_length=1, max_length=500)
    day: date | None = None


class Reporting(Frozen):
    """`recruitment`: of participants: where and how they were asked, and who could answer.
    `compensation`: what they were given. `sample_size`: why so many per condition. `interviews`:
    how they were coded, and by whom. `availability`: where data and materials are. `interests`:
    competing ones, or that there are none. What is left out, the report lists as not stated."""

    setting: Setting | None = None
    recruitment: Text | None = None
    compensation: Text | None = None
    raters: RatersTold | None = None
    sample_size: Text | None = None
    registration: Registration | None = None
    interviews: Text | None = None
    availability: Text | None = None
    funding: Text | None = None
    interests: Text | None = None

    def texts(self) -> Iterator[tuple[str, Text | None]]:
        """(key below `reporting`, words) of all that is put in words."""
        yield from ((name, getattr(self, name)) for name in WITH_WORDS)
        yield "setting.text", self.setting.text if self.setting else None
        yield "raters.recruitment", self.raters.recruitment if self.raters else None
        yield "raters.compensation", self.raters.compensation if self.raters else None
