"""The scores that the results page counts, and what it makes of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from evaluation import queries
from evaluation.stats.ranksum import holm
from evaluation.stats.units import Comparison, as_in_the_paper, compare
from evaluation.work.export_scope import Scope
from evaluation.work.results import primary_criteria
from study.models import Study
from study.rules.protocol import ProtocolFile


@dataclass(frozen=True)
class Outcomes:
    """The comparison in both units, as the results page has it."""

    participant: Comparison
    pooled: Comparison


def outcomes(study: Study) -> Outcomes:
    protocol = study.protocol.read()
    rating = protocol.rating
    keys = [one.key for one in rating.criteria]
    rows = [row for row in queries.score_rows(study) if row.criterion in keys]
    asked = (rows, rating.treatment, rating.control, keys)
    compared = compare(*asked)
    p_of = {row.criterion: row.test.p for row in compared.rows}
    adjusted: dict[str, float | None] = {}
    for family in families(protocol):
        adjusted |= holm({key: p_of[key] for key in family})
    own = tuple(replace(row, p_holm=adjusted[row.criterion]) for row in compared.rows)
    return Outcomes(replace(compared, rows=own), as_in_the_paper(*asked))


def families(protocol: ProtocolFile) -> list[list[str]]:
    """What Holm's correction counts together: the primary criteria, and the others."""
    keys = [one.key for one in protocol.rating.criteria]
    primary = list(primary_criteria(protocol, keys))
    return [family for family in (primary, [k for k in keys if k not in primary]) if family]


def outcome_rows(scope: Scope) -> Iterator[Sequence[object]]:
    """As the statistics get them: by rater, participant and criterion."""
    names = {one.code: one.name for one in scope.people.values()}
    raters = {one.code: one.name for one in scope.raters.values()}
    rows = [
        (raters[row.rater], names[row.participant], row.condition, row.criterion, row.score)
        for row in queries.score_rows(scope.study)
        if row.participant in names
    ]
    yield from sorted(rows)
