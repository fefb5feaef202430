"""Did the raters know the condition?"""

from django.utils.translation import gettext as _

from evaluation.report.document import Cell, Section, Sentence, Table, behind, number
from evaluation.report.facts.raters import Blinding
from evaluation.report.numbers import fixed, interval
from evaluation.report.telling import Telling, interval_or_why, or_why
from evaluation.stats.blinding import BlindingIndex


def section(telling: Telling) -> Section:
    found = telling.found.blinding
    if found is None:
        told = _("No rater was asked to guess the conditions, so blinding was not measured.")
        return Section("blinding", _("Blinding of the raters"), [Sentence(told)])
    return Section(
        key="blinding",
        title=_("Blinding of the raters"),
        sentences=[_sentence(condition, index) for condition, index in found.bang.items()],
        tables=(_guesses(telling, found), _indices(found)),
        computed=(
            _(
                "After their last score was locked, raters guessed the condition of each"
                " submission. Bang's index (2004) is, per condition, the share of right guesses"
                " less that of wrong ones: 0 is chance, 1 all right, −1 all wrong. James's index"
                " (1996) is of all guesses: 1 if nobody can tell, 0.5 by chance, 0 if all are"
                " right. Guesses of one rater depend on each other, so the intervals are a little"
                " too short."
            ),
        ),
    )


def _shown(index: BlindingIndex) -> str:
    bounds = interval_or_why(index.interval, interval(index.interval))
    return or_why(f"{fixed(index.value)} {bounds}", index.undefined)


def _sentence(condition: str, index: BlindingIndex) -> Sentence:
    told = _("%(condition)s: Bang's blinding index %(index)s from %(n)d guesses.")
    values = {"condition": condition, "index": _shown(index), "n": index.guesses}
    return Sentence(told % values, behind("guesses", condition=condition))


def _guesses(telling: Telling, found: Blinding) -> Table:
    answers = (*telling.found.conditions, "")
    return Table(
        _("Guesses (rows: the true condition)"),
        ("", *telling.found.conditions, _("cannot tell")),
        [
            (
                Cell(condition),
                *(
                    number(
                        str(counts.get(answer, 0)),
                        behind("guesses", condition=condition, guess=answer),
                    )
                    for answer in answers
                ),
            )
            for condition, counts in found.guesses.items()
        ],
    )


def _indices(found: Blinding) -> Table:
    rows = [
        (Cell(f"Bang, {condition}"), number(_shown(index)), number(str(index.guesses)))
        for condition, index in found.bang.items()
    ]
    rows.append((Cell("James"), number(_shown(found.james)), number(str(found.james.guesses))))
    return Table(_("Indices"), ("", _("index [95 % CI]"), _("guesses")), rows)
