"""The outcome: experts' ratings, the participant being the unit."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluation.report.document import Cell, Picture, Section, Sentence, Table, behind, number
from evaluation.report.numbers import p_value
from evaluation.report.sections.comparing import head, how_compared, row, sentence
from evaluation.report.telling import Telling
from evaluation.stats.analysis import CriterionAnalysis
from evaluation.stats.design import reachable_p


def section(telling: Telling) -> Section:
    found = telling.found
    primary = [one for one in found.analyses if one.criterion in found.primary]
    others = [one for one in found.analyses if one.criterion not in found.primary]
    return Section(
        key="ratings",
        title=_("Ratings by experts (primary analysis)"),
        sentences=(
            *(_sentence(telling, one) for one in primary),
            *_secondary(telling, others),
        ),
        warning=_missing(telling),
        pictures=_pictures(),
        tables=tuple(_tables(telling, primary, others)),
        computed=(counted(telling), *how_compared(), *_reachable(telling, primary)),
    )


def _sentence(telling: Telling, one: CriterionAnalysis) -> Sentence:
    rows = behind("means", criterion=one.criterion)
    return sentence(telling, one.criterion.upper(), one.primary, rows)


def _secondary(telling: Telling, others: Sequence[CriterionAnalysis]) -> Iterator[Sentence]:
    if others:
        yield Sentence(_("Secondary criteria, corrected among themselves:"))
    yield from (_sentence(telling, one) for one in others)


def _missing(telling: Telling) -> str:
    missing = telling.found.expected - telling.found.scores
    if missing <= 0:
        return ""
    return ngettext(
        "%(n)d score is missing. A participant's value is the mean of the scores that are there.",
        "%(n)d scores are missing. A participant's value is the mean of the scores that are there.",
        missing,
    ) % {"n": missing}


def _pictures() -> Sequence[Picture]:
    return (
        Picture(
            "criteria",
            _("Every score that was given, per criterion and condition, around the middle score."),
            _("Stacked bars of the scores 1 to 5; the numbers are in the table “Scores”."),
        ),
        Picture(
            "means",
            _("Participants' mean scores over the raters; the bar is the median."),
            _("One dot per participant; medians and quartiles are in the table of tests."),
        ),
        Picture(
            "effects",
            _("Effect sizes A with 95 % intervals; 0.5 is no difference."),
            _("One line per criterion; the values are in the table of tests."),
        ),
    )


def _tables(
    telling: Telling, primary: Sequence[CriterionAnalysis], others: Sequence[CriterionAnalysis]
) -> Iterator[Table]:
    yield _tests(telling, primary, _("Participants as the unit: the primary tests"))
    if others:
        yield _tests(telling, others, _("Participants as the unit: secondary criteria"))
    yield _scores(telling)
    yield Table(
        _("The criteria"),
        (_("Criterion"), _("What raters were asked")),
        [
            (Cell(c.key.upper()), Cell(telling.text(c.text)))
            for c in telling.protocol.rating.criteria
        ],
    )


def _tests(telling: Telling, listed: Sequence[CriterionAnalysis], caption: str) -> Table:
    found = telling.found
    return Table(
        caption,
        head(telling, _("Criterion")),
        [
            row(
                one.criterion.upper(),
                one.primary,
                (
                    tuple(found.means[one.criterion][found.treatment].values()),
                    tuple(found.means[one.criterion][found.control].values()),
                ),
                behind("means", criterion=one.criterion),
                (
                    behind("means", criterion=one.criterion, condition=found.treatment),
                    behind("means", criterion=one.criterion, condition=found.control),
                ),
            )
            for one in listed
        ],
    )


def _scores(telling: Telling) -> Table:
    """How often each score was given."""
    return Table(
        _("Scores"),
        (_("Criterion"), _("Condition"), "1", "2", "3", "4", "5", "n"),
        [
            (
                Cell(bar.item),
                Cell(bar.group),
                *(
                    number(
                        str(times),
                        behind(
                            "ratings", criterion=bar.item.lower(), condition=bar.group, score=score
                        ),
                    )
                    for score, times in enumerate(bar.counts, start=1)
                ),
                number(
                    str(bar.total),
                    behind("ratings", criterion=bar.item.lower(), condition=bar.group),
                ),
            )
            for bar in telling.found.criteria
        ],
    )


def counted(telling: Telling) -> str:
    """What counts as a value, and how what is missing counts."""
    rules = telling.protocol.rating
    empty = {
        "rate": _("Submissions without a picture were rated as they are."),
        "skip": _("Submissions without a picture were left out."),
        "lowest": _("Submissions without a picture count as the lowest score."),
    }[rules.empty]
    dropouts = {
        "rate": _("Whoever handed in counts, whether or not they completed the study."),
        "skip": _("Only whoever completed the study counts."),
    }[rules.dropouts]
    return " ".join(
        (
            _(
                "The unit of analysis is the participant: each one's scores on a criterion are"
                " averaged over the raters who scored, since the scores of one submission depend on"
                " each other."
            ),
            empty,
            dropouts,
        )
    )


def _reachable(telling: Telling, primary: Sequence[CriterionAnalysis]) -> Iterator[str]:
    """The smallest p that groups of this size can reach."""
    tests = [one.primary.test for one in primary if one.primary.test.p is not None]
    if not tests:
        return
    n_x, n_y = tests[0].n_x, tests[0].n_y
    values = {
        "x": n_x,
        "y": n_y,
        "p": p_value(reachable_p(n_x, n_y)),
        "holm": p_value(reachable_p(n_x, n_y, len(tests))),
    }
    yield (
        _(
            "With %(x)d against %(y)d participants the smallest p that can be reached is %(p)s;"
            " for the first of the criteria after Holm's correction, %(holm)s."
        )
        % values
    )
