"""What people answered: of themselves, on scales that are scored, and item by item."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.figures.bar import Bar
from evaluation.report.facts.people import Person
from evaluation.stats.contrast import Contrast, contrasts
from evaluation.stats.ranksum import RankSum
from evaluation.stats.scales import Consistency, Description, cronbach_alpha, describe
from study.models import Response, Study
from study.rules.protocol import Item, ProtocolFile, Step
from study.rules.scoring import items_of, parts_of, scores

Answers = Mapping[str, Mapping[str, Mapping[str, object]]]  # step → participant → item → value
COUNTED = ("single", "multiple", "check")
MEASURED = ("number", "likert", "scale", "slider")


@dataclass(frozen=True, slots=True)
class Measured:
    """One number per participant, by condition and code; the contrast is treatment minus control.

    `contrast` is None where the measure is described only.
    """

    key: str
    values: Mapping[str, Mapping[str, float]]
    contrast: Contrast | None

    def of(self, condition: str) -> tuple[float, ...]:
        return tuple(self.values.get(condition, {}).values())


@dataclass(frozen=True, slots=True)
class Scale:
    """A questionnaire score per participant (SUS, raw NASA-TLX, UEQ-S) in the two conditions, or
    one `part` of it."""

    step: str
    scoring: str
    part: str
    treatment: tuple[float, ...]
    control: tuple[float, ...]
    contrast: Contrast
    consistency: Consistency
    values: Mapping[str, Mapping[str, float]]

    @property
    def test(self) -> RankSum:
        return self.contrast.test

    @property
    def key(self) -> str:
        return key_of(self.step, self.part)


@dataclass(frozen=True, slots=True)
class AnsweredItem:
    """One Likert item of a questionnaire without a score, in one condition."""

    step: str
    item: str
    condition: str
    points: int
    description: Description


@dataclass(frozen=True, slots=True)
class Background:
    """One item that people answered about themselves. `numbers` or `counts`: by condition;
    `missing`: of those who were asked."""

    step: str
    item: str
    numbers: Mapping[str, Sequence[float]]
    counts: Mapping[str, Mapping[str, int]]
    missing: Mapping[str, int]


def answers_of(study: Study, people: Sequence[Person]) -> Answers:
    """Of the people given. One query."""
    code_of = {one.pk: one.code for one in people}
    rows = Response.objects.filter(step__participant__in=code_of, step__participant__study=study)
    fields = ("step__key", "step__participant_id", "item", "value")
    found: dict[str, dict[str, dict[str, object]]] = defaultdict(lambda: defaultdict(dict))
    for step, pk, item, value in rows.order_by("step__key", "pk").values_list(*fields):
        found[step][code_of[pk]][item] = value
    return found


def scales(
    protocol: ProtocolFile,
    answers: Answers,
    people: Sequence[Person],
    conditions: tuple[str, str],
) -> tuple[Scale, ...]:
    """Scored questionnaires of both conditions and their parts, one family for Holm. Who left an
    item out has no score."""
    asked = [
        (step, part) for step in protocol.steps if not step.only for part in parts_of(step)
    ]  # fmt: skip
    values = {
        key_of(step.key, part): _scores(step, part, answers, people, conditions)
        for step, part in asked
    }
    treatment, control = conditions
    groups = {
        key: (tuple(one[treatment].values()), tuple(one[control].values()))
        for key, one in values.items()
    }
    found = contrasts(groups)
    return tuple(
        Scale(
            step=step.key,
            scoring=str(step.scoring),
            part=part,
            treatment=groups[key][0],
            control=groups[key][1],
            contrast=found[key],
            consistency=cronbach_alpha(_table(step, items_of(step, part), answers, people)),
            values=values[key],
        )
        for (step, part), key in zip(asked, values, strict=True)
    )


def key_of(step: str, part: str) -> str:
    """Of a scale among all of a study's: keys of steps hold no full stop."""
    return f"{step}.{part}" if part else step


def items(
    protocol: ProtocolFile, answers: Answers, people: Sequence[Person], conditions: Sequence[str]
) -> tuple[AnsweredItem, ...]:
    """Likert items of questionnaires that have no score, in the conditions that were asked."""
    found = []
    for step in protocol.steps:
        if step.kind != "questionnaire" or step.scoring:
            continue
        for item in step.items:
            if item.kind != "likert":
                continue
            for condition in conditions:
                if step.only and condition not in step.only:
                    continue
                given = _given(step, item, answers, people, condition)
                whole = [v for v in given if isinstance(v, int) and 1 <= v <= item.points]
                described = describe(whole, range(1, item.points + 1))
                found.append(AnsweredItem(step.key, item.key, condition, item.points, described))
    return tuple(found)


def bars(answered: Sequence[AnsweredItem]) -> tuple[Bar, ...]:
    """Those of five points, as the figure draws them."""
    return tuple(
        Bar(one.item.upper(), one.condition, _five(one.description.counts))
        for one in answered
        if one.points == 5
    )


def background(
    protocol: ProtocolFile, answers: Answers, people: Sequence[Person], conditions: Sequence[str]
) -> tuple[Background, ...]:
    """Screening and forms that everybody gets, of all who were assigned."""
    return tuple(
        _background(step, item, answers, people, conditions)
        for step in protocol.steps
        if step.kind in ("screening", "form") and not step.only
        for item in step.items
        if item.kind in COUNTED or item.kind in MEASURED
    )


def _background(
    step: Step, item: Item, answers: Answers, people: Sequence[Person], conditions: Sequence[str]
) -> Background:
    numbers, counts, missing = {}, {}, {}
    for condition in conditions:
        own = [one for one in people if one.condition == condition]
        given = _given(step, item, answers, own, condition)
        missing[condition] = len(own) - len(given)
        if item.kind in MEASURED:
            numbers[condition] = [float(v) for v in given if isinstance(v, int | float)]
        else:
            told = (v if isinstance(v, list) else [v] for v in given)
            counts[condition] = dict(Counter(str(one) for values in told for one in values))
    return Background(step.key, item.key, numbers, counts, missing)


def _scores(
    step: Step, part: str, answers: Answers, people: Sequence[Person], conditions: Sequence[str]
) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {condition: {} for condition in conditions}
    for one in people:
        given = answers.get(step.key, {}).get(one.code, {})
        scored = scores(step, {key: _plain(v) for key, v in given.items()})
        if part in scored and one.condition in found:
            found[one.condition][one.code] = float(scored[part])
    return found


def _table(
    step: Step, items: Sequence[Item], answers: Answers, people: Sequence[Person]
) -> "np.typing.NDArray[np.float64]":
    """(people, items), reverse-keyed items turned, NaN where there is no answer."""
    table = np.full((len(people), len(items)), np.nan)
    for row, one in enumerate(people):
        given = answers.get(step.key, {}).get(one.code, {})
        for column, item in enumerate(items):
            value = given.get(item.key)
            if isinstance(value, int | float):
                table[row, column] = -value if item.reverse else value
    return table


def _given(
    step: Step, item: Item, answers: Answers, people: Sequence[Person], condition: str
) -> list[object]:
    own = answers.get(step.key, {})
    values = [own.get(one.code, {}).get(item.key) for one in people if one.condition == condition]
    return [value for value in values if value not in (None, "")]


def _five(counts: Sequence[int]) -> tuple[int, int, int, int, int]:
    one, two, three, four, five = counts
    return one, two, three, four, five


def _plain(value: object) -> int | str | None:
    return value if isinstance(value, int | str) else None
