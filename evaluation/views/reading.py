"""A submission and its criteria as the rating page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluation.figures.marks import mark_of
from evaluation.models import Rating, SideRating
from evaluation.queries import Content
from evaluation.rules import guidelines
from study.rules.practice import Expected
from study.rules.protocol import Criterion, ProtocolFile, words


@dataclass(frozen=True)
class CategoryView:
    """`pictures`: their numbers, counted from 1 through all categories."""

    name: str
    mark: str  # a shape, so that colour never stands alone
    colour: int  # 0–7, a class of rating.css
    pictures: list[int]


@dataclass(frozen=True)
class Point:
    score: int
    anchor: str
    example: str
    checked: bool


@dataclass(frozen=True)
class CriterionView:
    key: str
    label: str
    text: str
    points: list[Point]
    version: int
    reason: str

    @property
    def low(self) -> str:
        return self.points[0].anchor

    @property
    def high(self) -> str:
        return self.points[-1].anchor

    @property
    def anchored(self) -> list[Point]:
        return [point for point in self.points if point.anchor or point.example]


@dataclass(frozen=True)
class Practised:
    """One criterion of a practice: what was given, what was expected and why."""

    label: str
    given: int | None
    expected: int
    why: str


def requirement(protocol: ProtocolFile, content: Mapping[str, Any], language: str) -> str:
    """What participants were asked to build, in the rater's language where the protocol has it."""
    rated = next((step for step in protocol.steps if step.rated and step.task), None)
    return words(rated.task, language) if rated and rated.task else str(content["task"])


def category_views(content: Content, language: str) -> list[CategoryView]:
    numbers = iter(content.numbered())
    return [
        CategoryView(
            name if isinstance(name := category["name"], str) else words(name, language),
            *mark_of(place),
            [next(numbers) for _ in category["images"]],
        )
        for place, category in enumerate(content.categories)
    ]


def criterion_views(
    protocol: ProtocolFile, given: Mapping[str, Rating | SideRating], language: str
) -> list[CriterionView]:
    return [
        _criterion(criterion, given.get(criterion.key), language)
        for criterion in protocol.rating.criteria
    ]


def _criterion(
    criterion: Criterion, stands: Rating | SideRating | None, language: str
) -> CriterionView:
    score = stands.score if stands else None
    return CriterionView(
        criterion.key,
        criterion.key.upper(),
        words(criterion.text, language),
        [
            Point(point.score, point.anchor, point.example, point.score == score)
            for point in guidelines.points(criterion, language)
        ],
        stands.version if stands else 0,
        stands.reason if stands else "",
    )


def practised(
    protocol: ProtocolFile,
    expected: Mapping[str, Expected],
    given: Mapping[str, Rating | SideRating],
    language: str,
) -> list[Practised]:
    return [
        Practised(
            criterion.key.upper(),
            given[criterion.key].score if criterion.key in given else None,
            expected[criterion.key].score,
            words(expected[criterion.key].why, language),
        )
        for criterion in protocol.rating.criteria
        if criterion.key in expected
    ]
