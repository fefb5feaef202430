"""What an agent sees of a workspace, as plain values; the caller fills them from the rows."""

from dataclasses import dataclass, field
from typing import Literal

Trigger = Literal["message", "ask_data", "ask_test"]
Occasion = Trigger | Literal["proactive"]


@dataclass(frozen=True)
class ImageView:
    """One picture as it is sent: a JPEG, already shrunk (see agents.budget.shrink).

    `number` is what the page calls it ("picture 12"); 0 where it has none.
    """

    id: str
    jpeg: bytes
    number: int = 0


@dataclass(frozen=True)
class CategoryView:
    """`count` is how many pictures it holds; `images` are those the budget chose to show."""

    name: str
    count: int
    images: tuple[ImageView, ...] = ()


@dataclass(frozen=True)
class LogLine:
    """One operation. `at` is a time of day such as "14:02"."""

    at: str
    text: str


@dataclass(frozen=True)
class TestView:
    """One tested picture: (category, probability 0–1) pairs, and what the person says it is.

    `number` is what the page calls it, also where the picture itself is not shown.
    """

    __test__ = False  # pytest: this is no test class

    picture: ImageView | None
    scores: tuple[tuple[str, float], ...]
    actual: str | None = None
    number: int = 0

    def best(self) -> tuple[str, float]:
        """The category with the highest probability; ("", 0) where there are no scores."""
        return max(self.scores, key=lambda score: score[1], default=("", 0.0))


@dataclass(frozen=True)
class Confusion:
    """So many pictures of `actual` were taken for `said`."""

    actual: str
    said: str
    count: int


@dataclass(frozen=True)
class Findings:
    """What the features say, computed by the caller.

    near_duplicates: pairs of category names (twice the same: within it), one per pair of names.
    overlaps: (category, category, similarity 0–1) of pairs similar enough to be worth a word.
    """

    near_duplicates: tuple[tuple[str, str], ...] = ()
    overlaps: tuple[tuple[str, str, float], ...] = ()


@dataclass(frozen=True)
class Said:
    author: Literal["participant", "assistant"]
    text: str


@dataclass(frozen=True)
class WorkspaceContext:
    """The workspace at one moment.

    `dialogue` is the one with the reactive agent, `log` every operation, both oldest first; `tests`
    are the newest results, oldest first. `changes` are the operations since this agent last looked
    and `advice` what it said by itself lately, both oldest first.

    Of the newest run: `trained_images` it learnt from (None before the first), whether the data are
    no longer the same (`stale`), its accuracy on pictures it had not seen (None: not known) and
    which categories it `confused` there; `tests_are_stale`: the tests were of an earlier run.
    `shares_images`: whether the person agreed that a vendor is shown pictures.
    """

    language: str
    task: str
    goal: str | None = None
    categories: tuple[CategoryView, ...] = ()
    dialogue: tuple[Said, ...] = ()
    log: tuple[LogLine, ...] = ()
    tests: tuple[TestView, ...] = ()
    trained_images: int | None = None
    stale: bool = False
    accuracy: float | None = None
    confused: tuple[Confusion, ...] = ()
    tests_are_stale: bool = False
    unused_images: int = 0
    changes: tuple[LogLine, ...] = ()
    advice: tuple[Said, ...] = ()
    shares_images: bool = True
    findings: Findings = field(default_factory=Findings)

    def images_in_categories(self) -> int:
        return sum(category.count for category in self.categories)
