"""How raters went about it: time, pictures looked at and language, from their own logs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from duetml.live.log import rater_stream
from duetml.live.models import Event
from evaluation import queries
from evaluation.models import Rater, Rating
from study.models import Study

KINDS = ("rating.looked", "rating.scored", "rating.submitted")
Picture = tuple[int, str]  # place of the category from 1, image


@dataclass(frozen=True, slots=True)
class Visit:
    """One rater and one submission, as it was first handed in. `minutes`: from the first sign (a
    picture in view, a score) to that; None where it was not handed in. `pictures`: of the
    submission, `seen` of them ever in view. `language`: of the page, "" where it is not recorded.
    """

    rater: str
    minutes: float | None
    pictures: int
    seen: int
    scores: int
    language: str

    @property
    def is_watched(self) -> bool:
        """Whether it is recorded which pictures were in view, where there were any."""
        return bool(self.seen)

    @property
    def saw_all(self) -> bool:
        return self.seen >= self.pictures


@dataclass(slots=True)
class _Signs:
    first: datetime | None = None
    done: datetime | None = None
    seen: set[Picture] = field(default_factory=set)
    language: str = ""


def visits(study: Study) -> tuple[Visit, ...]:
    """Of every submission that counts and that a rater scored or handed in, rater by rater."""
    counts = queries.rateable(study.pk).filter(participant__excluded_at=None)
    pictures = {str(pk): _pictures(content) for pk, content in counts.values_list("pk", "content")}
    rows = Rating.objects.filter(rater__study=study, score__isnull=False)
    scored = Counter(
        (rater, str(one)) for rater, one in rows.values_list("rater_id", "submission_id")
    )
    return tuple(
        visit
        for rater in study.raters.order_by("code")
        for visit in _of_rater(rater, pictures, scored)
    )


def _of_rater(
    rater: Rater, pictures: Mapping[str, frozenset[Picture]], scored: Mapping[Any, int]
) -> Iterator[Visit]:
    signs = _signs(rater)
    for submission, there in sorted(pictures.items()):
        scores = scored.get((rater.pk, submission), 0)
        sign = signs.get(submission, _Signs())
        if not scores and sign.done is None:
            continue
        spent = (sign.done - sign.first).total_seconds() / 60 if sign.done and sign.first else None
        seen = len(sign.seen & there)
        yield Visit(rater.code, spent, len(there), seen, scores, sign.language)


def _signs(rater: Rater) -> Mapping[str, _Signs]:
    """By submission. What came after the first handing in counts for the pictures alone: the
    browser tells of them a moment late."""
    found: dict[str, _Signs] = {}
    rows = Event.objects.filter(stream__key=rater_stream(rater.pk), kind__in=KINDS)
    for kind, payload, at in rows.order_by("seq").values_list("kind", "payload", "at"):
        told = payload or {}
        one = found.setdefault(str(told.get("submission", "")), _Signs())
        one.first = one.first or at
        one.seen |= {(place, str(image)) for place, image in told.get("seen", ())}
        if kind == "rating.submitted" and one.done is None:
            one.done, one.language = at, str(told.get("language", ""))
    return found


def _pictures(content: Mapping[str, Any]) -> frozenset[Picture]:
    categories: Sequence[Mapping[str, Any]] = content.get("categories", ())
    return frozenset(
        (place, str(image))
        for place, category in enumerate(categories, start=1)
        for image in category["images"]
    )
