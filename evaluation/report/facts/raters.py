"""Who rated, how they agree with themselves, and whether they knew the condition."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evaluation.models import Guess as GuessRow
from evaluation.models import Rating, Showing, SideRating
from evaluation.report.facts.people import Person
from evaluation.stats.blinding import BlindingIndex, Guess, bang, james
from evaluation.stats.raters import Repeats, repeats
from study.models import Study


@dataclass(frozen=True, slots=True)
class RaterFacts:
    """`practice`: cases submitted in training; `cannot_judge`: reasons given in place of scores."""

    code: str
    background: Mapping[str, Any]
    trained_at: datetime | None
    finished_at: datetime | None
    practice: int
    scores: int
    cannot_judge: int
    repeats: Repeats


@dataclass(frozen=True, slots=True)
class Blinding:
    """`bang`: by condition. `guesses`: condition → guess ("" for cannot tell) → how many."""

    bang: Mapping[str, BlindingIndex]
    james: BlindingIndex
    guesses: Mapping[str, Mapping[str, int]]
    raters: int


def raters(study: Study) -> tuple[RaterFacts, ...]:
    scores, without, practice = Counter[int](), Counter[int](), Counter[int]()
    for rater, score in Rating.objects.filter(rater__study=study).values_list("rater_id", "score"):
        if score is None:
            without[rater] += 1
        else:
            scores[rater] += 1
    shown = Showing.objects.filter(rater__study=study, kind=Showing.Kind.PRACTICE)
    for rater in shown.exclude(submitted_at=None).values_list("rater_id", flat=True):
        practice[rater] += 1
    twice = _twice(study)
    return tuple(
        RaterFacts(
            code=row.code,
            background=row.background,
            trained_at=row.trained_at,
            finished_at=row.finished_at,
            practice=practice[row.pk],
            scores=scores[row.pk],
            cannot_judge=without[row.pk],
            repeats=repeats(*_columns(twice.get(row.pk, []))),
        )
        for row in study.raters.order_by("code")
    )


def blinding(study: Study, people: Sequence[Person], conditions: Sequence[str]) -> Blinding | None:
    """None where nobody was asked to guess."""
    condition_of = {one.pk: one.condition for one in people if one.condition in conditions}
    rows = GuessRow.objects.filter(rater__study=study, submission__participant__in=condition_of)
    fields = ("submission__participant_id", "condition", "rater_id")
    given = list(rows.order_by("pk").values_list(*fields))
    if not given:
        return None
    guesses = [
        Guess(condition_of[pk], guessed if guessed in conditions else None)
        for pk, guessed, _rater in given
    ]
    counts = {
        c: {
            answer: sum(g.condition == c and (g.guessed or "") == answer for g in guesses)
            for answer in (*conditions, "")
        }
        for c in conditions
    }
    both = len({guess.condition for guess in guesses}) == len(conditions)
    return Blinding(
        bang={c: bang(guesses, c) for c in conditions},
        james=james(guesses if both else []),
        guesses=counts,
        raters=len({rater for _pk, _guessed, rater in given}),
    )


def _twice(study: Study) -> dict[int, list[tuple[int, int]]]:
    """Rater → (first score, second score) of what was shown to them again."""
    rows = SideRating.objects.filter(
        showing__rater__study=study, showing__kind=Showing.Kind.REPEAT, score__isnull=False
    )
    fields = ("showing__rater_id", "showing__submission_id", "criterion", "score")
    again = {(rater, sub, c): score for rater, sub, c, score in rows.values_list(*fields)}
    first = Rating.objects.filter(rater__study=study, score__isnull=False)
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    if not again:
        return found
    own = ("rater_id", "submission_id", "criterion", "score")
    for rater, submission, criterion, score in first.order_by("pk").values_list(*own):
        if (rater, submission, criterion) in again:
            found[rater].append((score, again[rater, submission, criterion]))
    return found


def _columns(pairs: Sequence[tuple[int, int]]) -> tuple[list[float], list[float]]:
    return [float(one) for one, _ in pairs], [float(other) for _, other in pairs]
