"""A submission and its criteria as the rating page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluation.figures.marks import mark_of
from study.rules.protocol import ProtocolFile, words


@dataclass(frozen=True)
class CategoryView:
    name: str
    mark: str  # a shape, so that colour never stands alone
    colour: int  # 0–7, a class of rating.css
    images: list[str]


@dataclass(frozen=True)
class Point:
    score: int
    anchor: str
    checked: bool


@dataclass(frozen=True)
class CriterionView:
    key: str
    label: str
    text: str
    points: list[Point]

    @property
    def low(self) -> str:
        return self.points[0].anchor

    @property
    def high(self) -> str:
        return self.points[-1].anchor

    @property
    def anchored(self) -> list[Point]:
        return [point for point in self.points if point.anchor]


def requirement(protocol: ProtocolFile, content: Mapping[str, Any], language: str) -> str:
    """What participants were asked to build, in the rater's language where the protocol has it."""
    rated = next((step for step in protocol.steps if step.rated and step.task), None)
    return words(rated.task, language) if rated and rated.task else str(content["task"])


def category_views(content: Mapping[str, Any]) -> list[CategoryView]:
    return [
        CategoryView(category["name"], *mark_of(number), list(category["images"]))
        for number, category in enumerate(content["categories"])
    ]


def criterion_views(
    protocol: ProtocolFile, scores: Mapping[str, int], language: str
) -> list[CriterionView]:
    return [
        CriterionView(
            criterion.key,
            criterion.key.upper(),
            words(criterion.text, language),
            [
                Point(
                    score,
                    words(criterion.anchors[score], language) if score in criterion.anchors else "",
                    scores.get(criterion.key) == score,
                )
                for score in range(1, 6)
            ],
        )
        for criterion in protocol.rating.criteria
    ]
