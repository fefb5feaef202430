"""A difference between two conditions as a sentence and as a row of a table."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from evaluation.report.document import Cell, Sentence, number
from evaluation.report.numbers import count, equals_p, fixed, interval, p_value, short, spread
from evaluation.report.telling import Telling, interval_or_why, method_of, or_why, why
from evaluation.stats.contrast import Contrast

LEVEL = 0.05


def sentence(telling: Telling, name: str, found: Contrast, rows: str) -> Sentence:
    """What was found of one measure, as a results section says it."""
    test = found.test
    if test.undefined:
        told = _("%(name)s: the conditions cannot be compared, since %(why)s.")
        return Sentence(told % {"name": name, "why": why(test.undefined)}, rows)
    values = telling.versus | {
        "name": name,
        "a": fixed(test.superiority),
        "interval": interval(found.superiority),
        "u": count(test.u),
        "p": equals_p(test.p),
        "holm": equals_p(found.p_holm),
    }
    exact = test.method == "exact"
    numbers = (
        _("A = %(a)s %(interval)s, U = %(u)s, exact p %(p)s, Holm p %(holm)s")
        if exact
        else _("A = %(a)s %(interval)s, U = %(u)s, approximate p %(p)s, Holm p %(holm)s")
    )
    if found.p_holm is None or found.p_holm >= LEVEL:
        told = _(
            "%(name)s: no difference could be shown between %(treatment)s and %(control)s,"
            " %(numbers)s."
        )
    elif (test.superiority or 0) > 0.5:
        told = _("%(name)s: %(treatment)s participants scored higher, %(numbers)s.")
    else:
        told = _("%(name)s: %(treatment)s participants scored lower, %(numbers)s.")
    return Sentence(told % (values | {"numbers": numbers % values}), rows)


def head(telling: Telling, first: str) -> Sequence[str]:
    median = _("median [IQR]")
    return (
        first,
        "n",
        f"{telling.found.treatment}: {median}",
        f"{telling.found.control}: {median}",
        "U",
        "p",
        _("Holm p"),
        _("A [95 % CI]"),
        _("Cliff's δ"),
        _("Shift [95 % CI]"),
    )


def row(
    name: str,
    found: Contrast,
    groups: tuple[Sequence[float], Sequence[float]],
    rows: str,
    of: tuple[str, str],
) -> Sequence[Cell]:
    """`rows`: of both conditions; `of`: of the treatment's and of the control's values."""
    test, shift = found.test, found.shift_interval
    method = method_of(found)
    p = f"{p_value(test.p)} ({method})" if method != _("exact") and method else p_value(test.p)
    bounds = found.superiority
    a = f"{fixed(test.superiority)} {interval_or_why(bounds, interval(bounds))}"
    moved = f"{short(found.shift)} {interval_or_why(shift, interval(shift))}"
    nothing = test.undefined == "empty_group"
    return (
        Cell(name, rows),
        number(f"{test.n_x} / {test.n_y}", rows),
        number(spread(groups[0]), of[0]),
        number(spread(groups[1]), of[1]),
        number(count(test.u), rows),
        number(or_why(p, test.undefined), rows),
        number(p_value(found.p_holm), rows),
        number(or_why("", "empty_group") if nothing else a, rows),
        number(fixed(test.cliffs_delta), rows),
        number(or_why("", "empty_group") if nothing else moved, rows),
    )


def how_compared() -> Sequence[str]:
    """The definitions behind every comparison of two conditions."""
    return (
        _(
            "The two conditions are compared by the two-sided rank-sum test of Wilcoxon, Mann and"
            " Whitney on one value per participant. It is exact and conditional: p is the share of"
            " all ways to divide the observed values between the conditions whose rank sum W is at"
            " least as far from its expectation as the observed one, P(|W − E W| ≥ |w − E W|), with"
            " mid-ranks for ties (shift algorithm of Streitberg and Röhmel, 1986). Groups too large"
            " to count get the normal approximation with corrections for ties and continuity, and"
            " are marked so. Tests are two-sided at 5 %."
        ),
        _(
            "U counts the pairs of participants in which the first condition is higher, ties as one"
            " half. A = U/(n₁n₂) is the chance that a participant of the first condition is higher"
            " than one of the second (Vargha and Delaney, 2000); Cliff's δ = 2A − 1. The interval"
            " of A is Newcombe's (2006), method 5, at 95 %. The shift is Hodges and Lehmann's"
            " median difference in points, with the exact interval of Moses (Bauer, 1972);"
            " with ties it covers at least 95 %, and may hold 0 beside a p below 5 %"
            " (Noether, 1967)."
        ),
        _(
            "Holm's step-down correction (1979) is over the rows of one table that have a p:"
            " primary criteria, secondary criteria, questionnaires and log measures are a family"
            " each. Quartiles are linearly interpolated (type 7 of Hyndman and Fan, 1996)."
        ),
    )


def compared_alike() -> str:
    return _(
        "Compared like the ratings (see there), on one value per participant; Holm's correction is"
        " over the rows of this table that have a p."
    )
