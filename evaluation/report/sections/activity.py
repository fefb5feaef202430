"""What participants did in the rated task, from the log."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from evaluation.report.document import Cell, Picture, Section, Sentence, Table, behind, number
from evaluation.report.facts.answers import Measured
from evaluation.report.numbers import spread
from evaluation.report.sections.comparing import compared_alike, head, row, sentence
from evaluation.report.telling import MEASURES, Telling
from evaluation.stats.measures import TAKEN_UP_WITHIN


def section(telling: Telling) -> Section:
    measured = telling.found.measures
    compared = [one for one in measured if one.contrast is not None]
    described = [one for one in measured if one.contrast is None]
    if not any(values for one in measured for values in one.values.values()):
        told = _("There is no log of the rated task.")
        return Section("activity", _("What participants did"), [Sentence(told)])
    return Section(
        key="activity",
        title=_("What participants did (exploratory)"),
        sentences=[
            sentence(telling, label(one), one.contrast, behind("measures", measure=one.key))
            for one in compared
            if one.contrast is not None and (one.contrast.p_holm or 1) < 0.05
        ]
        or [Sentence(_("No measure differs between the conditions after Holm's correction."))],
        pictures=(
            Picture(
                "measures",
                _("Measures of the log, one dot per participant; the bar is the median."),
                _("The values are in the table below."),
            ),
        ),
        tables=(_compared(telling, compared), *_described(telling, described)),
        computed=(
            _(
                "From the event log of the rated task, one number per participant. Seconds count"
                " from the opening of the workspace. Edits are all changes of categories and their"
                " pictures; per category, over the categories that ever were. Balance is Pielou's"
                " evenness (1966). Overlap is the share of pictures whose nearest other picture, by"
                " the cosine of the backbone's features, lies in another category; it is missing"
                " where a picture has no features yet. Advice counts as taken up when, within"
                " %(seconds)d seconds, a change used a category or picture that it named."
            )
            % {"seconds": TAKEN_UP_WITHIN},
            compared_alike(),
        ),
    )


def label(one: Measured) -> str:
    return str(MEASURES.get(one.key, one.key))


def _compared(telling: Telling, measured: Sequence[Measured]) -> Table:
    found = telling.found
    rows = []
    for one in measured:
        if one.contrast is None:
            continue
        of = (
            behind("measures", measure=one.key, condition=found.treatment),
            behind("measures", measure=one.key, condition=found.control),
        )
        groups = (one.of(found.treatment), one.of(found.control))
        every = behind("measures", measure=one.key)
        rows.append(row(label(one), one.contrast, groups, every, of))
    return Table(_("Measures compared"), head(telling, _("Measure")), rows)


def _described(telling: Telling, measured: Sequence[Measured]) -> Sequence[Table]:
    if not measured:
        return ()
    return [
        Table(
            _("What only the agents bring: described for %s") % condition,
            (_("Measure"), "n", _("median [IQR]")),
            [
                (
                    Cell(label(one)),
                    number(str(len(one.of(condition)))),
                    number(
                        spread(one.of(condition)),
                        behind("measures", measure=one.key, condition=condition),
                    ),
                )
                for one in measured
                if condition in one.values
            ],
        )
        for condition in measured[0].values
    ]
