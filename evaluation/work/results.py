"""The results of a study: one function for the page, the report, the command and the export.

It runs scipy and reads whole logs: for workers and commands, never for the web process.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation import queries
from evaluation.figures.bar import Bar
from evaluation.report.facts import answers as told
from evaluation.report.facts.answers import AnsweredItem, Background, Measured, Scale
from evaluation.report.facts.deviations import Deviation, deviations
from evaluation.report.facts.flow import Flow, flow
from evaluation.report.facts.foresight import Foresight, foresight
from evaluation.report.facts.logs import logged
from evaluation.report.facts.method import Method, method
from evaluation.report.facts.people import Person, people
from evaluation.report.facts.raters import Blinding, RaterFacts, blinding, raters
from evaluation.report.facts.timeline import Stay, durations, stays
from evaluation.report.facts.visits import Visit, visits
from evaluation.stats.analysis import CriterionAnalysis, analyse
from evaluation.stats.scores import means_of
from evaluation.stats.units import Comparison, ScoreRow, compare
from study.models import Study
from study.rules.protocol import ProtocolFile

Means = Mapping[str, Mapping[str, Mapping[str, float]]]  # criterion → condition → code → mean


@dataclass(frozen=True)
class Results:
    """`analyses`: of every criterion, those of `primary` in one family for Holm, the others in
    another. `with_excluded`: the primary test with those who were excluded, where anybody was.
    `criteria`: the scores as given; `answers`: Likert items, as the figures have them.
    `foresight`: of the analysed sample, None where a condition is empty.
    """

    treatment: str
    control: str
    submissions: int
    raters: int
    scores: int
    expected: int
    analyses: tuple[CriterionAnalysis, ...]
    primary: tuple[str, ...]
    with_excluded: Comparison | None
    means: Means
    criteria: tuple[Bar, ...]
    answers: tuple[Bar, ...]
    items: tuple[AnsweredItem, ...]
    scales: tuple[Scale, ...]
    measures: tuple[Measured, ...]
    background: tuple[Background, ...]
    people: tuple[Person, ...]
    flow: Flow
    rated_by: tuple[RaterFacts, ...]
    blinding: Blinding | None
    stays: Mapping[str, tuple[Stay, ...]]
    deviations: tuple[Deviation, ...]
    visits: tuple[Visit, ...]
    foresight: Foresight | None
    method: Method

    @property
    def conditions(self) -> tuple[str, str]:
        return self.treatment, self.control


def results(study: Study) -> Results:
    """Everything, from the rows. Whether it may be seen is the caller's to ask (services.lock)."""
    protocol = study.protocol.read()
    rating = protocol.rating
    conditions = (rating.treatment, rating.control)
    keys = [criterion.key for criterion in rating.criteria]
    rows = [row for row in queries.score_rows(study) if row.criterion in keys]
    everybody = people(study)
    assigned = [one for one in everybody if one.condition and one.has_data]
    analysed = [one for one in everybody if one.is_analysed]
    given = told.answers_of(study, assigned)
    items = told.items(protocol, given, analysed, conditions)
    times = stays(assigned)
    primary = primary_criteria(protocol, keys)
    block_of = {one.code: one.block for one in everybody if one.block}
    families = [primary, tuple(key for key in keys if key not in primary)]
    analyses = {
        one.criterion: one
        for family in families
        if family
        for one in analyse(rows, *conditions, family, block_of=block_of)
    }
    number = queries.rateable(study.pk).filter(participant__excluded_at=None).count()
    raters_of_study = raters(study)
    return Results(
        *conditions,
        submissions=number,
        raters=len(raters_of_study),
        scores=len(rows),
        expected=number * len(raters_of_study) * len(keys),
        analyses=tuple(analyses[key] for key in keys),
        primary=primary,
        with_excluded=_with_excluded(study, everybody, conditions, keys),
        means={key: {c: means_of(rows, c, key) for c in conditions} for key in keys},
        criteria=_criterion_bars(rows, keys, conditions),
        answers=told.bars(items),
        items=items,
        scales=told.scales(protocol, given, analysed, conditions),
        measures=logged(study, protocol, analysed, conditions),
        background=told.background(protocol, given, assigned, conditions),
        people=tuple(everybody),
        flow=flow(everybody, conditions, {row.participant for row in rows}),
        rated_by=raters_of_study,
        blinding=blinding(study, analysed, conditions),
        stays=times,
        deviations=deviations(study, everybody),
        visits=visits(study),
        foresight=foresight(*_analysed(rows, conditions), len(raters_of_study), len(primary)),
        method=method(study, everybody, durations(times, [step.key for step in protocol.steps])),
    )


def _analysed(rows: Sequence[ScoreRow], conditions: tuple[str, str]) -> tuple[int, int]:
    """Participants with a score that counts, in each condition."""
    first, second = ({r.participant for r in rows if r.condition == one} for one in conditions)
    return len(first), len(second)


def _with_excluded(
    study: Study, everybody: Sequence[Person], conditions: tuple[str, str], keys: Sequence[str]
) -> Comparison | None:
    """Everybody in the condition they were assigned to."""
    if not any(one.condition and one.excluded_at is not None for one in everybody):
        return None
    rows = [r for r in queries.score_rows(study, with_excluded=True) if r.criterion in keys]
    return compare(rows, *conditions, keys)


def primary_criteria(protocol: ProtocolFile, keys: Sequence[str]) -> tuple[str, ...]:
    """Those the protocol's analysis plan names; all of them where it names none."""
    plan = protocol.analysis
    named = [key for key in plan.primary if key in keys] if plan else []
    return tuple(key for key in keys if key in named) or tuple(keys)


def _criterion_bars(
    rows: Sequence[ScoreRow], keys: Sequence[str], conditions: tuple[str, str]
) -> tuple[Bar, ...]:
    counts: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for row in rows:
        counts[row.criterion, row.condition][row.score] += 1
    return tuple(
        Bar(key.upper(), condition, _five(counts[key, condition]))
        for key in keys
        for condition in conditions
    )


def _five(counts: Counter[int]) -> tuple[int, int, int, int, int]:
    one, two, three, four, five = (counts[value] for value in range(1, 6))
    return one, two, three, four, five
