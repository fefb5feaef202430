"""The results of a study: one function for the page, the command, the export and the back room."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation import queries
from evaluation.figures.likert import Bar
from evaluation.stats.ranksum import RankSum, mann_whitney
from evaluation.stats.units import Comparison, ScoreRow, as_in_the_paper, compare
from study.models import Participant, Response, Study
from study.rules.protocol import ProtocolFile, Step
from study.rules.scoring import score as scored


@dataclass(frozen=True)
class Scale:
    """A questionnaire score per participant (SUS, raw NASA-TLX) in the two conditions."""

    step: str
    scoring: str
    treatment: tuple[float, ...]
    control: tuple[float, ...]
    test: RankSum


@dataclass(frozen=True)
class Results:
    """`criteria`: the scores as given, per criterion and condition; `answers`: Likert items."""

    treatment: str
    control: str
    submissions: int
    raters: int
    scores: int
    expected: int
    participant: Comparison
    pooled: Comparison
    criteria: tuple[Bar, ...]
    answers: tuple[Bar, ...]
    scales: tuple[Scale, ...]


def results(study: Study) -> Results:
    """Everything, from the rows. Whether it may be seen is the caller's to ask (unlocked_at)."""
    protocol = study.protocol.read()
    rating = protocol.rating
    conditions = (rating.treatment, rating.control)
    keys = [criterion.key for criterion in rating.criteria]
    rows = [row for row in queries.score_rows(study) if row.criterion in keys]
    submissions, raters = queries.rateable(study.pk).count(), study.raters.count()
    given = _answers(study)
    return Results(
        *conditions,
        submissions=submissions,
        raters=raters,
        scores=len(rows),
        expected=submissions * raters * len(keys),
        participant=compare(rows, *conditions, keys),
        pooled=as_in_the_paper(rows, *conditions, keys),
        criteria=_criterion_bars(rows, keys, conditions),
        answers=tuple(
            bar for step in _unscored(protocol) for bar in _item_bars(step, given, conditions)
        ),
        scales=tuple(
            _scale(step, given, conditions) for step in protocol.steps if step.scoring is not None
        ),
    )


Answers = Mapping[
    tuple[str, str], Mapping[str, Mapping[str, object]]
]  # (step, condition) → person → item → value


def _answers(study: Study) -> Answers:
    """Answers of everybody but previews."""
    rows = Response.objects.filter(step__participant__study=study)
    rows = rows.exclude(step__participant__kind=Participant.Kind.PREVIEW)
    fields = (
        "step__key",
        "step__participant__condition",
        "step__participant__code",
        "item",
        "value",
    )
    found: dict[tuple[str, str], dict[str, dict[str, object]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for step, condition, person, item, value in rows.order_by(*fields[:4]).values_list(*fields):
        found[step, condition][person][item] = value
    return found


def _unscored(protocol: ProtocolFile) -> list[Step]:
    return [step for step in protocol.steps if step.kind == "questionnaire" and not step.scoring]


def _criterion_bars(
    rows: Sequence[ScoreRow], keys: Sequence[str], conditions: tuple[str, str]
) -> tuple[Bar, ...]:
    counts = Counter((row.criterion, row.condition, row.score) for row in rows)
    return tuple(
        Bar(key.upper(), condition, _five(counts, key, condition))
        for key in keys
        for condition in conditions
    )


def _item_bars(step: Step, answers: Answers, conditions: tuple[str, str]) -> list[Bar]:
    items = [item.key for item in step.items if item.kind == "likert" and item.points == 5]
    asked = [condition for condition in conditions if not step.only or condition in step.only]
    counts = Counter(
        (item, condition, value)
        for condition in asked
        for given in answers.get((step.key, condition), {}).values()
        for item, value in given.items()
        if isinstance(value, int)
    )
    return [
        Bar(item.upper(), condition, _five(counts, item, condition))
        for item in items
        for condition in asked
    ]


def _five(
    counts: Counter[tuple[str, str, int]], item: str, condition: str
) -> tuple[int, int, int, int, int]:
    one, two, three, four, five = (counts[item, condition, value] for value in range(1, 6))
    return one, two, three, four, five


def _scale(step: Step, answers: Answers, conditions: tuple[str, str]) -> Scale:
    """Participants who left an item out have no score."""
    groups = []
    for condition in conditions:
        people = answers.get((step.key, condition), {}).values()
        values = [scored(step, {key: _value(value) for key, value in p.items()}) for p in people]
        groups.append(tuple(value for value in values if value is not None))
    treatment, control = groups
    return Scale(step.key, step.scoring or "", treatment, control, mann_whitney(treatment, control))


def _value(value: object) -> int | str | None:
    return value if isinstance(value, int | str) else None
