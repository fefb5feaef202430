"""How far the raters agree with each other and with themselves."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from evaluation.report.document import Cell, Section, Sentence, Table, behind, number
from evaluation.report.numbers import fixed, interval, signed
from evaluation.report.telling import Telling, interval_or_why, or_why
from evaluation.stats.analysis import CriterionAnalysis
from evaluation.stats.icc import FORMS
from evaluation.stats.interval import Interval
from evaluation.stats.krippendorff import METRICS

NAMES = {
    "icc_1_1": "ICC(1,1)",
    "icc_2_1": "ICC(2,1)",
    "icc_3_1": "ICC(3,1)",
    "icc_1_k": "ICC(1,k)",
    "icc_2_k": "ICC(2,k)",
    "icc_3_k": "ICC(3,k)",
}


def section(telling: Telling) -> Section:
    found = telling.found
    return Section(
        key="agreement",
        title=_("Agreement of the raters"),
        sentences=[_sentence(one) for one in found.analyses],
        tables=(
            _alphas(found.analyses),
            _iccs(found.analyses),
            _raters(telling),
            *_pairs(found.analyses),
        ),
        computed=(
            _(
                "Krippendorff's α (2011) for nominal, ordinal and interval data, missing scores"
                " allowed; its interval is of the percentiles of 2,000 bootstrap samples of"
                " participants (Zapf et al., 2016), with a fixed seed, so that the same data give"
                " the same bounds. ICCs are Shrout and Fleiss's (1979) six forms with McGraw"
                " and Wong's (1996) intervals, of the participants whom every rater scored: (1)"
                " other raters for each, (2) raters as a sample, absolute agreement, (3) these"
                " raters, consistency; 1 for one rater's score, k for the mean of all."
            ),
            _(
                "κ is quadratically weighted (Cohen, 1968), per pair of raters. Severity is how"
                " many points lower a rater scores than the average rater does on the same"
                " participants (least squares). With oneself: scores of the submissions that were"
                " shown a second time."
            ),
        ),
    )


def _sentence(one: CriterionAnalysis) -> Sentence:
    alpha = one.agreement.alpha_of("ordinal")
    told = _("%(name)s: Krippendorff's α (ordinal) %(alpha)s, ICC(2,k) %(icc)s.")
    icc = one.agreement.icc.form("icc_2_k")
    values = {
        "name": one.criterion.upper(),
        "alpha": _with(alpha.value, alpha.interval, alpha.undefined),
        "icc": _with(icc.value, icc.interval, icc.undefined),
    }
    return Sentence(told % values, behind("ratings", criterion=one.criterion))


def _with(value: float | None, bounds: Interval, undefined: str | None) -> str:
    if value is None:
        return or_why("", undefined)
    return f"= {fixed(value)} {interval_or_why(bounds, interval(bounds))}"


def _cell(value: float | None, bounds: Interval, undefined: str | None, rows: str) -> Cell:
    return number(_with(value, bounds, undefined).removeprefix("= "), rows)


def _alphas(analyses: Sequence[CriterionAnalysis]) -> Table:
    names = {"nominal": _("nominal"), "ordinal": _("ordinal"), "interval": _("interval")}
    return Table(
        _("Krippendorff's α [95 % CI]"),
        (_("Criterion"), *(names[metric] for metric in METRICS)),
        [
            (
                Cell(one.criterion.upper()),
                *(
                    _cell(
                        alpha.value,
                        alpha.interval,
                        alpha.undefined,
                        behind("ratings", criterion=one.criterion),
                    )
                    for alpha in one.agreement.alpha
                ),
            )
            for one in analyses
        ],
    )


def _iccs(analyses: Sequence[CriterionAnalysis]) -> Table:
    return Table(
        _("Intraclass correlations [95 % CI]"),
        (_("Criterion"), _("participants"), *(NAMES[form] for form in FORMS)),
        [
            (
                Cell(one.criterion.upper()),
                number(str(one.agreement.icc.participants)),
                *(
                    _cell(
                        icc.value,
                        icc.interval,
                        icc.undefined,
                        behind("ratings", criterion=one.criterion),
                    )
                    for icc in one.agreement.icc.forms
                ),
            )
            for one in analyses
        ],
    )


def _raters(telling: Telling) -> Table:
    """Severity by criterion, and each rater's agreement with themselves."""
    analyses = telling.found.analyses
    severity = {
        (one.criterion, one.agreement.raters[own.rater]): own.points
        for one in analyses
        for own in one.agreement.severities
    }
    return Table(
        _("Raters one by one: severity in points, and scores given twice"),
        (
            _("Rater"),
            _("scores"),
            _("cannot judge"),
            *(f"{one.criterion.upper()}" for one in analyses),
            _("scored twice"),
            _("identical"),
            _("κ with oneself"),
        ),
        [
            (
                Cell(rater.code, behind("ratings", rater=rater.code)),
                number(str(rater.scores), behind("ratings", rater=rater.code)),
                number(str(rater.cannot_judge), behind("ratings", rater=rater.code, score="")),
                *(
                    number(
                        signed(severity.get((one.criterion, rater.code))),
                        behind("ratings", rater=rater.code, criterion=one.criterion),
                    )
                    for one in analyses
                ),
                number(str(rater.repeats.pairs), behind("repeats", rater=rater.code)),
                number(
                    "–"
                    if rater.repeats.identical is None
                    else f"{100 * rater.repeats.identical:.0f} %",
                    behind("repeats", rater=rater.code),
                ),
                number(fixed(rater.repeats.kappa.value), behind("repeats", rater=rater.code)),
            )
            for rater in telling.found.rated_by
        ],
    )


def _pairs(analyses: Sequence[CriterionAnalysis]) -> Sequence[Table]:
    """None with a single rater or with very many."""
    pairs = analyses[0].agreement.kappas if analyses else ()
    if not pairs:
        return ()
    names = analyses[0].agreement.raters
    kappa = {
        (one.criterion, one.agreement.raters[p.first], one.agreement.raters[p.second]): p.kappa
        for one in analyses
        for p in one.agreement.kappas
    }
    rows = []
    for pair in pairs:
        two = (names[pair.first], names[pair.second])
        cells = []
        for one in analyses:
            found = kappa.get((one.criterion, *two))
            shown = "–" if found is None else or_why(fixed(found.value), found.undefined)
            cells.append(number(shown, behind("ratings", criterion=one.criterion)))
        rows.append((Cell(" – ".join(two)), *cells))
    head = (_("Pair"), *(one.criterion.upper() for one in analyses))
    return (Table(_("Weighted κ of every pair of raters"), head, rows),)
