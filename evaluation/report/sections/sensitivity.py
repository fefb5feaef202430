"""The same question asked in other ways, each with its label."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from evaluation.report.document import Cell, Section, Sentence, Table, behind, number
from evaluation.report.numbers import count, fixed, p_value
from evaluation.report.telling import Telling, or_why
from evaluation.stats.analysis import CriterionAnalysis


def section(telling: Telling) -> Section:
    analyses = telling.found.analyses
    return Section(
        key="sensitivity",
        title=_("Sensitivity"),
        sentences=[
            Sentence(
                _(
                    "The analyses below repeat the comparison in other ways. They decide nothing;"
                    " they show whether the primary finding hangs on a choice."
                )
            )
        ],
        tables=(
            _others(analyses),
            *_without(analyses),
            *_with_excluded(telling),
            _pooled(telling),
        ),
        computed=(
            _(
                "Brunner and Munzel's test (2000) allows different spreads (t approximation)."
                " “Within blocks” is the exact rank-sum test permuted within the blocks of the"
                " randomisation, which is the test of the design as it was drawn (Rosenberger and"
                " Lachin, 2016); ranks are of all participants, and a block in which only one"
                " condition is left cannot vary and drops out. “Without a rater”"
                " repeats the primary test on the means over the other raters. None of these"
                " is corrected for the number of tests."
            ),
        ),
    )


def _others(analyses: Sequence[CriterionAnalysis]) -> Table:
    return Table(
        _("Other tests of the same difference"),
        (
            _("Criterion"),
            _("primary p"),
            _("Brunner–Munzel"),
            _("Within blocks: p"),
            _("blocks (participants)"),
        ),
        [_other(one) for one in analyses],
    )


def _other(one: CriterionAnalysis) -> Sequence[Cell]:
    test, blocks = one.primary.brunner_munzel, one.blocks
    shown = f"t({fixed(test.freedom, 1)}) = {fixed(test.statistic)}, p = {p_value(test.p)}"
    rows = behind("means", criterion=one.criterion)
    return (
        Cell(one.criterion.upper()),
        number(p_value(one.primary.test.p), rows),
        number(or_why(shown, test.undefined), rows),
        number("–" if blocks is None else or_why(p_value(blocks.p), blocks.undefined), rows),
        number(
            "–" if blocks is None else f"{blocks.blocks} ({blocks.participants})",
            behind("people"),
        ),
    )


def _without(analyses: Sequence[CriterionAnalysis]) -> Iterator[Table]:
    raters = sorted({w.rater for one in analyses for w in one.without_rater})
    if not raters:
        return
    p_of = {(one.criterion, w.rater): w.test.p for one in analyses for w in one.without_rater}
    yield Table(
        _("p of the primary test without one rater at a time"),
        (_("Without"), *(one.criterion.upper() for one in analyses)),
        [
            (
                Cell(rater, behind("ratings", rater=rater)),
                *(
                    number(
                        p_value(p_of.get((one.criterion, rater))),
                        behind("ratings", criterion=one.criterion),
                    )
                    for one in analyses
                ),
            )
            for rater in raters
        ],
    )


def _with_excluded(telling: Telling) -> Iterator[Table]:
    """As assigned, whoever was excluded with them."""
    found = telling.found.with_excluded
    if found is None:
        return
    yield Table(
        _("The primary test with the excluded participants, as they were assigned"),
        (_("Criterion"), "n", "U", "p", "A"),
        [
            (
                Cell(one.criterion.upper()),
                number(f"{one.test.n_x} / {one.test.n_y}", behind("people", excluded="1")),
                number(count(one.test.u), behind("ratings", criterion=one.criterion)),
                number(or_why(p_value(one.test.p), one.test.undefined)),
                number(fixed(one.test.superiority)),
            )
            for one in found.rows
        ],
    )


def _pooled(telling: Telling) -> Table:
    return Table(
        _("As in the paper: treats dependent ratings as independent"),
        (_("Criterion"), _("scores"), "U", "p", "A"),
        [
            (
                Cell(one.criterion.upper()),
                number(
                    f"{one.pooled.n_x} / {one.pooled.n_y}",
                    behind("ratings", criterion=one.criterion),
                ),
                number(count(one.pooled.u), behind("ratings", criterion=one.criterion)),
                number(or_why(p_value(one.pooled.p), one.pooled.undefined)),
                number(fixed(one.pooled.superiority)),
            )
            for one in telling.found.analyses
        ],
        notes=(
            _(
                "Every rater's score counts as one value (normal approximation, corrected for ties"
                " and continuity). Scores of the same participant depend on each other and are"
                " treated here as independent, which makes p too small. Only for comparison with"
                " the publication."
            ),
        ),
    )
