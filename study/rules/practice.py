"""What raters score before the study's own submissions: cases made of the demo's drawings."""

from typing import Annotated

from pydantic import Field

from duetml.features import Frozen

Words = Annotated[dict[str, str], Field(min_length=1)]  # language → words
Picture = Annotated[str, Field(pattern=r"^(practice|animals|mixed)/[a-z-]{1,40}-[1-5]$")]


class Expected(Frozen):
    """The score that was stated beforehand, and why."""

    score: int = Field(ge=1, le=5)
    why: Words


class PracticeCategory(Frozen):
    name: Words
    images: list[Picture] = Field(max_length=50)


class PracticeCase(Frozen):
    """A submission nobody made. `scores`: what was expected, by criterion."""

    task: Words
    categories: list[PracticeCategory] = Field(max_length=20)
    scores: dict[str, Expected] = {}
